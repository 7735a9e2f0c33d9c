from training.doctor import Finding, Readiness, Report
from training.doctor.report import iso_time, worst_first
from training.doctor.text import report_text

GIANTS = Finding(
    "giant-orders",
    "warning",
    "2 orders have more than 200 different items: 62% of all pairs that could be counted.",
    1234,
    2,
    0.1234,
    ({"line": 1444, "order_id": "536\n544", "items": 1108}, {"line": 7, "order_id": "5", "items": 730}),
    "They stay in customers' histories, but no pair and no total is counted from them.",
    "`--set 'orders.keep_as_products=[\"M\"]'` keeps one; a long sentence goes on until it meets `--set orders.x=1 2`.",
)
QUIET = Finding("no-times", "info", "The file has no times.", 0, 0, 0.0, (), "Nothing.", "Nothing.")
REPORT = Report(
    lines_read=10_000,
    lines=9_000,
    orders=1_200,
    items=300,
    customers=1,
    countable_orders=1_198,
    multi_item_orders=1_000,
    first=0,
    last=86_400,
    accounting={"kept": 9_000, "repeated": 999, "zero_quantity": 1},
    findings=worst_first([QUIET, GIANTS]),
    readiness=Readiness(100, 150, 50),
    quarantined=1,
    quarantine="orders.rejected.csv",
)

TEXT = r"""
9,000 of 10,000 lines make 1,200 orders of 300 items by 1 known customer
1,000 orders with two items or more
1970-01-01 to 1970-01-02 (2 days)

Lines
       9,000   90.0 %  kept: an item of an order
         999   10.0 %  added to a line of the same item in the same order
           1    0.0 %  rejected: quantity 0
      10,000  100.0 %  all lines read
Rejected lines with their reasons: orders.rejected.csv

Items
         100   33.3 %  in orders enough for rules (20 or more)
         150   50.0 %  can lean on their category (5 orders, or a category in the catalog)
          50   16.7 %  on bestsellers alone

Findings: 1 warning, 1 note

warning  giant-orders                                       1,234 lines (12.3 %), 2 orders
  2 orders have more than 200 different items: 62% of all pairs that could be counted.
      line 1,444   order 536\n544   items 1,108
      line 7       order 5          items 730
  training   They stay in customers' histories, but no pair and no total is counted from
             them.
  to change  `--set 'orders.keep_as_products=["M"]'` keeps one; a long sentence goes on
             until it meets `--set orders.x=1 2`.

note  no-times
  The file has no times.
  training   Nothing.
  to change  Nothing.
"""


def test_the_text_is_aligned_and_quiet():
    assert report_text(REPORT) == TEXT.strip()


def test_color_only_when_asked():
    assert "\x1b[" not in report_text(REPORT)
    assert "\x1b[33mwarning\x1b[0m  giant-orders" in report_text(REPORT, color=True)


def test_json_has_everything():
    told = REPORT.as_json()
    assert told["first"] == "1970-01-01T00:00:00Z"
    assert told["readiness"] == {"rules": 100, "category": 150, "bestsellers": 50}
    assert told["findings"][0]["examples"][0] == {"line": 1444, "order_id": "536\n544", "items": 1108}
    assert [one["code"] for one in told["findings"]] == ["giant-orders", "no-times"]


def test_no_time_is_null():
    assert iso_time(None) is None
