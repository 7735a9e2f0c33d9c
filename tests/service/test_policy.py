"""The merchant's policy while the service answers: taken in, refused, told."""

import logging

import pytest
from running import eventually, running
from tiny_store import publish_tiny

from recommender.engine import PLACEMENTS
from recommender.merchandising.cells import PolicyError
from service.app import create_app, parts
from service.config import ServiceConfig

NO_MILK = "[[rules]]\nname = 'no milk'\naction = 'exclude'\nitems = ['milk']\n"
DRAWER = "[placements.drawer]\nbase = 'cross-sell'\nk = 2\n"


@pytest.fixture
def policy(tmp_path):
    path = tmp_path / "policy.toml"
    path.write_text(NO_MILK + DRAWER)
    return path


@pytest.fixture
def app(make_app, policy):
    return make_app(policy=policy)


def rewrite(path, text):
    beside = path.with_name("beside")
    beside.write_text(text)
    beside.replace(path)


def shown(app, **body):
    reply = app.test_client().post("/v1/suggestions", json={"items": ["bread"]} | body)
    assert reply.status_code == 200, reply.json
    return [suggestion["item_id"] for suggestion in reply.json["suggestions"]]


def metric(app, name):
    return float(app.test_client().get("/metrics").text.split(f"\n{name} ")[1].split("\n")[0])


def told(app):
    return app.test_client().get("/v1/model").json["policy"]


def test_it_decides_and_is_told(app, policy):
    assert "milk" not in shown(app)
    assert shown(app, placement="drawer") == shown(app)[:2]
    about = app.test_client().get("/v1/model").json
    assert about["placements"] == [*PLACEMENTS, "drawer"]
    assert about["policy"]["policy_id"] == parts(app).live.current.policy_id
    assert len(about["policy"]["policy_id"]) == 12
    assert about["policy"]["remarks"] == []
    assert (
        f'goeswith_policy_info{{policy_id="{about["policy"]["policy_id"]}"}} 1.0'
        in app.test_client().get("/metrics").text
    )


def test_without_a_policy_there_is_none_to_tell(make_app):
    app = make_app()
    assert told(app) is None
    assert "goeswith_policy" not in app.test_client().get("/metrics").text


def test_a_placement_that_nobody_named(app):
    reply = app.test_client().post("/v1/suggestions", json={"items": [], "placement": "drawers"})
    (error,) = reply.json["errors"]
    assert (reply.status_code, error["path"], error["bound"]["enum"][-1]) == (422, "placement", "drawer")
    assert app.test_client().get("/v1/items/bread/suggestions?placement=drawer").status_code == 200
    assert app.test_client().get("/v1/items/bread/suggestions?placement=drawers").status_code == 422
    assert 'placement="drawers"' not in app.test_client().get("/metrics").text


def test_a_changed_policy_is_taken_in(app, policy):
    before, tag = told(app)["policy_id"], app.test_client().get("/v1/items/bread/suggestions").headers["ETag"]
    rewrite(policy, "")
    assert "milk" not in shown(app)
    parts(app).live.refresh()
    assert "milk" in shown(app)
    assert told(app)["policy_id"] != before
    assert app.test_client().get("/v1/items/bread/suggestions").headers["ETag"] != tag
    assert metric(app, 'goeswith_reloads_total{kind="policy"}') >= 2


def test_nonsense_keeps_the_old_one_and_a_metric_rises(app, policy, caplog):
    caplog.set_level(logging.INFO, "goeswith.service")
    before = told(app)["policy_id"]
    failures = metric(app, 'goeswith_reload_failures_total{kind="policy"}')
    for nonsense in (
        "[[rules",
        "[[rules]]\naction = 'exclude'\nfilter = 'price <'\n",
        DRAWER.replace("cross-sell", "x"),
    ):
        rewrite(policy, nonsense)
        parts(app).live.refresh()
        parts(app).live.refresh()
        assert "milk" not in shown(app)
        assert told(app)["policy_id"] == before
    assert metric(app, 'goeswith_reload_failures_total{kind="policy"}') == failures + 3
    refused = [record for record in caplog.records if record.getMessage() == "policy refused"]
    assert len(refused) == 3
    assert "line 1, column 8" in refused[1].fields["error"]
    policy.unlink()
    parts(app).live.refresh()
    assert "milk" not in shown(app)
    rewrite(policy, "")
    parts(app).live.refresh()
    assert "milk" in shown(app)


