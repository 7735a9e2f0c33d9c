"""Event logs as a service writes them."""

import json
from pathlib import Path


def event(kind, at, visitor=None, **further):
    named = {} if visitor is None else {"visitor_id": visitor}
    return {"type": kind, "at": f"2026-11-{at}:00.000Z", "received_at": "2026-11-30T00:00:00.000Z", **named, **further}


def exposure(at, visitor, arm, share=0.5, show=True, experiment="spring", items=(), **further):
    told = {
        "experiment": experiment,
        "arm": arm,
        "share": share,
        "show": show,
        "items": [{"item_id": item} for item in items],
    }
    return event("exposure", at, visitor, placement="cross-sell", request_id="r", model_id="m", **told, **further)


def order(at, visitor, order_id, *items, **further):
    return event("order", at, visitor, order_id=order_id, items=[dict(item) for item in items], **further)


def line(item_id, quantity=1, **price):
    return {"item_id": item_id, "quantity": quantity, **price}


def write(folder: Path, *events) -> Path:
    folder.mkdir(exist_ok=True)
    text = "".join((one if isinstance(one, str) else json.dumps(one)) + "\n" for one in events)
    (folder / "2026-11-30.jsonl").write_text(text)
    return folder
