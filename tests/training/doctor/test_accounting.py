import json

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.errors import DataError
from training.doctor.report import FATES
from training.doctor.text import report_text

ids = st.sampled_from(["1", "2", "C1", "", " ", "a\nb", "x" * 300, "POST", "85123A", "85123a", "guest", None])
times = st.sampled_from(["2026-01-01", "2026-01-05T10:00:00Z", "1970-01-01", "2100-01-01", "soon", "", None])
numbers = st.sampled_from(["1", "2", "-1", "-3", "0", "250", "20000", "NaN", "-inf", "1e300", "few", "", None])
lines = st.tuples(ids, ids, ids, times, numbers, numbers, numbers)
COLUMNS = ("order_id", "item_id", "customer_id", "ordered_at", "quantity", "unit_price", "discount")


@settings(max_examples=25, deadline=None)
@given(st.lists(lines, min_size=1, max_size=40), st.booleans(), st.integers(2, 5))
def test_every_line_is_accounted_for(examine, rows, merge, most):
    columns = zip(*rows, strict=True)
    table = pa.table({name: pa.array(cells, pa.string()) for name, cells in zip(COLUMNS, columns, strict=True)})
    try:
        checked = examine(table, merge_similar_ids=merge, max_basket_items=most)
    except DataError as error:
        if "no valid order is left" not in str(error):
            raise
        return
    report, baskets = checked.report, checked.baskets
    assert report.lines_read == len(rows)
    assert sum(report.accounting.values()) == len(rows)
    assert set(report.accounting) <= set(FATES)
    assert report.accounting["kept"] == len(baskets.items) == report.lines
    assert (baskets.sizes > 0).all()
    assert (baskets.quantities > 0).all()
    assert sum((report.readiness.rules, report.readiness.category, report.readiness.bestsellers)) == report.items
    assert all(0 <= one.share <= 1 and len(one.examples) <= 3 for one in report.findings)
    json.dumps(report.as_json(), allow_nan=False)
    assert max(map(len, report_text(report).splitlines())) <= 90


@settings(max_examples=8, deadline=None)
@given(st.lists(lines, min_size=1, max_size=30))
def test_the_same_lines_give_the_same_report(examine, rows):
    table = pa.table(
        {name: pa.array(cells, pa.string()) for name, cells in zip(COLUMNS, zip(*rows, strict=True), strict=True)}
    )
    try:
        first, second = examine(table), examine(table)
    except DataError:
        return
    assert first.report == second.report
    assert first.baskets.prices.tobytes() == second.baskets.prices.tobytes()
    assert first.baskets.items.tolist() == second.baskets.items.tolist()
