"""The fields of requests and their bounds, and the shape of answers."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Annotated, Any, cast

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag, WithJsonSchema
from pydantic_core import PydanticCustomError

from recommender.engine import MAX_K, PLACEMENTS
from recommender.filters import FilterError, parse
from recommender.filters.parse import MAX_LENGTH
from recommender.objective import OBJECTIVES
from service.limits import (
    MAX_CART_ITEMS,
    MAX_CONTEXT_ENTRIES,
    MAX_EXCLUDED_ITEMS,
    MAX_ID_LENGTH,
    MAX_QUANTITY,
)

UNION_TAGS = frozenset({"<id>", "<line>"})
_DIGITS = 12


def _is_objective(objective: str) -> str:
    if objective not in OBJECTIVES:
        raise PydanticCustomError("objective", "no such objective; there are {names}", {"names": ", ".join(OBJECTIVES)})
    return objective


def _parses(text: str) -> str:
    try:
        parse(text)
    except FilterError as error:
        raise PydanticCustomError("filter", "{told}", {"told": str(error)}) from error
    return text


def _time(value: object) -> object:
    try:
        if isinstance(value, str):
            return datetime.fromisoformat(value)
    except ValueError:
        pass
    raise PydanticCustomError("time", "expected an ISO 8601 date or time, as in 2026-11-21T10:00:00Z")


def _scalars(value: dict[str, object]) -> dict[str, object]:
    for name, scalar in value.items():
        short = not isinstance(scalar, str) or len(scalar) <= MAX_ID_LENGTH
        finite = not isinstance(scalar, float) or math.isfinite(scalar)
        plain = scalar is None or isinstance(scalar, str | bool | int | float)
        if len(name) > MAX_ID_LENGTH or not (plain and short and finite):
            raise PydanticCustomError(
                "scalar",
                "{name}: expected text of at most {most} characters, a finite number, true, false or null",
                {"name": ascii(name[:40]), "most": MAX_ID_LENGTH},
            )
    return value


def _digits(value: object) -> object:
    if isinstance(value, str) and len(value) <= _DIGITS and value.isascii() and value.lstrip("-").isdigit():
        return int(value)
    return value


def shape_of_entry(value: object) -> str | None:
    """Which of the two an entry of a list of items is; None where it is neither."""
    if isinstance(value, str):
        return "<id>"
    return "<line>" if isinstance(value, dict | BaseModel) else None


class Fields(BaseModel):
    """What is asked: no other fields, and no value of another type."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Document(BaseModel):
    """What is answered: told in the OpenAPI document, and worked out when somebody asks for that."""

    model_config = ConfigDict(defer_build=True)


