"""What an item adds where the lift of its placement is known."""

import pytest
from tiny_shop import tiny_customers, tiny_model

from recommender import Recommender
from recommender.evidence import Reason
from recommender.merchandising.cells import PolicyError
from recommender.merchandising.read import parse_policy
from recommender.suggestion import Suggestion
from recommender.uplift import tell_increments
from recommender.worth import incremental_profit


def suggestion(probability, expected):
    return Suggestion("a", "A", 20.0, 1.0, Reason("bestseller", ""), probability, expected, "cost")


def test_worked_by_hand():
    told = [suggestion(0.1, 0.8), suggestion(0.9, 7.2), suggestion(None, None), suggestion(0.5, -1.0)]
    tell_increments(told, 1.25)
    found = [one.incremental_profit for one in told]
    assert found[0] == pytest.approx(incremental_profit(0.125, 0.1, price=20, cost=12, return_rate=0))
    assert found[1] == pytest.approx(incremental_profit(1.0, 0.9, price=20, cost=12, return_rate=0))
    assert found[2] is None
    assert found[3] == pytest.approx(-0.25)


def test_a_placement_of_the_policy_tells_it_and_others_do_not():
    policy = parse_policy(b"[placements.cross-sell]\nlift = 1.5\n")
    shop = Recommender(tiny_model(), tiny_customers(), policy=policy)
    told = [one for one in shop.suggest(["bread"]) if one.expected_profit is not None]
    assert told
    for one in told:
        assert one.incremental_profit == pytest.approx(0.5 * one.expected_profit)
    assert all(one.incremental_profit is None for one in shop.suggest(["bread"], placement="add-on"))
    assert all(one.incremental_profit is None for one in Recommender(tiny_model()).suggest(["bread"]))


@pytest.mark.parametrize("lift", ["0", "-1", "101", "'1.2'"])
def test_no_lift(lift):
    with pytest.raises(
        PolicyError, match=r"placements.cross-sell: lift = .*: expected a number above 0 and at most 100"
    ):
        parse_policy(f"[placements.cross-sell]\nlift = {lift}\n".encode())
