"""The outbox: which releases were told, and every message with its state, in one SQLite file (WAL).

Not here: what is said (flows.alerts.compose), the schema of the file (flows.alerts.outbox_file) and how bytes leave
(flows.alerts.smtp, files, webhook). Storing the messages of a release and moving the cursor past it are one
transaction. Sending is at least once: the intent is written before a message leaves and its outcome after, so that
nothing is lost whatever crashes; only a message that the server accepted while nothing was recorded yet leaves a
second time, then with the same Message-ID, by which mail programs know it again.
"""

from __future__ import annotations

import datetime as dt
import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from flows.alerts.compose import Composition
from flows.alerts.digest import Message
from flows.alerts.mime import build
from flows.alerts.outbox_file import COLUMNS, create, opened
from flows.failpoints import failpoint

TO_SEND, SENDING, SENT, WRITTEN = "a_envoyer", "en_cours", "envoye", "ecrit"
FAILED, REFUSED, GIVEN_UP = "echec", "refuse", "abandonne"
MAIL, WEBHOOK = "courriel", "webhook"
# Nights to wait after each failed try; after the last one the message is left to a person.
BACKOFF = (1, 1, 2, 4, 7, 7, 7, 7)
INTERRUPTED = "exécution interrompue pendant l’envoi : le message part à nouveau, avec le même identifiant"


@dataclass(frozen=True)
class Stored:
    """A message of the outbox. `recipient` is "" when its role has no address; `raw` is the mail or the JSON body."""

    key: str
    release: str
    kind: str
    channel: str
    roles: tuple[str, ...]
    recipient: str = field(repr=False)
    raw: bytes = field(repr=False)
    message_id: str
    state: str
    attempts: int


@dataclass(frozen=True)
class Delivery:
    """Outcome of one attempt. `state`: SENT, WRITTEN, FAILED (may work later) or REFUSED (never will as it is).

    `error` is French and holds no address. `reachable`: False when there was nobody to talk to, so that trying the
    other messages tonight would only wait for nothing.
    """

    state: str
    error: str = ""
    reachable: bool = True


class Transport(Protocol):
    """Something that takes a message away."""

    def deliver(self, message: Stored) -> Delivery: ...


