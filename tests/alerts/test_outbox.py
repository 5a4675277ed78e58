"""The outbox: idempotent, caught up by any run, at most once through any crash; files."""

from __future__ import annotations

import sqlite3
import stat
import subprocess
import sys
import textwrap
from email import message_from_bytes

import pytest

from flows.alerts.catching_up import merge_mail
from flows.alerts.changes import Held
from flows.alerts.compose import compose
from flows.alerts.contacts import Contacts
from flows.alerts.files import FileTransport
from flows.alerts.outbox import FAILED, MAX_NIGHTS, Delivery, Outbox
from flows.core.errors import WarehouseError
from tests.alerts.sending import NUIT, Recorder, run
from tests.tiny_release import tiny_release


def test_a_release_is_told_once(outbox, tell):
    smtp = Recorder()
    first = run(outbox, tell, ["r1"], smtp=smtp)
    assert (first["composed"], first["sent"], first["pending"]) == (3, 3, 0)
    again = run(outbox, tell, ["r1"], smtp=smtp)
    assert (again["composed"], again["sent"]) == (0, 0)
    assert len({m.message_id for m in smtp.delivered}) == 3


def test_a_release_put_back_is_not_told_again(outbox, tell):
    run(outbox, tell, ["r1"], smtp=Recorder())
    run(outbox, tell, ["r1", "r2"], smtp=Recorder())
    assert run(outbox, tell, ["r1", "r2", "r1"], smtp=Recorder())["composed"] == 0


def test_enqueue_twice_is_once(outbox, tell):
    composition = tell("r1", (), None)
    assert outbox.enqueue(composition, nuit=NUIT) == 3
    assert outbox.enqueue(composition, nuit=NUIT) == 0


def test_a_lost_outbox_does_not_flood(outbox, tell):
    smtp = Recorder()
    done = run(outbox, tell, ["r1", "r2", "r3"], smtp=smtp)
    assert {m.kind for m in smtp.delivered} == {"ouverture"}
    assert {m.release for m in smtp.delivered} == {"r3"}
    assert outbox.handled() == ["r1", "r2", "r3"] and done["composed"] == len(smtp.delivered)


def test_held_changes_travel_to_the_next_release(outbox, contacts, given):
    seen = []

    def tell(release, held, opening):
        seen.append(list(held))
        late = lambda rows: [{**r, "a_actualiser": True} for r in rows]  # noqa: E731
        changes = {} if release == "r1" else {"fct_status_change": []}
        status = {"fct_status": late} if release == "r1" else {}
        return compose(tiny_release(id=release, **changes, **status), contacts, held=held, opening=opening, **given)

    first = run(outbox, tell, ["r1"], smtp=Recorder())
    assert first["composed"] == 0 and {n["indicateur"] for n in first["not_sent"]} >= {"consommation_enaf"}
    second = run(outbox, tell, ["r1", "r2"], smtp=Recorder())
    assert seen[1] == [Held("consommation_enaf", "a_surveiller", "derive", seen[1][0].raison)]
    assert second["composed"] == 3 and outbox.held() == []


def test_failure_is_tried_again_the_next_night_only(outbox, tell):
    smtp = Recorder(*[Delivery(FAILED, "le serveur ne répond pas")] * 3)
    first = run(outbox, tell, ["r1"], smtp=smtp)
    assert (first["sent"], first["failed"], first["pending"]) == (0, 3, 3)
    assert first["waiting"][0]["error"] == "le serveur ne répond pas"
    assert "exemple.fr" not in str(first)
    assert run(outbox, tell, ["r1"], smtp=smtp)["sent"] == 0
    assert len(smtp.delivered) == 3
    done = run(outbox, tell, ["r1"], nuit="2026-11-21", smtp=smtp)
    assert (done["sent"], done["pending"], done["waiting"]) == (3, 0, [])


def test_a_message_is_given_up_after_two_weeks(outbox, tell):
    class Never(Recorder):
        def deliver(self, message):
            super().deliver(message)
            return Delivery(FAILED, "non")

    smtp = Never()
    for day in range(1, 29):
        run(outbox, tell, ["r1"], nuit=f"2027-01-{day:02d}", smtp=smtp)
    assert len(smtp.delivered) == 3 * MAX_NIGHTS
    assert outbox.counts() == {FAILED: 3}


