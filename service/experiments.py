"""The experiment of the policy: which arm a visitor is in, and what that makes of the answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import NamedTuple

from recommender.events import Exposure, utc_text
from recommender.experiment import Arm, Experiment
from recommender.suggestion import Answer
from service.context import Visit
from service.live import Live


class Part(NamedTuple):
    """A visitor's part in an experiment."""

    experiment: Experiment
    arm: Arm
    visitor_id: str | None
    customer_id: str | None

    def as_json(self) -> dict[str, str]:
        return {"name": self.experiment.name, "arm": self.arm.name}


def part_of(live: Live, placement: str, visitor_id: str | None, customer_id: str | None) -> Part | None:
    """The part of whoever asks; None where no experiment runs there, or nobody is known who could be in it."""
    experiment, unit = live.recommender.policy.experiment, visitor_id or customer_id
    if experiment is None or unit is None or not experiment.runs_on(placement):
        return None
    return Part(experiment, experiment.arm_of(unit), visitor_id, customer_id)


def shown_in(asked: Visit, live: Live, part: Part, answer: Answer) -> Answer:
    """The answer as the visitor's arm has it; who was answered is written down."""
    if answer.suggestions:
        exposure = Exposure(
            at=utc_text(datetime.now(UTC)),
            visitor_id=part.visitor_id,
            customer_id=part.customer_id,
            placement=answer.placement,
            request_id=asked.request_id,
            model_id=live.model_id,
            experiment=part.experiment.name,
            arm=part.arm.name,
            share=part.arm.share,
            show=part.arm.show,
            items=tuple(suggestion.item_id for suggestion in answer.suggestions),
            objective=part.arm.objective,
        )
        asked.service.events.expose(part.visitor_id or part.customer_id or "", exposure)
    asked.notes["arm"] = part.arm.name
    if part.arm.show:
        return answer
    held_back = (
        f"arm {part.arm.name} of experiment {part.experiment.name} is shown nothing, "
        "so that it can be measured what suggestions bring"
    )
    return replace(answer, suggestions=[], fallback=None, empty_because=held_back)
