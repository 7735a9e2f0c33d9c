from datetime import UTC, datetime

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.baskets import NO_TIME
from training.encode import encode, encode_as_is
from training.read import open_orders


@pytest.fixture(scope="module")
def connection():
    return duckdb.connect()


text = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=4)


@settings(max_examples=300, deadline=None)
@given(st.lists(text, unique=True, max_size=20))
def test_the_database_sorts_text_by_its_bytes(connection, values):
    connection.register("given", pa.table({"value": pa.array(values, pa.string())}))
    found = [value for (value,) in connection.execute("SELECT value FROM given ORDER BY value").fetchall()]
    assert found == sorted(values, key=str.encode)


clean = st.fixed_dictionaries(
    {
        "items": st.lists(text, unique=True, min_size=1, max_size=6),
        "customers": st.lists(text, unique=True, min_size=1, max_size=3),
        "orders": st.lists(
            st.tuples(
                st.one_of(st.none(), st.integers(0, 3)), st.integers(0, 9), st.one_of(st.none(), st.integers(0, 2))
            ),
            min_size=1,
            max_size=6,
        ),
        "lines": st.dictionaries(
            st.tuples(st.integers(0, 5), st.integers(0, 5)),
            st.tuples(
                st.integers(1, 9), st.one_of(st.none(), st.floats(0, 9)), st.one_of(st.none(), st.integers(0, 2))
            ),
            min_size=1,
        ),
    }
)


def lay(connection, shop):
    """The four tables of a shop; keys run backwards, so that their order says nothing."""
    items, orders, customers = shop["items"], shop["orders"], shop["customers"]
    lines = {key: line for key, line in shop["lines"].items() if key[0] < len(orders) and key[1] < len(items)}
    tables = {
        "clean_items": {
            "i": [-place for place in range(len(items))],
            "item_id": items,
            "sold": [float(place) for place in range(len(items))],
            "returned": [place / 2 for place in range(len(items))],
        },
        "clean_customers": {"c": [-place for place in range(len(customers))], "customer_id": customers},
        "clean_orders": {
            "o": [-place for place in range(len(orders))],
            "placed": pa.array([order[0] for order in orders], pa.int64()),
            "first_line": [order[1] for order in orders],
            "c": pa.array([None if order[2] is None else -order[2] for order in orders], pa.int64()),
        },
        "clean_lines": {
            "o": [-key[0] for key in lines],
            "i": [-key[1] for key in lines],
            "quantity": [float(line[0]) for line in lines.values()],
            "price": pa.array([line[1] for line in lines.values()], pa.float64()),
            "cost": pa.array([None] * len(lines), pa.float64()),
            "line": pa.array([line[2] for line in lines.values()], pa.int64()),
        },
    }
    for name, columns in tables.items():
        connection.register("given", pa.table(columns))
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT * FROM given")
        connection.unregister("given")
    return lines


@settings(max_examples=60, deadline=None)
@given(clean, st.integers(2, 4))
def test_against_a_naive_encoder(connection, shop, most):
    lines = lay(connection, shop)
    baskets = encode(connection, most, has_line_order=True)
    items = sorted({shop["items"][i] for _, i in lines}, key=str.encode)
    kept = sorted(
        {o for o, _ in lines},
        key=lambda o: (shop["orders"][o][0] is not None, shop["orders"][o][0] or 0, shop["orders"][o][1], -o),
    )
    buyers = [shop["orders"][o][2] for o in kept]
    buyers = [None if c is None or c >= len(shop["customers"]) else shop["customers"][c] for c in buyers]
    customers = sorted({name for name in buyers if name is not None}, key=str.encode)
    assert (list(baskets.item_ids), list(baskets.customer_ids)) == (items, customers)
    assert baskets.times.tolist() == [NO_TIME if shop["orders"][o][0] is None else shop["orders"][o][0] for o in kept]
    assert baskets.customers.tolist() == [-1 if name is None else customers.index(name) for name in buyers]
    expected = []
    for o in kept:
        inside = [
            (line[2] is None, line[2] or 0, items.index(shop["items"][i]), i)
            for (p, i), line in lines.items()
            if p == o
        ]
        expected += [(row, o, i) for *_, row, i in sorted(inside)]
    assert baskets.items.tolist() == [row for row, _, _ in expected]
    assert baskets.quantities.tolist() == [lines[o, i][0] for _, o, i in expected]
    prices = [np.nan if lines[o, i][1] is None else lines[o, i][1] for _, o, i in expected]
    np.testing.assert_array_equal(baskets.prices, prices)
    assert np.isnan(baskets.costs).all()
    sizes = [sum(p == o for p, _ in lines) for o in kept]
    assert baskets.sizes.tolist() == sizes
    assert baskets.countable.tolist() == [size <= most for size in sizes]
    assert baskets.sold.tolist() == [float(shop["items"].index(item)) for item in items]
    assert baskets.returned.tolist() == [shop["items"].index(item) / 2 for item in items]


def test_types_and_meanings():
    connection = duckdb.connect()
    lay(
        connection,
        {
            "items": ["z", "é", "a"],
            "customers": ["ann"],
            "orders": [(20, 0, 0), (10, 1, None)],
            "lines": {(0, 0): (2, 1.5, None), (0, 1): (1, None, None), (1, 2): (1, 0.0, None)},
        },
    )
    baskets = encode(connection, 200)
    assert baskets.item_ids == ["a", "z", "é"]
    assert baskets.times.tolist() == [10, 20]
    assert baskets.items.tolist() == [0, 1, 2]
    assert baskets.customers.tolist() == [-1, 0]
    dtypes = [baskets.offsets, baskets.items, baskets.quantities, baskets.prices, baskets.costs, baskets.times]
    assert [one.dtype.str for one in dtypes] == ["<i8", "<i4", "<f4", "<f8", "<f8", "<i8"]
    assert (baskets.customers.dtype, baskets.countable.dtype) == (np.int32, np.bool_)
    assert not baskets.has_line_order


def test_the_file_as_it_is():
    table = pa.table(
        {
            "order_id": ["b", "a", "b", "b", None, "a"],
            "item_id": ["POST", "cup", "POST", "jug", "jug", None],
            "customer_id": ["ann", None, "ann", "bob", None, None],
            "ordered_at": ["2026-01-02", "2026-01-01", "2026-01-02", "2026-01-02", None, None],
            "quantity": [1.0, -1.0, 4.0, float("nan"), 1.0, 1.0],
        }
    )
    baskets = encode_as_is(open_orders(table))
    assert baskets.item_ids == ["POST", "cup", "jug"]
    assert baskets.items.tolist() == [1, 0, 2]
    assert baskets.quantities.tolist() == [1, 4, 1]
    assert baskets.times[0] == datetime(2026, 1, 1, tzinfo=UTC).timestamp()
    assert (baskets.customer_ids, baskets.customers.tolist()) == (["ann"], [-1, 0])
    assert baskets.countable.all()