class Outbox:
    """The outbox file. Opened per use, so that a killed run holds nothing.

    Args:
        path: `etat.sqlite`; its folder must exist. sender: address of the observatory. sender_name: its name.

    Raises:
        WarehouseError: the file cannot be opened or is not an outbox.
        StorageFull: the disk is full.
    """

    def __init__(self, path: Path, *, sender: str, sender_name: str) -> None:
        self._path, self._sender, self._sender_name = path, sender, sender_name
        create(path)
        # Addresses are inside: nobody else on the machine may read it.
        os.chmod(path, 0o600)

    def handled(self) -> list[str]:
        """Releases already told, in the order they were."""
        with opened(self._path) as db:
            return [row[0] for row in db.execute("select release from releases order by rowid")]

    def events_told(self) -> frozenset[str]:
        """Keys of the events that a stored message tells, whatever became of it."""
        with opened(self._path) as db:
            rows = db.execute("select events from messages where channel = ?", [MAIL]).fetchall()
        return frozenset(key for row in rows for key in json.loads(row[0]))

    def enqueue(self, composition: Composition, *, nuit: str, note: str = "", hook: bytes = b"") -> int:
        """Store the messages of a release and move the cursor past it, in one transaction; returns how many are new.

        `hook`: body of the webhook call of this release, b"" for none. Doing it twice changes nothing.
        """
        rows = [self._row(message) for message in composition.messages]
        if hook:
            rows.append(_hook_row(composition.release, nuit, hook))
        new = 0
        with opened(self._path) as db:
            db.execute("begin immediate")
            if db.execute("select 1 from releases where release = ?", [composition.release]).fetchone():
                db.execute("rollback")
                return 0
            places = ", ".join("?" * len(COLUMNS))
            for row in rows:
                stored = db.execute(f"insert or ignore into messages ({', '.join(COLUMNS)}) values ({places})", row)
                new += stored.rowcount * (row[COLUMNS.index("channel")] == MAIL)
            db.execute("insert into releases values (?, ?, ?)", [composition.release, nuit, note])
            failpoint("boite.ecrire.avant_commit")
            db.execute("commit")
            failpoint("boite.ecrire.apres_commit")
        return new

    def skip(self, release: str, *, nuit: str, note: str) -> None:
        """Move the cursor past a release without telling it, with the reason."""
        with opened(self._path) as db:
            db.execute("insert or ignore into releases values (?, ?, ?)", [release, nuit, note])

    def raw_of(self, message: Message) -> tuple[str, bytes]:
        """Identifier and bytes of a message as it would leave."""
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
        return message_id, raw

    def _row(self, message: Message) -> tuple[Any, ...]:
        message_id, raw = self.raw_of(message)
        return (
            message.key, message.release, message.nuit, message.kind, MAIL, json.dumps(message.events),
            message.recipient, json.dumps(message.roles), message.role_label, message.subject, message_id, raw,
            TO_SEND,
        )  # fmt: skip

    def due(self, nuit: str) -> list[Stored]:
        """Messages to try tonight, oldest first: new ones, and failed ones whose waiting is over."""
        with opened(self._path) as db:
            rows = db.execute(
                "select key, release, kind, channel, roles, recipient, raw, message_id, state, attempts"
                " from messages where state = ? or (state = ? and next_night <= ?) order by rowid",
                [TO_SEND, FAILED, nuit],
            ).fetchall()
        return [Stored(*row[:4], tuple(json.loads(row[4])), *row[5:]) for row in rows]

    def recover(self) -> int:
        """Messages that a crash left between intent and outcome are due again; returns how many."""
        with opened(self._path) as db:
            return db.execute(
                "update messages set state = ?, error = ? where state = ?", [TO_SEND, INTERRUPTED, SENDING]
            ).rowcount

    def begin(self, key: str, nuit: str) -> bool:
        """Write the intent to send; False when another run already took the message."""
        failpoint("boite.intention.avant")
        with opened(self._path) as db:
            taken = db.execute(
                "update messages set state = ?, attempts = attempts + 1, last_night = ?"
                " where key = ? and state in (?, ?)",
                [SENDING, nuit, key, TO_SEND, FAILED],
            ).rowcount
        failpoint("boite.intention.apres")
        return taken == 1

    def mark(self, key: str, delivery: Delivery, nuit: str) -> str:
        """Write the outcome of an attempt, and when a failed one is tried again; returns the state written."""
        failpoint("boite.resultat.avant")
        with opened(self._path) as db:
            (attempts,) = db.execute("select attempts from messages where key = ?", [key]).fetchone()
            state, later = delivery.state, ""
            if state == FAILED:
                state = FAILED if attempts <= len(BACKOFF) else GIVEN_UP
                if state == FAILED:
                    wait = dt.timedelta(days=BACKOFF[attempts - 1])
                    later = (dt.date.fromisoformat(nuit) + wait).isoformat()
            db.execute(
                "update messages set state = ?, error = ?, next_night = ? where key = ?",
                [state, delivery.error[:300], later, key],
            )
        failpoint("boite.resultat.apres")
        return state

    def settle(self, key: str, *, sent: bool) -> bool:
        """A person says what became of a failed, refused or abandoned message: received, or to send again.

        False when it is none of these.
        """
        with opened(self._path) as db:
            changed = db.execute(
                "update messages set state = ?, last_night = '', next_night = '', attempts = 0"
                " where key = ? and state in (?, ?, ?)",
                [SENT if sent else TO_SEND, key, FAILED, REFUSED, GIVEN_UP],
            )
            return changed.rowcount == 1

    def counts(self) -> dict[str, int]:
        """Messages by state."""
        with opened(self._path) as db:
            return dict(db.execute("select state, count(*) from messages group by state order by state"))

    def waiting(self) -> list[dict[str, Any]]:
        """Messages that did not leave, without addresses: key, release, role, subject, state, attempts, error, when
        they are tried again ("" when they wait for a person)."""
        with opened(self._path) as db:
            rows = db.execute(
                "select key, release, role_label, subject, state, attempts, error, next_night from messages"
                " where state in (?, ?, ?) order by rowid",
                [FAILED, REFUSED, GIVEN_UP],
            ).fetchall()
        names = ("key", "release", "role", "subject", "state", "attempts", "error", "next")
        return [dict(zip(names, row, strict=True)) for row in rows]


def _hook_row(release: str, nuit: str, body: bytes) -> tuple[Any, ...]:
    key = f"webhook-{release}"
    return (
        key,
        release,
        nuit,
        WEBHOOK,
        WEBHOOK,
        "[]",
        "",
        "[]",
        "webhook",
        "Événements des alertes",
        key,
        body,
        TO_SEND,
    )