def test_it_outlives_a_new_model_and_a_new_catalogue(make_app, policy, store, tmp_path):
    catalog = tmp_path / "catalog.csv"
    catalog.write_text("item_id,stock\nbutter,0\n")
    app = make_app(policy=policy, catalog=catalog)
    assert not {"milk", "butter"} & set(shown(app))
    publish_tiny(store, seed=1)
    rewrite(policy, NO_MILK.replace("milk", "wine"))
    parts(app).live.refresh()
    assert not {"wine", "butter"} & set(shown(app))
    rewrite(catalog, "item_id,stock\nbutter,9\n")
    parts(app).live.refresh()
    assert "butter" in shown(app)
    assert "wine" not in shown(app)


def test_remarks_are_told_in_the_log_the_metric_and_about_the_model(make_app, policy, caplog):
    caplog.set_level(logging.INFO, "goeswith.service")
    rewrite(policy, NO_MILK + "[[rules]]\naction = 'pin'\nitems = ['milk', 'nosuch']\n")
    app = make_app(policy=policy)
    expected = ["rules[2]: the catalogue has no item nosuch", "rules[2]: no milk (exclude) wins for 1 of its items"]
    assert told(app)["remarks"] == expected
    assert metric(app, "goeswith_policy_remarks") == 2
    (line,) = [record for record in caplog.records if record.getMessage() == "policy remarks"]
    assert list(line.fields["notes"]) == expected


def test_nonsense_at_the_start_ends_it(make_app, policy, tmp_path):
    rewrite(policy, "[[rules")
    with pytest.raises(PolicyError, match=r"policy\.toml: no TOML"):
        make_app(policy=policy)
    with pytest.raises(PolicyError, match="cannot be read"):
        make_app(policy=tmp_path / "none.toml")


def test_it_waits_for_a_model(policy, tmp_path):
    app = create_app(ServiceConfig(tmp_path / "store", policy=policy))
    assert app.test_client().get("/v1/model").status_code == 503
    publish_tiny(tmp_path / "store")
    parts(app).live.refresh()
    assert "milk" not in shown(app)


def test_through_a_real_server(store, policy):
    with running("--store", str(store), "--policy", str(policy), "--workers", "1") as server:

        def ids():
            found = server.ask("/v1/suggestions", {"items": ["bread"]}).json["suggestions"]
            return {suggestion["item_id"] for suggestion in found}

        assert "milk" not in ids()
        rewrite(policy, "[[rules")
        eventually(lambda: any(line["event"] == "policy refused" for line in server.lines()))
        assert "milk" not in ids()
        rewrite(policy, "")
        eventually(lambda: "milk" in ids())
        answers = [line for line in server.lines() if line["event"] == "request"]
        assert len(answers[0]["policy_id"]) == 12


def test_a_trace_is_for_the_merchant(make_app, policy):
    client = make_app(policy=policy, publishable_key="pk-tiny", secret_key="sk-tiny").test_client()
    body = {"items": ["bread"], "trace": True}
    refused = client.post("/v1/suggestions", json=body, headers={"X-API-Key": "pk-tiny"})
    assert (refused.status_code, refused.json["detail"].split(":")[0]) == (403, "trace")
    answer = client.post("/v1/suggestions", json=body, headers={"X-API-Key": "sk-tiny"}).json
    told = {candidate["item_id"]: candidate["removed_by"] for candidate in answer["trace"]["candidates"]}
    assert told["milk"] == "by the rule no milk"
    assert answer["trace"]["policy_id"] == parts(client.application).live.current.policy_id
    plain = client.post("/v1/suggestions", json={"items": ["bread"]}, headers={"X-API-Key": "pk-tiny"}).json
    assert "trace" not in plain


def test_an_empty_answer_says_why(app):
    reply = app.test_client().post("/v1/suggestions", json={"items": ["bread"], "filter": 'brand = "Nobody"'})
    assert reply.json["suggestions"] == []
    assert reply.json["empty_because"].startswith("all 8 candidates are left out: 5 not what the filter asks for")
