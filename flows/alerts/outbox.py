"""The outbox: which releases were told, and every message with its state, in one SQLite file (WAL).

Not here: what is said (flows.alerts.compose) and how bytes leave (flows.alerts.smtp, flows.alerts.files). Enqueueing
a release and moving the cursor past it are one transaction. Sending is at most once: the intent is written before
the message leaves, and a message whose fate is unknown after a crash is reported, never sent again by itself.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from flows.alerts.changes import Held
from flows.alerts.compose import Composition, Message
from flows.alerts.mime import build
from flows.core.errors import StorageFull, WarehouseError

TO_SEND, SENDING, SENT, WRITTEN, FAILED, UNCERTAIN = (
    "a_envoyer",
    "en_cours",
    "envoye",
    "ecrit",
    "echec",
    "incertain",
)
MAX_NIGHTS = 14  # then a failing message stays in `echec` and is left to a person
_SCHEMA = """
create table if not exists releases (release text primary key, nuit text not null, note text not null);
create table if not exists messages (
    key text primary key, release text not null, nuit text not null, kind text not null, indicators text not null,
    recipient text not null, roles text not null, role_label text not null, subject text not null,
    message_id text not null unique, raw blob not null, state text not null, attempts integer not null default 0,
    last_night text not null default '', error text not null default ''
);
create table if not exists held (
    indicateur text primary key, etat_avant text not null, etat_apres text not null, raison text not null
);
create table if not exists journal (
    release text not null, indicateur text not null, etat_avant text not null, etat_apres text not null,
    raison text not null, primary key (release, indicateur)
);
"""


@dataclass(frozen=True)
class Stored:
    """A message of the outbox. `recipient` is "" when its role has no address."""

    key: str
    release: str
    kind: str
    roles: tuple[str, ...]
    recipient: str = field(repr=False)
    raw: bytes = field(repr=False)
    message_id: str
    state: str
    attempts: int


@dataclass(frozen=True)
class Delivery:
    """Outcome of one attempt: `state` is one of SENT, WRITTEN, FAILED, UNCERTAIN; `error` is French, no address."""

    state: str
    error: str = ""


class Transport(Protocol):
    """Something that takes a message away."""

    def deliver(self, message: Stored) -> Delivery: ...


class Outbox:
    """The outbox file. Opened per use, so that a killed run holds nothing.

    Args:
        path: `etat.sqlite`; its folder must exist. sender: address of the observatory. sender_name: its name.

    Raises:
        WarehouseError: the file cannot be opened or is not an outbox.
    """

    def __init__(self, path: Path, *, sender: str, sender_name: str) -> None:
        self._path, self._sender, self._sender_name = path, sender, sender_name
        with self._open() as db:
            db.executescript(_SCHEMA)
        # Addresses are inside: nobody else on the machine may read it.
        os.chmod(path, 0o600)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(sqlite3.connect(self._path, timeout=30, isolation_level=None)) as db:
                db.execute("pragma journal_mode = wal")
                db.execute("pragma synchronous = full")
                yield db
        except sqlite3.DatabaseError as error:
            if getattr(error, "sqlite_errorname", "") == "SQLITE_FULL":
                raise StorageFull(
                    "Le disque est plein : la boîte d’envoi n’a pas pu être écrite, la version publiée reste.",
                    where=self._path.name,
                    todo="libérer de l'espace, puis relancer : ce qui est dû sera envoyé.",
                ) from error
            raise WarehouseError(
                f"La boîte d’envoi ne peut pas être utilisée : {error}.",
                where=self._path.name,
                todo="vérifier l’espace disque et les droits ; le fichier peut être restauré d’une sauvegarde.",
            ) from error

    def handled(self) -> list[str]:
        """Releases already told, in the order they were."""
        with self._open() as db:
            return [row[0] for row in db.execute("select release from releases order by rowid")]

    def held(self) -> list[Held]:
        """Changes kept back so far, by indicator."""
        with self._open() as db:
            return [Held(*row) for row in db.execute("select * from held order by indicateur")]

    def enqueue(self, composition: Composition, *, nuit: str, note: str = "") -> int:
        """Store the messages of a release and move the cursor past it, in one transaction; returns how many are new.

        Doing it twice changes nothing.
        """
        new = 0
        with self._open() as db:
            db.execute("begin immediate")
            if db.execute("select 1 from releases where release = ?", [composition.release]).fetchone():
                db.execute("rollback")
                return 0
            for message in composition.messages:
                new += db.execute(
                    "insert or ignore into messages (key, release, nuit, kind, indicators, recipient, roles,"
                    " role_label, subject, message_id, raw, state) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    self._row(message),
                ).rowcount
            db.execute("delete from held")
            for item in composition.not_sent:
                values = [item.indicateur, item.etat_avant, item.etat_apres, item.raison]
                db.execute("insert or replace into journal values (?, ?, ?, ?, ?)", [composition.release, *values])
                if item.hold:
                    db.execute("insert or replace into held values (?, ?, ?, ?)", values)
            db.execute("insert into releases values (?, ?, ?)", [composition.release, nuit, note])
            db.execute("commit")
        return new

    def skip(self, release: str, *, nuit: str, note: str) -> None:
        """Move the cursor past a release without telling it, with the reason."""
        with self._open() as db:
            db.execute("insert or ignore into releases values (?, ?, ?)", [release, nuit, note])

    def _row(self, message: Message) -> tuple[Any, ...]:
        domain = self._sender.rpartition("@")[2] or "observatoire.invalid"
        message_id = f"<{message.key[:32]}@{domain}>"
        raw = build(
            message_id=message_id,
            subject=message.subject,
            sender=self._sender,
            sender_name=self._sender_name,
            recipient=message.recipient,
            recipient_name=message.role_label,
            text=message.text,
            html=message.html,
            nuit=message.nuit,
            charts=message.charts,
        )
        return (
            message.key,
            message.release,
            message.nuit,
            message.kind,
            json.dumps(message.indicators),
            message.recipient,
            json.dumps(message.roles),
            message.role_label,
            message.subject,
            message_id,
            raw,
            TO_SEND,
        )

    def due(self, nuit: str) -> list[Stored]:
        """Messages to try tonight, oldest first: new ones, and failed ones not yet tried this night."""
        with self._open() as db:
            rows = db.execute(
                "select key, release, kind, roles, recipient, raw, message_id, state, attempts from messages"
                " where state = ? or (state = ? and last_night < ? and attempts < ?) order by rowid",
                [TO_SEND, FAILED, nuit, MAX_NIGHTS],
            ).fetchall()
        return [Stored(*row[:3], tuple(json.loads(row[3])), *row[4:]) for row in rows]

    def recover(self) -> int:
        """Messages that a crash left between intent and mark become `incertain`; returns how many.

        A message without address is a file: writing it again is harmless, so it is simply due again.
        """
        with self._open() as db:
            db.execute("update messages set state = ? where state = ? and recipient = ''", [TO_SEND, SENDING])
            return db.execute(
                "update messages set state = ?, error = ? where state = ?",
                [
                    UNCERTAIN,
                    "exécution interrompue pendant l’envoi : le message est peut-être parti",
                    SENDING,
                ],
            ).rowcount

    def begin(self, key: str, nuit: str) -> bool:
        """Write the intent to send; False when another run already took the message."""
        with self._open() as db:
            return (
                db.execute(
                    "update messages set state = ?, attempts = attempts + 1, last_night = ?, error = ''"
                    " where key = ? and state in (?, ?)",
                    [SENDING, nuit, key, TO_SEND, FAILED],
                ).rowcount
                == 1
            )

    def mark(self, key: str, delivery: Delivery) -> None:
        """Write the outcome of an attempt."""
        with self._open() as db:
            db.execute(
                "update messages set state = ?, error = ? where key = ?", [delivery.state, delivery.error[:300], key]
            )

    def settle(self, key: str, *, sent: bool) -> bool:
        """A person says what became of an uncertain or failed message: received, or to send again. False when it is
        neither."""
        with self._open() as db:
            return (
                db.execute(
                    "update messages set state = ?, last_night = '', attempts = 0 where key = ? and state in (?, ?)",
                    [SENT if sent else TO_SEND, key, UNCERTAIN, FAILED],
                ).rowcount
                == 1
            )

    def counts(self) -> dict[str, int]:
        """Messages by state."""
        with self._open() as db:
            return dict(db.execute("select state, count(*) from messages group by state order by state"))

    def waiting(self) -> list[dict[str, Any]]:
        """Messages that need a look (failed or uncertain), without addresses: key, roles, subject, state, error."""
        with self._open() as db:
            rows = db.execute(
                "select key, release, role_label, subject, state, attempts, error from messages"
                " where state in (?, ?) order by rowid",
                [FAILED, UNCERTAIN],
            ).fetchall()
        names = ("key", "release", "role", "subject", "state", "attempts", "error")
        return [dict(zip(names, row, strict=True)) for row in rows]
