"""The SQLite file of the outbox: its schema, the upgrade of an older one, and how it is opened.

Not here: what is written in it (flows.alerts.outbox). `synchronous = full`: a commit that returned is on the disk.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from flows.core.errors import StorageFull, WarehouseError

VERSION = 2
COLUMNS = (
    "key", "release", "nuit", "kind", "channel", "events", "recipient", "roles", "role_label", "subject",
    "message_id", "raw", "state",
)  # fmt: skip
_SCHEMA = """
create table if not exists releases (release text primary key, nuit text not null, note text not null);
create table if not exists messages (
    key text primary key, release text not null, nuit text not null, kind text not null,
    channel text not null default 'courriel', events text not null default '[]', recipient text not null,
    roles text not null, role_label text not null, subject text not null, message_id text not null unique,
    raw blob not null, state text not null, attempts integer not null default 0, last_night text not null default '',
    next_night text not null default '', error text not null default ''
);
"""
# Version 1 kept held changes and a journal (now the ledger of the release), the indicators of a message instead of
# its events, and never sent again by itself a message whose fate it did not know: a person settles those still.
_UPGRADE = """
drop table if exists held;
drop table if exists journal;
alter table messages add column channel text not null default 'courriel';
alter table messages add column events text not null default '[]';
alter table messages add column next_night text not null default '';
alter table messages drop column indicators;
update messages set state = 'abandonne' where state = 'incertain';
"""


def create(path: Path) -> None:
    """Create the file, or bring an older one to today's schema, in one transaction.

    Raises:
        WarehouseError: it is not an outbox, or a newer program wrote it.
    """
    with opened(path) as db:
        (version,) = db.execute("pragma user_version").fetchone()
        if version == VERSION:
            return
        if version > VERSION:
            raise WarehouseError(
                f"La boîte d’envoi a été écrite par un programme plus récent (version {version}).",
                where=path.name,
                todo="revenir à ce programme, ou restaurer le fichier d’une sauvegarde.",
            )
        old = db.execute("select 1 from sqlite_master where name = 'messages'").fetchone() is not None
        steps = _UPGRADE if old else _SCHEMA
        db.executescript(f"begin immediate; {steps} pragma user_version = {VERSION}; commit;")


def copy_of(path: Path, target: Path) -> None:
    """A whole copy of the file at this moment, whatever another process is writing in it."""
    with opened(path) as source, closing(sqlite3.connect(target)) as copy:
        source.backup(copy)


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection in autocommit mode, closed at the end.

    Raises:
        StorageFull: the disk is full. WarehouseError: the file cannot be used.
    """
    try:
        with closing(sqlite3.connect(path, timeout=30, isolation_level=None)) as db:
            db.execute("pragma journal_mode = wal")
            db.execute("pragma synchronous = full")
            yield db
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorname", "") == "SQLITE_FULL":
            raise StorageFull(
                "Le disque est plein : la boîte d’envoi n’a pas pu être écrite, la version publiée reste.",
                where=path.name,
                todo="libérer de l'espace, puis relancer : ce qui est dû sera envoyé.",
            ) from error
        raise WarehouseError(
            f"La boîte d’envoi ne peut pas être utilisée : {error}.",
            where=path.name,
            todo="vérifier l’espace disque et les droits ; le fichier peut être restauré d’une sauvegarde.",
        ) from error
