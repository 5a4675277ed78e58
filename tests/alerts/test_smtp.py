"""Sending for real, over loopback SMTP: encryption, login, refusals, and a connection lost at the worst moment."""

from __future__ import annotations

import socket
import ssl
import subprocess
from email import message_from_bytes

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from flows.alerts.outbox import SENT, WRITTEN
from flows.alerts.smtp import SmtpSettings, SmtpTransport
from tests.alerts.sending import run


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


@pytest.mark.parametrize(("answer", "state"), [("550 refus", "refused"), ("451 plus tard", "pending")])
def test_a_refusal_is_for_ever_or_for_now(outbox, tell, server, answer, state):
    with SmtpTransport(settings(server(Mailbox(answer)), security="none")) as smtp:
        done = run(outbox, tell, ["r1"], smtp=smtp)
    assert done[state] == 3 and done["sent"] == 0
    assert answer[:3] in done["waiting"][0]["error"]


def test_a_grey_list_takes_the_message_the_second_time(outbox, tell, server):
    known = set()

    class Grey(Mailbox):
        async def handle_RCPT(self, server, session, envelope, address, options):
            if address not in known:
                known.add(address)
                return "450 liste grise"
            envelope.rcpt_tos.append(address)
            return "250 OK"

    box = Grey()
    port = server(box)
    with SmtpTransport(settings(port, security="none")) as smtp:
        assert run(outbox, tell, ["r1"], smtp=smtp)["pending"] == 3
        assert run(outbox, tell, ["r1"], nuit="2026-11-21", smtp=smtp)["sent"] == 3
    assert len(box.messages) == 3


def test_no_server_at_all(outbox, tell):
    with SmtpTransport(settings(9, security="none")) as smtp:
        done = run(outbox, tell, ["r1"], smtp=smtp)
    assert (done["sent"], done["pending"], len(done["waiting"])) == (0, 3, 1)


def test_a_connection_lost_after_the_body_sends_again_with_the_same_identifier(outbox, tell, server):
    class Vanishes(Mailbox):
        async def handle_DATA(self, server, session, envelope):
            await super().handle_DATA(server, session, envelope)
            if len(self.messages) <= 3:
                server.transport.abort()
            return "250 OK"

    box = Vanishes()
    port = server(box)
    with SmtpTransport(settings(port, security="none")) as smtp:
        done = run(outbox, tell, ["r1"], smtp=smtp)
        assert (done["sent"], done["pending"], len(box.messages)) == (0, 3, 3)
        assert run(outbox, tell, ["r1"], nuit="2026-11-21", smtp=smtp)["sent"] == 3
    ids = [message_from_bytes(content)["Message-ID"] for _, _, content in box.messages]
    assert len(ids) == 6 and len(set(ids)) == 3 and outbox.counts() == {SENT: 3}


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
    assert (done["sent"], done["refused"], len(box.messages)) == (2, 1, 2)
    assert WRITTEN not in outbox.counts()
