"""The outbox: idempotent, caught up by any run, at most once through any crash; files and real SMTP."""

from __future__ import annotations

import socket
import sqlite3
import ssl
import stat
import subprocess
import sys
import textwrap
from email import message_from_bytes

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from flows.alerts.catching_up import catch_up, merge_mail
from flows.alerts.changes import Held
from flows.alerts.compose import compose
from flows.alerts.contacts import Contacts
from flows.alerts.files import FileTransport
from flows.alerts.outbox import FAILED, MAX_NIGHTS, SENT, UNCERTAIN, WRITTEN, Delivery, Outbox
from flows.alerts.smtp import SmtpSettings, SmtpTransport
from flows.core.errors import WarehouseError
from tests.tiny_release import tiny_release

NUIT = "2026-11-20"


@pytest.fixture
def outbox(tmp_path):
    return Outbox(tmp_path / "etat.sqlite", sender="observatoire@exemple.fr", sender_name="Observatoire 2044")


@pytest.fixture
def tell(contacts, given):
    def of(release, held, opening):
        return compose(tiny_release(id=release), contacts, held=held, opening=opening, **given)

    return of


class Recorder:
    """A transport that keeps what it delivers and answers as told."""

    def __init__(self, *answers):
        self.answers, self.delivered = list(answers), []

    def deliver(self, message):
        self.delivered.append(message)
        return self.answers.pop(0) if self.answers else Delivery(SENT)


def run(outbox, tell, published, nuit=NUIT, files=None, smtp=None):
    return catch_up(outbox, published=published, compose=tell, files=files or Recorder(), smtp=smtp, nuit=nuit)


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


class Mailbox:
    """An aiosmtpd handler that keeps messages and answers as told."""

    def __init__(self, answer="250 OK"):
        self.answer, self.messages = answer, []

    async def handle_DATA(self, server, session, envelope):
        self.messages.append((envelope.mail_from, envelope.rcpt_tos, envelope.content))
        return self.answer


@pytest.fixture
def server():
    started = []

    def start(handler, **options):
        with socket.socket() as probe:  # the controller connects to its own port to start: it needs a number
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        controller = Controller(handler, hostname="127.0.0.1", port=port, **options)
        controller.start()
        started.append(controller)
        return port

    yield start
    for controller in started:
        controller.stop()


def settings(port, **more):
    return SmtpSettings(host="127.0.0.1", port=port, sender="observatoire@exemple.fr", timeout=5, **more)


def test_real_sending(outbox, tell, server):
    box = Mailbox()
    with SmtpTransport(settings(server(box), security="none")) as smtp:
        done = run(outbox, tell, ["r1"], smtp=smtp)
    assert done["sent"] == 3 and len(box.messages) == 3
    assert sorted(to[0] for _, to, _ in box.messages) == ["2p2t@exemple.fr", "e2@exemple.fr", "e3@exemple.fr"]
    received = message_from_bytes(box.messages[0][2])
    assert received["Message-ID"].endswith("@exemple.fr>") and received.is_multipart()


def test_login(outbox, tell, server):
    def check(server, session, envelope, mechanism, data):
        assert isinstance(data, LoginPassword)
        return AuthResult(success=(data.login, data.password) == (b"obs", b"mdp"))

    box = Mailbox()
    port = server(box, authenticator=check, auth_require_tls=False, auth_required=True)
    wrong = SmtpSettings("127.0.0.1", port, "observatoire@exemple.fr", "obs", "faux", "none", timeout=0.5)
    with SmtpTransport(wrong) as smtp:
        assert "identifiant" in run(outbox, tell, ["r1"], smtp=smtp)["waiting"][0]["error"]
    with SmtpTransport(settings(port, security="none", user="obs", password="mdp")) as smtp:
        assert run(outbox, tell, ["r1"], nuit="2026-11-21", smtp=smtp)["sent"] == 3


def test_a_password_is_not_shown():
    assert "mdp" not in repr(settings(25, user="obs", password="mdp"))


def test_a_server_without_encryption_gets_nothing(outbox, tell, server):
    box = Mailbox()
    with SmtpTransport(settings(server(box), security="starttls", user="obs", password="mdp")) as smtp:
        done = run(outbox, tell, ["r1"], smtp=smtp)
    assert box.messages == [] and "chiffrée" in done["waiting"][0]["error"]


def test_an_unknown_certificate_is_refused(outbox, tell, server, certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    box = Mailbox()
    port = server(box, tls_context=context)
    with SmtpTransport(settings(port)) as smtp:
        assert "certificat" in run(outbox, tell, ["r1"], smtp=smtp)["waiting"][0]["error"]
    with SmtpTransport(settings(port, ca_file=str(certificate[0]))) as smtp:
        assert run(outbox, tell, ["r1"], nuit="2026-11-21", smtp=smtp)["sent"] == 3


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    """A self-signed certificate for 127.0.0.1; skipped when the openssl command is absent."""
    import shutil

    if shutil.which("openssl") is None:
        pytest.skip("la commande openssl manque : pas de certificat d’essai")
    folder = tmp_path_factory.mktemp("certificat")
    command = "openssl req -x509 -newkey rsa:2048 -nodes -keyout k.pem -out c.pem -days 2 -subj /CN=127.0.0.1"
    command += " -addext subjectAltName=IP:127.0.0.1"
    subprocess.run(command.split(), cwd=folder, check=True, capture_output=True)
    return folder / "c.pem", folder / "k.pem"


@pytest.mark.parametrize("answer", ["550 refus", "451 plus tard"])
def test_a_refusal_is_definite(outbox, tell, server, answer):
    with SmtpTransport(settings(server(Mailbox(answer)), security="none")) as smtp:
        done = run(outbox, tell, ["r1"], smtp=smtp)
    assert (done["failed"], done["uncertain"]) == (3, 0)
    assert answer[:3] in done["waiting"][0]["error"]


def test_no_server_at_all(outbox, tell):
    with SmtpTransport(settings(9, security="none")) as smtp:
        done = run(outbox, tell, ["r1"], smtp=smtp)
    assert (done["failed"], done["uncertain"]) == (3, 0)


def test_a_connection_lost_after_the_body_is_uncertain_and_never_sent_again(outbox, tell, server):
    class Vanishes(Mailbox):
        async def handle_DATA(self, server, session, envelope):
            await super().handle_DATA(server, session, envelope)
            server.transport.abort()
            return "250 OK"

    box = Vanishes()
    port = server(box)
    with SmtpTransport(settings(port, security="none")) as smtp:
        done = run(outbox, tell, ["r1"], smtp=smtp)
    assert (done["sent"], done["uncertain"], len(box.messages)) == (0, 3, 3)
    with SmtpTransport(settings(port, security="none")) as smtp:
        run(outbox, tell, ["r1"], nuit="2026-11-21", smtp=smtp)
    assert len(box.messages) == 3
    assert outbox.counts() == {UNCERTAIN: 3}


def test_one_bad_recipient_does_not_stop_the_others(outbox, tell, server):
    class Picky(Mailbox):
        async def handle_RCPT(self, server, session, envelope, address, options):
            if address.startswith("e2@"):
                return "550 inconnu"
            envelope.rcpt_tos.append(address)
            return "250 OK"

    box = Picky()
    with SmtpTransport(settings(server(box), security="none")) as smtp:
        done = run(outbox, tell, ["r1"], smtp=smtp)
    assert (done["sent"], done["failed"], len(box.messages)) == (2, 1, 2)
    assert WRITTEN not in outbox.counts()
