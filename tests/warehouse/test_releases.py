"""Rules 6, 7 and 12: complete by one rename, published by one re-pointing, withdrawn, pruned."""

from __future__ import annotations

import datetime as dt
import json
import threading
from pathlib import Path

import pytest

from flows.core.errors import ReleaseError
from flows.warehouse.releases import KEPT_CANDIDATES, ReleaseStore, tree_digest

AT = dt.datetime(2026, 11, 20, 3, 30, tzinfo=dt.UTC)


@pytest.fixture
def store(tmp_path: Path) -> ReleaseStore:
    return ReleaseStore(tmp_path / "releases", tmp_path / "candidates", tmp_path / "current", tmp_path / "state")


def make(store: ReleaseStore, release_id: str, *, number: int = 1, key: str = "", text: str = "x") -> Path:
    folder = store.new_candidate(release_id)
    for name in ("site/index.html", "etat/sources.json", "observatoire.duckdb"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    nuit = release_id[:10]
    manifest = {"id": release_id, "numero": number, "nuit": nuit, "inputs_key": key or release_id}
    return store.complete(folder, manifest)


def test_publishing_moves_one_link(store: ReleaseStore) -> None:
    make(store, "2026-11-19-aa")
    store.publish("2026-11-19-aa")
    make(store, "2026-11-20-bb", number=2)
    assert store.current_id() == "2026-11-19-aa"
    store.publish("2026-11-20-bb")
    assert store.current_id() == "2026-11-20-bb"
    assert (store.current / "site" / "index.html").exists()


def test_a_reader_never_misses_the_release(store: ReleaseStore) -> None:
    for name in ("2026-11-19-aa", "2026-11-20-bb"):
        make(store, name, text=name)
    store.publish("2026-11-19-aa")
    stop, seen = threading.Event(), set()

    def read() -> None:
        while not stop.is_set():
            seen.add((store.current / "site" / "index.html").read_text())

    reader = threading.Thread(target=read)
    reader.start()
    try:
        for _ in range(200):
            store.publish("2026-11-20-bb")
            store.publish("2026-11-19-aa")
    finally:
        stop.set()
        reader.join()
    assert seen <= {"2026-11-19-aa", "2026-11-20-bb"} and seen


def test_an_incomplete_release_cannot_be_published(store: ReleaseStore) -> None:
    with pytest.raises(ReleaseError):
        store.publish("2026-11-20-bb")
    store.new_candidate("2026-11-20-bb")
    assert store.list() == []


def test_the_same_release_built_twice_is_kept_once(store: ReleaseStore) -> None:
    first = make(store, "2026-11-20-bb")
    store.publish("2026-11-20-bb")
    before = tree_digest(first)
    assert make(store, "2026-11-20-bb") == first
    assert tree_digest(first) == before and not list(store.candidates.iterdir())


def test_other_content_under_the_published_id_is_refused(store: ReleaseStore) -> None:
    make(store, "2026-11-20-bb", key="a")
    store.publish("2026-11-20-bb")
    with pytest.raises(ReleaseError):
        make(store, "2026-11-20-bb", key="b")


def test_rolling_back_retires_and_going_forward_trusts_again(store: ReleaseStore) -> None:
    make(store, "2026-11-19-aa", key="a")
    make(store, "2026-11-20-bb", number=2, key="b")
    store.publish("2026-11-20-bb")
    assert store.rollback("2026-11-19-aa", "erreur de source", AT) == "2026-11-20-bb"
    assert store.current_id() == "2026-11-19-aa" and "b" in store.state()["retired"]
    store.rollback("2026-11-20-bb", "en fait juste", AT)
    assert set(store.state()["retired"]) == {"a"}
    with pytest.raises(ReleaseError):
        store.rollback("2026-11-20-bb", "encore", AT)


def test_rejected_candidates_are_kept_three_at_most(store: ReleaseStore) -> None:
    for day in range(10, 16):
        name = f"2026-11-{day}-cc"
        store.reject(store.new_candidate(name), {"id": name, "nuit": name[:10], "inputs_key": name}, name, "motif")
    assert sorted(p.name for p in store.candidates.iterdir()) == [f"2026-11-{d}-cc" for d in (13, 14, 15)]
    assert len(store.state()["rejected"]) == 6 and KEPT_CANDIDATES == 3


def test_retention_keeps_nights_month_ends_pins_and_every_etat(store: ReleaseStore) -> None:
    first = dt.date(2026, 1, 1)
    days = [first + dt.timedelta(days=n) for n in range(120)]
    for number, day in enumerate(days, start=1):
        make(store, f"{day.isoformat()}-dd", number=number)
    store.publish(f"{days[-1].isoformat()}-dd")
    store.note("pinned", "2026-01-10-dd", {"motif": "baromètre 2026"})
    store.prune(days[-1])
    whole = {info.id[:10] for info in store.list() if info.complete}
    assert whole == {d.isoformat() for d in days[-30:]} | {"2026-01-31", "2026-02-28", "2026-03-31", "2026-01-10"}
    assert len(store.list()) == 120
    assert all((store.releases / info.id / "etat" / "sources.json").exists() for info in store.list())
    with pytest.raises(ReleaseError):
        store.publish("2026-01-05-dd")


def test_what_an_interrupted_build_left_is_cleaned(store: ReleaseStore) -> None:
    left = store.new_candidate("2026-11-20-ee")
    (left / "observatoire.duckdb").write_text("half")
    fresh = store.new_candidate("2026-11-20-ff")
    assert not left.exists() and list(fresh.iterdir()) == []


def test_the_manifest_is_canonical(store: ReleaseStore) -> None:
    folder = make(store, "2026-11-20-bb")
    text = (folder / "manifest.json").read_text()
    assert text == json.dumps(json.loads(text), ensure_ascii=False, sort_keys=True, indent=2) + "\n"


def test_a_release_of_the_same_inputs_can_be_withdrawn(store: ReleaseStore) -> None:
    """A deadline that passed makes a release of the very same inputs: withdrawing it must hold."""
    make(store, "2026-12-20-aa", key="same")
    make(store, "2027-01-02-bb", number=2, key="same")
    store.publish("2027-01-02-bb")
    store.rollback("2026-12-20-aa", "erreur", AT)
    assert store.current_id() == "2026-12-20-aa"
    assert store.retired("same", dt.date(2027, 1, 2)) == "erreur" == store.retired("same", dt.date(2027, 3, 1))
    assert store.retired("same", dt.date(2026, 12, 20)) == ""


def test_a_withdrawal_killed_half_way_still_holds(store: ReleaseStore, monkeypatch: pytest.MonkeyPatch) -> None:
    make(store, "2026-11-19-aa", key="a")
    make(store, "2026-11-20-bb", number=2, key="b")
    store.publish("2026-11-20-bb")

    def killed(release_id: str) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(store, "publish", killed)
        with pytest.raises(KeyboardInterrupt):
            store.rollback("2026-11-19-aa", "erreur", AT)
    assert store.retired("b", dt.date(2026, 11, 20)) == "erreur"
    store.rollback("2026-11-19-aa", "erreur", AT)
    assert store.current_id() == "2026-11-19-aa"


def test_the_candidate_just_rejected_is_always_kept(store: ReleaseStore) -> None:
    for name in ("2026-11-10-zz", "2026-11-10-yy", "2026-11-10-xx", "2026-11-10-aa"):
        kept = store.reject(store.new_candidate(name), {"id": name, "nuit": name[:10]}, name, "motif")
        assert kept.exists()


def test_a_broken_current_is_a_typed_error_that_a_rollback_mends(store: ReleaseStore) -> None:
    make(store, "2026-11-19-aa")
    store.current.symlink_to("releases/2026-11-30-nulle-part")
    with pytest.raises(ReleaseError):
        store.current_id()
    store.rollback("2026-11-19-aa", "lien cassé", AT)
    assert store.current_id() == "2026-11-19-aa"
    store.current.unlink()
    store.current.mkdir()
    with pytest.raises(ReleaseError):
        store.current_id()
