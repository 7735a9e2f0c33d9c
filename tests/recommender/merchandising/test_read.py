"""A policy file that is wrong is told with every key, value, bound and remedy, all at once."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.errors import UsageError
from recommender.merchandising.cells import PolicyError
from recommender.merchandising.placements import PlacementPolicy
from recommender.merchandising.policy import Defaults, Policy, Target
from recommender.merchandising.read import parse_policy, read_policy

EVERYTHING = """
dry_run = false

[defaults]
variants = false
recent_days = 7
rebought_share = 0.1
min_stock = 3

[placements.cross-sell]
objective = "profit"
relevance_floor = 0.3

[placements.checkout-drawer]
base = "add-on"
k = 4

[[rules]]
name = "house brand"
action = "boost"
factor = 2
filter = 'brand = "Hearth"'
when_cart = 'category in "Food > *"'
placements = ["checkout-drawer"]
starts = 2026-11-27
ends = "2026-12-01T00:00:00+01:00"

[[never_together]]
first_items = ["a"]
second = 'kind = "service"'

[[caps]]
by = "category"
level = 2
most = 3
"""


def told(text: str) -> list[str]:
    with pytest.raises(PolicyError) as refused:
        parse_policy(text.encode())
    return [line.strip() for line in str(refused.value).splitlines()][1:]


def test_every_key():
    policy = parse_policy(EVERYTHING.encode())
    assert policy.defaults == Defaults(variants=False, recent_days=7, rebought_share=0.1, min_stock=3)
    assert policy.placement("cross-sell") == PlacementPolicy("cross-sell", "cross-sell", None, "profit", 0.3)
    assert policy.placement("checkout-drawer") == PlacementPolicy("checkout-drawer", "add-on", 4)
    assert policy.placement("similar") == PlacementPolicy("similar", "similar")
    assert policy.placement("nosuch") is None
    assert policy.placement_names()[-1] == "checkout-drawer"
    (rule,) = policy.rules
    assert (rule.name, rule.factor, rule.when.placements) == ("house brand", 2, {"checkout-drawer"})
    assert rule.when.starts == datetime(2026, 11, 27, tzinfo=UTC)
    assert rule.when.ends == datetime(2026, 11, 30, 23, tzinfo=UTC)
    assert rule.when.cart == Target('category in "Food > *"')
    assert policy.never_together[0].first == Target(None, ("a",))
    assert (policy.caps[0].by, policy.caps[0].level, policy.caps[0].most) == ("category", 2, 3)


def test_an_empty_file_is_the_default_policy_with_an_id_of_its_own():
    policy = parse_policy(b"")
    assert policy == Policy(policy_id="e3b0c44298fc")
    assert parse_policy(b"# a note").policy_id != policy.policy_id


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "[[rules]]\naction = 'pim'\nitems = ['a']",
            "rules[1]: action = 'pim': expected one of exclude, bury, boost, pin,",
        ),
        ("[[rules]]\nitems = ['a']", "rules[1]: action is missing; expected one of"),
        ("[[rules]]\naction = 'exclude'", "rules[1]: filter and items are missing; say which items are meant"),
        ("[[rules]]\naction = 'exclude'\nitems = []", "rules[1]: items = []: expected a list of 1 to 10,000 texts"),
        ("[[rules]]\naction = 'exclude'\nitems = [7]", "rules[1]: items = [7]: expected a list"),
        ("[[rules]]\naction = 'exclude'\nfilter = 'price < '", "rules[1]: filter: line 1, column 9: found the end;"),
        ("[[rules]]\naction = 'exclude'\nfilter = 7", "rules[1]: filter = 7: expected a filter in quotes"),
        ("[[rules]]\nname = 'x'\naction = 'boost'\nitems = ['a']", "rules[1] 'x': factor is missing"),
        (
            "[[rules]]\naction = 'boost'\nitems = ['a']\nfactor = 0",
            "rules[1]: factor = 0: expected a number above 0 and",
        ),
        (
            "[[rules]]\naction = 'boost'\nitems = ['a']\nfactor = nan",
            "rules[1]: factor = nan: expected a number above 0",
        ),
        (
            "[[rules]]\naction = 'pin'\nitems = ['a']\nplace = 0",
            "rules[1]: place = 0: expected a whole number from 1 to 100",
        ),
        ("[[rules]]\naction = 'pin'\nfilter = 'price = 1'", "rules[1]: filter: a pin names its items"),
        (
            "[[rules]]\naction = 'bury'\nitems = ['a']\nfactor = 2",
            "rules[1]: factor: belongs to action = 'boost', not to 'bury'",
        ),
        (
            "[[rules]]\naction = 'bury'\nitems = ['a']\nfactro = 2",
            "rules[1]: factro: unknown key; did you mean factor?",
        ),
        ("[[rules]]\naction = 'price'", "rules[1]: low and high are missing; write high = 0.5"),
        ("[[rules]]\naction = 'price'\nlow = 2\nhigh = 1", "rules[1]: low = 2 is above high = 1; swap them"),
        ("[[rules]]\naction = 'price'\nlow = -1", "rules[1]: low = -1: expected a number of at least 0"),
        ("[[rules]]\naction = 'restrict'\nitems = ['a']", "rules[1]: adult, regions and except_regions are missing"),
        (
            "[[rules]]\naction = 'bury'\nitems = ['a']\nplacements = ['x']",
            "rules[1]: placements: 'x': no such placement;",
        ),
        (
            "[[rules]]\naction = 'bury'\nitems = ['a']\nstarts = 'soon'",
            "rules[1]: starts = 'soon': expected a date or a time",
        ),
        (
            "[[rules]]\naction = 'bury'\nitems = ['a']\nstarts = 2026-02-01\nends = 2026-01-01",
            "rules[1]: ends = 2026-01-01T00:00:00+00:00 is not after starts = 2026-02-01T00:00:00+00:00;",
        ),
        ("[[never_together]]\nfirst = 'price = 1'", "never_together[1]: second is missing;"),
        ("[[caps]]\nby = 'colour'\nmost = 1", "caps[1]: by = 'colour': expected one of category, brand"),
        ("[[caps]]\nby = 'brand'\nmost = 1\nlevel = 2", "caps[1]: level: belongs to by = 'category'"),
        ("[[caps]]\nby = 'brand'", "caps[1]: most is missing"),
        ("[placements.drawer]\nk = 3", "placements.drawer: base is missing: 'drawer' is no built-in placement;"),
        ("[placements.drawer]\nbase = 'nope'", "placements.drawer: base = 'nope': expected one of bought-together,"),
        ("[placements.similar]\nbase = 'add-on'", "placements.similar: base = 'add-on': similar fills itself;"),
        ("[placements.Drawer]\nbase = 'add-on'", "placements: 'Drawer': expected at most 64 of a-z, 0-9, - and _"),
        (
            "[placements.drawer]\nbase = 'add-on'\nk = 101",
            "placements.drawer: k = 101: expected a whole number from 1 to 100",
        ),
        (
            "[placements.add-on]\nobjective = 'money'",
            "placements.add-on: objective = 'money': expected one of probability,",
        ),
        (
            "[placements.add-on]\nrelevance_floor = 2",
            "placements.add-on: relevance_floor = 2: expected a number of at least 0",
        ),
        ("[defaults]\nvarants = true", "defaults: varants: unknown key; did you mean variants?"),
        ("[defaults]\nvariants = 'no'", "defaults: variants = 'no': expected true or false"),
        ("[defaults]\nrecent_days = 0", "defaults: recent_days = 0: expected a number above 0 and at most 3650"),
        ("defaults = 7", "defaults: found 7; expected a table"),
        ("rules = 7", "rules = 7: expected at most 1,000 tables, each under [[rules]]"),
        ("rulez = 7", "rulez: unknown key; did you mean rules?"),
    ],
)
def test_one_wrong_value(text, expected):
    assert any(problem.startswith(expected) for problem in told(text)), told(text)


def test_everything_that_is_wrong_is_told_at_once():
    text = "[defaults]\nvariants = 1\nmin_stock = 'x'\n[[caps]]\n[[rules]]\naction = 'exclude'"
    assert len(told(text)) == 5


def test_two_rules_of_one_name_are_refused():
    twice = "[[rules]]\nname = 'x'\naction = 'bury'\nitems = ['a']\n" * 2
    assert told(twice) == ["'x': two rules have this name; a trace could not tell them apart: rename one"]


@pytest.mark.parametrize("data", [b"[[rules", b"\xff\xfe", b"a = 1\na = 2", b"x = " + b"[" * 5000])
def test_what_is_no_toml_is_refused(data):
    with pytest.raises(PolicyError, match="no TOML in UTF-8"):
        parse_policy(data)


def test_files(tmp_path: Path):
    path = tmp_path / "policy.toml"
    path.write_text("[defaults]\nvariants = 1")
    with pytest.raises(UsageError, match=r"policy\.toml: 1 problem\n  defaults: variants = 1: expected true or false"):
        read_policy(path)
    with pytest.raises(PolicyError, match="cannot be read"):
        read_policy(tmp_path)
    path.write_bytes(b"#" * ((1 << 20) + 1))
    with pytest.raises(PolicyError, match="more than 1,048,576 bytes"):
        read_policy(path)


@given(st.text(alphabet="[]rulescapneotgh_=\"'\n 0.1-#fi", max_size=80))
def test_any_text_is_a_policy_or_told(text):
    try:
        policy = parse_policy(text.encode())
    except PolicyError:
        return
    assert len(policy.policy_id) == 12
