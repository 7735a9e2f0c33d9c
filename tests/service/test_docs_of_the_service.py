"""The documentation of the service names everything that exists."""

import json
import re
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from recommender.engine import PLACEMENTS
from service import limits
from service.commands import serve
from service.problems import PROBLEM_TYPES
from service.schemas import (
    AnswerDocument,
    BundleAnswerDocument,
    CartLine,
    ItemQuery,
    ProblemDocument,
    SuggestionDocument,
    SuggestionsRequest,
)

DOCS = Path(__file__).parent.parent.parent / "docs"
HTTP = (DOCS / "http.md").read_text(encoding="utf-8")
OPERATING = (DOCS / "operating.md").read_text(encoding="utf-8")


def routes(app):
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<(?:[a-z]+:)?([a-z_]+)>", r"{\1}", rule.rule)
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            yield f"{method} {path}"


def test_every_route(shared_app):
    documented = set(re.findall(r"^\| `((?:GET|POST) \S+)` \|", HTTP, re.MULTILINE))
    assert documented == set(routes(shared_app))


def test_every_route_is_in_the_openapi_document(client, shared_app):
    document = client.get("/openapi/openapi.json").json
    told = {f"{method.upper()} {path}" for path, item in document["paths"].items() for method in item}
    assert told == set(routes(shared_app))
    assert document["openapi"].startswith("3.1")
    for item in document["paths"].values():
        for operation in item.values():
            for status, response in operation["responses"].items():
                if int(status) >= 400:
                    assert list(response["content"]) == ["application/problem+json"]
    dangling = set(re.findall(r'"#/components/schemas/(\w+)"', json.dumps(document))) - set(
        document["components"]["schemas"]
    )
    assert not dangling


def test_every_problem():
    rows = re.findall(r"^\| `([a-z-]+)` \| (\d{3}) \|.*\|.*\|$", HTTP, re.MULTILINE)
    assert rows == [(problem.name, str(problem.status)) for problem in PROBLEM_TYPES]


@pytest.mark.parametrize("model", [SuggestionsRequest, CartLine, ItemQuery, AnswerDocument, SuggestionDocument])
def test_every_field(model):
    for name in model.model_fields:
        assert f"`{name}`" in HTTP or f'"{name}"' in HTTP, name


def test_every_placement_and_limit():
    for placement in PLACEMENTS:
        assert f"`{placement}`" in HTTP
    for name, value in vars(limits).items():
        if name.isupper():
            assert f"{value:,}" in HTTP, name


def test_every_metric(client):
    client.post("/v1/suggestions", json={"items": ["unknown"]})
    page = re.sub(r"^.*_created.*\n", "", client.get("/metrics").text, flags=re.MULTILINE)
    for family in text_string_to_metric_families(page):
        name = family.name + ("_total" if family.type == "counter" else "")
        assert f"| `{name}` |" in OPERATING, name


def test_every_option():
    for parameter in serve.params:
        assert f"`{parameter.opts[0]}`" in OPERATING
        for variable in [parameter.envvar] if parameter.envvar else []:
            assert f"`{variable}`" in OPERATING


def test_the_examples_are_real():
    examples = [json.loads(text) for text in re.findall(r"^```json\n(.*?)^```", HTTP, re.MULTILINE | re.DOTALL)]
    assert len(examples) == 4
    for example in examples:
        told = next((name for name in ("type", "bundle") if name in example), "suggestions")
        model = {"type": ProblemDocument, "bundle": BundleAnswerDocument, "suggestions": AnswerDocument}[told]
        model.model_validate(example)