class Answered(Document):
    """A part of an answer."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


ItemId = Annotated[str, Field(min_length=1, max_length=MAX_ID_LENGTH)]
Placement = Annotated[
    str,
    Field(
        max_length=64,
        description=f"Where the suggestions are shown: {', '.join(PLACEMENTS)}, or one that the shop's policy names.",
    ),
]
Objective = Annotated[
    str, AfterValidator(_is_objective), Field(json_schema_extra={"enum": cast("Any", list(OBJECTIVES))})
]
Time = Annotated[datetime, BeforeValidator(_time), WithJsonSchema({"type": "string", "format": "date-time"})]
K = Annotated[int, Field(ge=1, le=MAX_K, description="Suggestions at most.")]
QueryK = Annotated[K, BeforeValidator(_digits)]


class CartLine(Fields):
    """An item of a cart with its quantity."""

    item_id: ItemId
    quantity: Annotated[float, Field(gt=0, le=MAX_QUANTITY, allow_inf_nan=False)] = 1


CartEntry = Annotated[
    Annotated[ItemId, Tag("<id>")] | Annotated[CartLine, Tag("<line>")],
    Discriminator(
        shape_of_entry,
        custom_error_type="cart_entry",
        custom_error_message="expected an item id in quotes or an object with item_id and quantity",
    ),
]


class SuggestionsRequest(Fields):
    """A cart, and what is wanted beside it."""

    items: Annotated[
        list[CartEntry],
        Field(max_length=MAX_CART_ITEMS, description="The cart; the last is the item just added. May be empty."),
    ]
    placement: Placement = "cross-sell"
    customer_id: ItemId | None = Field(None, description="The customer; needs the secret key where keys are set.")
    visitor_id: ItemId | None = Field(None, description="A visitor; decides the arm of an experiment.")
    k: K = 10
    exclude: Annotated[list[ItemId], Field(max_length=MAX_EXCLUDED_ITEMS)] | None = Field(
        None, description="Item ids that the page shows already."
    )
    context: Annotated[dict[str, Any], Field(max_length=MAX_CONTEXT_ENTRIES), AfterValidator(_scalars)] | None = Field(
        None, description="Facts of this visit; restrictions of the policy ask for region and adult."
    )
    filter: Annotated[str, Field(min_length=1, max_length=MAX_LENGTH), AfterValidator(_parses)] | None = Field(
        None, description='Show only items that it is true of, as in: category in "Audio > *" and price <= 50.'
    )
    objective: Objective | None = Field(None, description="What the order serves; profit needs the secret key.")
    at: Time | None = Field(
        None, description="Time of the cart, naive means UTC; by default after every order of the model."
    )
    explain: bool = Field(True, description="Give the whole reason; otherwise its kind alone.")
    trace: bool = Field(
        False, description="Tell every candidate and what became of it; needs the secret key where keys are set."
    )


class ItemPath(Fields):
    """The item of a product page."""

    item_id: ItemId


class CustomerPath(Fields):
    """The customer of a home page or an e-mail."""

    customer_id: ItemId


class CustomerQuery(Fields):
    """What is wanted for a customer."""

    placement: Placement = "cross-sell"
    k: QueryK = 10
    visitor_id: ItemId | None = Field(None, description="The visitor; decides the arm of an experiment.")


class NoQuery(Fields):
    """Nothing is asked in the address."""


class ItemQuery(Fields):
    """What is wanted beside an item."""

    placement: Placement = "bought-together"
    k: QueryK = 10


class ReasonDocument(Answered):
    """Why an item is suggested; counts are there where they are counts of real baskets."""

    kind: str
    because: list[str] = []
    count: int | None = None
    of: int | None = None
    confidence: float | None = None
    confidence_low: float | None = None
    confidence_high: float | None = None
    lift: float | None = None
    customers: int | None = Field(None, description="customers behind the counts, 255 of more; for the merchant alone")
    text: str | None = None


class SuggestionDocument(Answered):
    """One suggested item."""

    item_id: str
    title: str
    price: float | None
    score: float
    probability: float | None
    expected_profit: float | None
    profit_basis: str | None
    incremental_profit: float | None
    quantity: int
    reason: ReasonDocument
    preselected: bool
    requires_consent: bool
    url: str | None = Field(None, description="the item's page, where the catalogue has this column")
    image_url: str | None = Field(None, description="its picture, likewise")


class ExperimentDocument(Answered):
    """The arm of the experiment that the visitor is in."""

    name: str
    arm: str


class AnswerDocument(Answered):
    """The answer to one cart."""

    model_id: str
    request_id: str
    placement: str
    suggestions: list[SuggestionDocument]
    missing_items: list[str]
    fallback: str | None
    empty_because: str | None = Field(description="One sentence where there is no suggestion.")
    trace: dict[str, Any] | None = Field(None, description="Where it was asked for.")
    experiment: ExperimentDocument | None = Field(None, description="Where the visitor is part of one.")


class BoxItemDocument(Answered):
    """One item of a box; the item that the box belongs to has no reason."""

    item_id: str
    title: str
    price: float | None
    quantity: int
    reason: ReasonDocument | None
    requires_consent: bool = Field(description="a service: the page asks before it goes into the cart")
    url: str | None = Field(None, description="the item's page, where the catalogue has this column")
    image_url: str | None = Field(None, description="its picture, likewise")


class CartAddition(Answered):
    """What the one button puts into the cart."""

    item_id: str
    quantity: int


class BoxDocument(Answered):
    """A box: the product, and what is bought together with it."""

    bundle_id: str
    items: list[BoxItemDocument]
    price: float | None = Field(description="of all pieces; null where a price is unknown")
    count: int | None = Field(
        description="baskets that held all of them; null to shoppers where few customers are behind them"
    )
    of: int | None = Field(description="baskets with the first item")
    customers: int | None = Field(None, description="customers behind `count` at least; for the merchant alone")
    available: int | None = Field(description="whole boxes that the stock allows; null where no stock is known")
    add_to_cart: list[CartAddition]
    text: str


class BundleAnswerDocument(Answered):
    """The box of one item, or why there is none."""

    model_id: str
    request_id: str
    item_id: str
    bundle: BoxDocument | None
    missing_items: list[str]
    empty_because: str | None


class FieldProblem(Answered):
    """One wrong field."""

    in_: str = Field(alias="in", description="body, query or path")
    path: str = Field(description="as in items[3].quantity; empty for the whole body")
    detail: str
    bound: Any = Field(None, description="what would be right")
    value: str | None = Field(None, description="what came, cut to 80 characters")


class ProblemDocument(Document):
    """An error (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    request_id: str
    errors: list[FieldProblem] | None = None
