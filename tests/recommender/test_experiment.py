"""Which arm a visitor is in."""

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from recommender.experiment import Arm, Experiment

THIRDS = (Arm("nothing", 0.1, show=False), Arm("profit", 0.3, objective="profit"), Arm("before", 0.6))


def test_an_arm_follows_from_the_name_and_the_visitor_alone():
    drawn = int.from_bytes(hashlib.sha256(b"spring\0v7").digest()[:8], "big") / 2**64
    expected = "nothing" if drawn < 0.1 else "profit" if drawn < 0.4 else "before"
    assert Experiment("spring", THIRDS).arm_of("v7").name == expected


def test_shares_are_kept_and_another_name_draws_anew():
    visitors = [f"visitor-{number}" for number in range(20_000)]
    spring = [Experiment("spring", THIRDS).arm_of(visitor).name for visitor in visitors]
    autumn = [Experiment("autumn", THIRDS).arm_of(visitor).name for visitor in visitors]
    for arm in THIRDS:
        assert abs(spring.count(arm.name) - arm.share * 20_000) < 4 * (20_000 * arm.share * (1 - arm.share)) ** 0.5
    both = sum(one == other == "before" for one, other in zip(spring, autumn, strict=True))
    assert abs(both - 0.36 * 20_000) < 4 * (20_000 * 0.36 * 0.64) ** 0.5


@given(st.text(min_size=1))
def test_every_text_has_an_arm(unit):
    assert Experiment("spring", THIRDS).arm_of(unit) in THIRDS


def test_where_it_runs():
    assert Experiment("a", THIRDS).runs_on("upsell")
    assert not Experiment("a", THIRDS, frozenset({"cross-sell"})).runs_on("upsell")
