"""Messages that cannot be made or sent: the night goes on, and nobody is told that they left."""

from __future__ import annotations

import datetime as dt
import socket
import threading
from pathlib import Path

import pytest

from flows import mailing
from flows.alerts.outbox import FAILED, WEBHOOK, Stored
from flows.alerts.webhook import WebhookTransport
from flows.core.errors import ObservatoireError
from flows.notices import write_one
from flows.record import RunRecord
from tests.nights import observatory

NUIT = dt.date(2026, 11, 20)
NOON = dt.datetime(2026, 11, 20, 11, tzinfo=dt.UTC)


def test_a_defect_of_messages_is_an_error_of_the_record_and_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every run begins with the messages: what raised here would stop each night before it asked anything."""

    def broken(*_: object) -> None:
        raise KeyError("agent@exemple.fr")

    monkeypatch.setattr(mailing, "_catch_up", broken)
    record = RunRecord.start(tmp_path, kind="nightly", mode="reel", nuit=NUIT, now=NOON)
    mailing.alert(observatory(tmp_path / "entrepot"), record, NUIT)
    (error,) = record.value["errors"]
    assert "KeyError" in error["what"] and error["where"].startswith("test_messages_defects.py, ligne ")
    assert "exemple.fr" not in str(error) and record.exit_code == 0


def test_a_webhook_that_does_not_speak_http_is_tried_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(b"220 smtp.exemple.fr ESMTP\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        transport = WebhookTransport(f"http://127.0.0.1:{listening.getsockname()[1]}/", "secret", timeout=10)
        stored = Stored("k", "r", WEBHOOK, WEBHOOK, (), "", b"{}", "k", state="", attempts=1)
        delivery = transport.deliver(stored)
        thread.join()
    assert delivery.state == FAILED and "BadStatusLine" in delivery.error


def test_a_notice_that_could_not_be_kept_is_not_said_to_be(tmp_path: Path) -> None:
    built = observatory(tmp_path / "entrepot")
    built.paths.outbox.parent.mkdir(parents=True)
    built.paths.outbox.write_text("a file where the folder should be")
    with pytest.raises(ObservatoireError, match="ni partir ni être gardé"):
        write_one(built, "", "sujet", "texte", kind="examen")
