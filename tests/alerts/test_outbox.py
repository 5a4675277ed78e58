"""The outbox: idempotent, caught up by any run, nothing lost through any crash; waiting, refusals, files, upgrade."""

from __future__ import annotations

import datetime as dt
import itertools
import sqlite3
import stat
from email import message_from_bytes

import pytest

from flows.alerts.catching_up import merge_mail
from flows.alerts.compose import compose
from flows.alerts.contacts import Contacts
from flows.alerts.files import FileTransport
from flows.alerts.outbox import BACKOFF, FAILED, GIVEN_UP, REFUSED, Delivery, Outbox
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


def test_failure_is_tried_again_the_next_night_only(outbox, tell):
    smtp = Recorder(*[Delivery(FAILED, "le serveur ne répond pas")] * 3)
    first = run(outbox, tell, ["r1"], smtp=smtp)
    assert (first["sent"], first["failed"], first["pending"]) == (0, 3, 3)
    assert first["waiting"][0]["error"] == "le serveur ne répond pas"
    assert first["waiting"][0]["next"] == "2026-11-21"
    assert "exemple.fr" not in str(first)
    assert run(outbox, tell, ["r1"], smtp=smtp)["sent"] == 0
    assert len(smtp.delivered) == 3
    done = run(outbox, tell, ["r1"], nuit="2026-11-21", smtp=smtp)
    assert (done["sent"], done["pending"], done["waiting"]) == (3, 0, [])


class Never(Recorder):
    """A transport that always answers the same."""

    def __init__(self, delivery):
        super().__init__()
        self.answer, self.nights = delivery, []

    def deliver(self, message):
        super().deliver(message)
        return self.answer


def test_a_failing_message_waits_longer_and_longer_then_is_left_to_a_person(outbox, tell):
    smtp, tried = Never(Delivery(FAILED, "non")), []
    for day in range(80):
        nuit = (dt.date(2027, 1, 1) + dt.timedelta(days=day)).isoformat()
        before = len(smtp.delivered)
        done = run(outbox, tell, ["r1"], nuit=nuit, smtp=smtp)
        tried += [day] if len(smtp.delivered) > before else []
    assert [b - a for a, b in itertools.pairwise(tried)] == list(BACKOFF)
    assert outbox.counts() == {GIVEN_UP: 3} and (done["failed"], done["pending"]) == (3, 0)
    assert outbox.settle(done["waiting"][0]["key"], sent=False)
    assert run(outbox, tell, ["r1"], nuit="2027-06-01", smtp=Recorder())["sent"] == 1


def test_a_refusal_for_ever_goes_to_the_report_and_is_not_tried_again(outbox, tell):
    smtp = Never(Delivery(REFUSED, "le serveur refuse le destinataire (code 550)"))
    first = run(outbox, tell, ["r1"], smtp=smtp)
    assert (first["refused"], first["pending"]) == (3, 0) and "550" in first["waiting"][0]["error"]
    run(outbox, tell, ["r1"], nuit="2027-11-20", smtp=smtp)
    assert len(smtp.delivered) == 3


def test_a_server_that_does_not_answer_is_asked_once_a_night(outbox, tell):
    smtp = Never(Delivery(FAILED, "injoignable", reachable=False))
    done = run(outbox, tell, ["r1"], smtp=smtp)
    assert len(smtp.delivered) == 1 and done["pending"] == 3


def test_a_crash_between_intent_and_outcome_sends_again_with_the_same_identifier(outbox, tell):
    class Dies(Recorder):
        def deliver(self, message):
            super().deliver(message)
            raise KeyboardInterrupt

    dying = Dies()
    with pytest.raises(KeyboardInterrupt):
        run(outbox, tell, ["r1"], smtp=dying)
    after = Recorder()
    done = run(outbox, tell, ["r1"], smtp=after)
    assert (done["resumed"], done["sent"], done["waiting"]) == (1, 3, [])
    assert {m.message_id for m in dying.delivered} < {m.message_id for m in after.delivered}
    assert run(outbox, tell, ["r1"], nuit="2026-11-22", smtp=after)["sent"] == 0


def test_an_older_outbox_is_upgraded_and_what_it_told_stays_told(tmp_path, tell):
    path = tmp_path / "etat.sqlite"
    with sqlite3.connect(path) as db:
        db.executescript("""
            create table releases (release text primary key, nuit text not null, note text not null);
            create table messages (
                key text primary key, release text not null, nuit text not null, kind text not null,
                indicators text not null, recipient text not null, roles text not null, role_label text not null,
                subject text not null, message_id text not null unique, raw blob not null, state text not null,
                attempts integer not null default 0, last_night text not null default '',
                error text not null default '');
            create table held (indicateur text primary key);
            create table journal (release text not null);
            insert into releases values ('r1', '2026-11-20', '');
            insert into messages values ('k1', 'r1', '2026-11-20', 'changement', '["a"]', 'x@y.fr', '["r"]', 'R', 'S',
                '<k1@y.fr>', x'00', 'incertain', 1, '2026-11-20', 'coupure');
            insert into messages values ('k2', 'r1', '2026-11-20', 'changement', '["a"]', 'x@y.fr', '["r"]', 'R', 'S',
                '<k2@y.fr>', x'00', 'a_envoyer', 0, '', '');
        """)
    outbox = Outbox(path, sender="observatoire@exemple.fr", sender_name="O")
    assert outbox.handled() == ["r1"] and outbox.counts() == {"a_envoyer": 1, GIVEN_UP: 1}
    assert [m.key for m in outbox.due("2026-11-21")] == ["k2"]
    assert outbox.settle("k1", sent=True)
    with sqlite3.connect(path) as db:
        db.execute("pragma user_version = 99")
    with pytest.raises(WarehouseError, match="plus récent"):
        Outbox(path, sender="observatoire@exemple.fr", sender_name="O")


def test_a_crash_while_composing_leaves_nothing_half_done(outbox, tell):
    def broken(release, told, opening):
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
    def tell(release, told, opening):
        return compose(tiny_release(id=release), Contacts(), told=told, opening=opening, **given)

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
