from datetime import UTC, datetime

import pytest

from training.baskets import NO_TIME

DAY = 86_400
FIRST = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp())


def test_orders_without_a_usable_time_count_as_the_oldest(examine, finding):
    checked = examine("""
        order_id item_id ordered_at
        late cup 2026-01-03
        soon cup 2026-11-23
        bad jug 31.12.2026
        old cup 1989-12-31T23:59:59
        none cup ·
        first jug 2026-01-01
        a jug 2026-01-02
        b jug 2026-01-02
        c jug 2026-01-02
        d jug 2026-11-22
    """)
    times = checked.baskets.times
    assert checked.baskets.has_times
    assert ((times[:5] == FIRST).all(), times[5] - FIRST, times[9] > FIRST) == (True, DAY, True)
    assert finding(checked, "future-times").examples == ({"line": 2, "order_id": "soon", "ordered_at": "2026-11-23"},)
    assert finding(checked, "unreadable-times").lines == 1
    assert finding(checked, "ancient-times").lines == 1
    assert finding(checked, "missing-times").examples[0]["line"] == 5


def test_where_most_orders_lack_a_time_none_has_one(examine):
    checked = examine("""
        order_id item_id ordered_at
        1 cup yesterday
        2 cup ·
        3 cup 2026-01-01
    """)
    assert checked.baskets.times.tolist() == [NO_TIME] * 3
    assert checked.report.first is None


def test_a_file_without_times_says_so(examine, finding):
    checked = examine("""
        order_id item_id
        1 cup
    """)
    assert finding(checked, "no-times").severity == "info"
    assert not checked.baskets.has_times


def test_mixed_formats_are_told_with_their_numbers(examine, finding):
    checked = examine("""
        order_id item_id ordered_at
        1 cup 2026-01-01
        2 cup 2026-01-02
        3 cup 2026-01-02T10:00:00Z
        4 cup 02/01/2026
    """)
    found = finding(checked, "mixed-time-formats")
    assert found.what.startswith("Times are written in 3 ways: dates alone (2), ISO 8601 with a zone (1)")
    assert (found.lines, found.orders) == (2, 2)


def test_an_order_takes_its_earliest_time(examine, finding):
    checked = examine("""
        order_id item_id ordered_at
        1 cup 2026-01-03
        1 jug 2026-01-01
        2 cup 2026-01-02T00:00:00
        2 jug 2026-01-02T23:00:00
    """)
    assert checked.baskets.times.tolist() == [FIRST, FIRST + DAY]
    found = finding(checked, "orders-over-days")
    assert (found.lines, found.orders) == (2, 1)
    assert "up to 2 days" in found.what


@pytest.mark.parametrize(
    "now", [datetime(2026, 1, 2, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC).replace(tzinfo=None)]
)
def test_a_day_ahead_is_no_future(examine, now):
    checked = examine(
        """
        order_id item_id ordered_at
        1 cup 2026-01-03
        """,
        now=now,
    )
    assert "future-times" not in {one.code for one in checked.report.findings}


@pytest.mark.parametrize(
    ("time", "told"),
    [
        ("1700000000", 'seconds since 1970: give a query in place of the path, "sql:SELECT * REPLACE (to_timestamp('),
        (
            "1700000000000",
            'milliseconds since 1970: give a query in place of the path, "sql:SELECT * REPLACE (epoch_ms(',
        ),
        ("31.12.2025", "Write ISO 8601"),
    ],
)
def test_what_would_make_the_times_readable(examine, finding, time: str, told: str):
    checked = examine(f"order_id item_id ordered_at\n1 cup {time}\n2 cup {time}")
    assert told in finding(checked, "unreadable-times").remedy