def test_a_crash_between_intent_and_mark_never_sends_twice(outbox, tell):
    class Dies(Recorder):
        def deliver(self, message):
            super().deliver(message)
            raise KeyboardInterrupt

    dying = Dies()
    with pytest.raises(KeyboardInterrupt):
        run(outbox, tell, ["r1"], smtp=dying)
    after = Recorder()
    done = run(outbox, tell, ["r1"], nuit="2026-11-21", smtp=after)
    assert done["uncertain"] == 1 and done["sent"] == 2
    assert {m.key for m in dying.delivered}.isdisjoint(m.key for m in after.delivered)
    assert run(outbox, tell, ["r1"], nuit="2026-11-22", smtp=after)["sent"] == 0
    key = done["waiting"][0]["key"]
    assert outbox.settle(key, sent=False) and not outbox.settle(key, sent=False)
    assert run(outbox, tell, ["r1"], nuit="2026-11-22", smtp=after)["sent"] == 1


def test_sigkill_while_sending_in_another_process(tmp_path, tell, outbox):
    """A real kill, with nothing able to run afterwards in the killed process."""
    outbox.enqueue(tell("r1", (), None), nuit=NUIT)
    script = textwrap.dedent(
        f"""
        import os, signal
        from pathlib import Path
        from flows.alerts.outbox import Outbox
        box = Outbox(Path({str(tmp_path / "etat.sqlite")!r}), sender="observatoire@exemple.fr", sender_name="O")
        box.begin(box.due({NUIT!r})[0].key, {NUIT!r})
        os.kill(os.getpid(), signal.SIGKILL)
        """
    )
    killed = subprocess.run([sys.executable, "-c", script], check=False)
    assert killed.returncode == -9
    done = run(outbox, tell, ["r1"], smtp=Recorder())
    assert (done["sent"], done["uncertain"]) == (2, 1)


def test_a_crash_while_composing_leaves_nothing_half_done(outbox, tell):
    def broken(release, held, opening):
        raise RuntimeError("template")

    with pytest.raises(RuntimeError):
        run(outbox, broken, ["r1"])
    assert outbox.handled() == [] and outbox.counts() == {}
    assert run(outbox, tell, ["r1"], smtp=Recorder())["sent"] == 3


def test_without_mail_settings_messages_are_files_with_the_same_names_every_time(outbox, tell, tmp_path):
    folder = tmp_path / "outbox"
    done = run(outbox, tell, ["2026-11-20-7f3a"], files=FileTransport(folder))
    assert (done["written"], done["sent"], done["pending"]) == (3, 0, 0)
    names = sorted(path.name for path in folder.iterdir())
    assert len(names) == 3 and all(name.startswith("2026-11-20-7f3a-changement-") for name in names)
    assert "exemple" not in " ".join(names)
    for path in folder.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert message_from_bytes(path.read_bytes())["Message-ID"]
    assert stat.S_IMODE((tmp_path / "etat.sqlite").stat().st_mode) == 0o600


def test_roles_without_address_are_files_even_with_a_mail_server(outbox, given, tmp_path):
    def tell(release, held, opening):
        return compose(tiny_release(id=release), Contacts(), held=held, opening=opening, **given)

    smtp = Recorder()
    done = run(outbox, tell, ["r1"], files=FileTransport(tmp_path / "outbox"), smtp=smtp)
    assert smtp.delivered == [] and done["written"] == 3
    assert {f["vers"] for f in done["fallbacks"]} == {"fichier"}


def test_a_folder_that_cannot_be_written_is_a_failure_not_a_crash(outbox, tell, tmp_path):
    (tmp_path / "outbox").write_text("a file, not a folder")
    done = run(outbox, tell, ["r1"], files=FileTransport(tmp_path / "outbox"))
    assert (done["written"], done["failed"]) == (0, 3)


def test_a_file_that_is_no_outbox(tmp_path):
    (tmp_path / "etat.sqlite").write_bytes(b"not a database" * 100)
    with pytest.raises(WarehouseError, match="boîte d’envoi"):
        Outbox(tmp_path / "etat.sqlite", sender="a@b.fr", sender_name="n")


def test_the_outbox_is_in_wal_mode(outbox, tmp_path):
    with sqlite3.connect(tmp_path / "etat.sqlite") as db:
        assert db.execute("pragma journal_mode").fetchone()[0] == "wal"


def test_two_catch_ups_of_one_run_are_one_entry():
    first = {"composed": 1, "sent": 1, "written": 0, "pending": 2, "fallbacks": [{"role": "a"}], "not_sent": []}
    second = {"composed": 2, "sent": 0, "written": 2, "pending": 1, "fallbacks": [{"role": "a"}], "not_sent": []}
    merged = merge_mail(first, second)
    assert (merged["composed"], merged["sent"], merged["written"], merged["pending"]) == (3, 1, 2, 1)
    assert merged["fallbacks"] == [{"role": "a"}]
