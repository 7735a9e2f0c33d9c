"""The experiment of a policy file."""

import pytest

from recommender.experiment import Arm, Experiment
from recommender.merchandising.cells import PolicyError
from recommender.merchandising.read import parse_policy

GOOD = """
[experiment]
name = "spring-2027"
placements = ["cross-sell", "add-on"]
[experiment.arms]
nothing = {share = 0.1, show = false}
profit = {share = 0.9, objective = "profit"}
"""


def test_read():
    arms = (Arm("nothing", 0.1, show=False), Arm("profit", 0.9, objective="profit"))
    assert parse_policy(GOOD.encode()).experiment == Experiment(
        "spring-2027", arms, frozenset({"cross-sell", "add-on"})
    )
    assert parse_policy(b"").experiment is None


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('"spring-2027"', '"spring 2027"', "experiment: name: expected 1 to 64 of letters"),
        ('"add-on"', '"addon"', "experiment: placements: no placement 'addon'; there are bought-together"),
        ("0.9", "0.8", "the shares sum up to 0.9; they must be 1"),
        ("0.1", "0", "experiment.arms.nothing: share = 0: expected a number above 0 and at most 1"),
        ("share = 0.1, ", "", "experiment.arms.nothing: share is missing"),
        ('"profit"}', '"profits"}', "did you mean profit?"),
        ("show", "shown", "experiment.arms.nothing: shown: unknown key; did you mean show?"),
        ('objective = "profit"', "show = false", "show = false stands twice"),
        ("nothing =", '"no thing" =', "'no thing': expected 1 to 64 of letters"),
        ("nothing = {share = 0.1, show = false}", "", "arms: 1 of them; an experiment compares 2 to 10"),
        ("placements", "placement", "experiment: placement: unknown key; did you mean placements?"),
    ],
)
def test_what_is_wrong_is_told(old, new, told):
    with pytest.raises(PolicyError) as error:
        parse_policy(GOOD.replace(old, new).encode())
    assert told in str(error.value)
