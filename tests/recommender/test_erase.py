"""One customer is taken out of everything that a store knows, by a command."""

from typed import typed

from recommender.events import EventLog


def test_erase(store, tmp_path):
    version = store.current()
    log = EventLog(tmp_path / "log")
    log.append([{"type": "view", "visitor_id": "v", "customer_id": "ann"}, {"type": "view", "visitor_id": "w"}])
    asked = ("models", "erase", "ann", "--events", tmp_path / "log", "--store", store.root)
    said = typed(*asked)
    assert (said.returncode, said.stdout.decode()) == (0, f"erased from {version.name}\nerased 1 event\n")
    assert b"orders that still name the customer" in said.stderr
    assert store.load(version)[1].row("ann") == -1
    assert store.load(version)[1].row("bob") >= 0
    assert typed(*asked).stdout == b"erased 0 events\n"
