"""One observatory, wired from its settings: stores, clock, registry, network. Built by flows and by the command line.

Not here: the steps of a night (`night`) and any rule. The lock and the kind of warehouse (rule 9) are taken here, so
that no flow can forget them.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from filelock import FileLock, Timeout

from flows.core.datasets import Dataset, Edition, Http, Page
from flows.core.errors import ConfigurationError, RunLocked, WrongMode
from flows.core.words import Mode, Transport
from flows.files import write_bytes
from flows.landing.decoded import DecodedCache
from flows.landing.store import EditionLog, RawStore
from flows.settings import Clock, Paths, Settings
from flows.warehouse.reader import DuckRelease
from flows.warehouse.releases import ReleaseStore


@dataclass(frozen=True)
class Observatory:
    """The stores and tools of one warehouse. Nothing is opened until it is used."""

    settings: Settings

    @property
    def paths(self) -> Paths:
        return self.settings.paths

    @property
    def clock(self) -> Clock:
        return self.settings.clock

    @cached_property
    def raw(self) -> RawStore:
        return RawStore(self.paths.raw)

    @cached_property
    def log(self) -> EditionLog:
        return EditionLog(self.paths.editions, self.raw)

    @cached_property
    def cache(self) -> DecodedCache:
        return DecodedCache(self.paths.cache, self.log)

    @cached_property
    def releases(self) -> ReleaseStore:
        return ReleaseStore(self.paths.releases, self.paths.candidates, self.paths.current, self.paths.state)

    @cached_property
    def datasets(self) -> dict[str, Dataset]:
        """Every dataset by id, stewards' tables first."""
        from flows.sources import registry

        found = registry(self.settings.territory)
        return dict(sorted(found.items(), key=lambda item: (not item[1].steward, item[0])))

    @property
    def transport(self) -> Transport:
        through_portal = self.settings.mode is Mode.DEMONSTRATION or bool(self.settings.portal)
        return Transport.PORTAIL if through_portal else Transport.DIRECT

    def release(self, release_id: str) -> DuckRelease:
        """Open a complete release read-only."""
        return DuckRelease(self.releases.folder(release_id), raw=self.raw.get, models=self.models)

    @property
    def models(self) -> Any:
        return self.paths.dbt_project / "models"

    def reason_off(self, dataset: Dataset) -> str:
        """French reason why a dataset is switched off tonight, "" when it is on."""
        settings = self.settings
        if dataset.id in settings.disabled or dataset.provider in settings.disabled:
            return "Débranchée par le réglage OBSERVATOIRE_SOURCES_OFF."
        # A portal stands for the publisher: what is still to be confirmed of an address does not hold behind it.
        if dataset.switched_off and self.transport is not Transport.PORTAIL:
            return dataset.switched_off
        missing = [name for name in dataset.credentials if name not in settings.credentials]
        if missing:
            names = ", ".join(f"OBSERVATOIRE_{name}" for name in missing)
            return f"Débranchée : il manque {names} dans l'environnement."
        return ""

    # --- the kind of warehouse and the lock -----------------------------------------------------------------------

    def check_mode(self) -> None:
        """Fix the kind of a new warehouse; refuse a run of the other kind.

        Raises:
            WrongMode: the warehouse was created in the other mode.
        """
        file, mode = self.paths.mode_file, self.settings.mode
        if not file.exists():
            write_bytes(file, f"{mode}\n".encode())
            return
        fixed = file.read_text(encoding="utf-8").strip()
        if fixed != mode:
            raise WrongMode(
                f"Cet entrepôt est de type « {fixed} » : une exécution « {mode} » y est refusée.",
                where=str(file),
                todo="choisir un autre dossier avec OBSERVATOIRE_WAREHOUSE, ou l'autre OBSERVATOIRE_MODE.",
            )

    @contextmanager
    def locked(self, wait: float = 0) -> Iterator[None]:
        """Hold the run lock; it is released by the system even when the process is killed.

        Raises:
            RunLocked: another run holds it after `wait` seconds.
        """
        self.paths.state.mkdir(parents=True, exist_ok=True)
        owner = self.paths.state / "verrou.txt"
        lock = FileLock(self.paths.state / "verrou.lock")
        try:
            lock.acquire(timeout=wait)
        except Timeout:
            try:
                who = owner.read_text(encoding="utf-8").strip()
            except OSError:  # it ended between the two lines
                who = "processus inconnu"
            raise RunLocked(
                f"Une autre exécution est en cours ({who}).",
                where=str(self.paths.state / "verrou.lock"),
                todo="attendre sa fin, ou relancer avec --wait SECONDES.",
            ) from None
        try:
            owner.write_text(f"processus {os.getpid()}\n", encoding="utf-8")
            yield
        finally:
            owner.unlink(missing_ok=True)
            lock.release()

    # --- network --------------------------------------------------------------------------------------------------

    @contextmanager
    def network(self, today: dt.date) -> Iterator[str | None]:
        """Address of the portal to go through, or None for the official addresses.

        The demonstration starts its own local portal unless `OBSERVATOIRE_PORTAL` names one.
        """
        settings = self.settings
        if settings.portal:
            with nullcontext():
                yield settings.portal.rstrip("/")
        elif settings.mode is Mode.DEMONSTRATION:
            from flows.beside import Beside
            from flows.sharing import portal

            if not self.paths.demonstration.is_dir():
                raise ConfigurationError(
                    "Les figures de démonstration manquent.",
                    where=str(self.paths.demonstration),
                    todo="restaurer warehouse/demonstration depuis le dépôt, ou passer OBSERVATOIRE_MODE=reel.",
                )
            with Beside(
                portal, self.paths.demonstration, today
            ) as served:  # its own process: answering is half the work
                yield served.answer()
        else:
            yield None

    def stored_pages(self, trusted: frozenset[str]) -> dict[str, tuple[Edition, int]]:
        """Newest trusted edition and page number by official address, for conditional requests.

        A refused edition never answers for its publisher: a 304 would bring its bytes back for ever.
        """
        known: dict[str, tuple[Edition, int]] = {}
        for edition in self.log.all():
            if edition.id not in trusted:
                continue
            for number, page in enumerate(edition.pages):
                if page["etag"] or page["last_modified"]:
                    known[page["address"]] = (edition, number)
        return known

    def client(self, portal: str | None, known: dict[str, tuple[Edition, int]]) -> Http:
        """The HTTP client of a run, the only door to the network; usable from several threads."""
        from flows.sources.http import HttpClient

        def stored(address: str) -> Page | None:
            if address not in known:
                return None
            edition, number = known[address]
            pages = self.log.pages(edition)
            return pages[number] if pages else None

        return HttpClient(
            portal=portal,
            user_agent=f"Observatoire-2044/0.1 (+{self.settings.base_url})",
            stored=stored,
            deadline_s=self.settings.deadline_seconds,
            file_deadline_s=self.settings.file_deadline_seconds,
            tries=self.settings.tries,
            max_bytes=self.settings.max_bytes,
        )

    def communes(self) -> tuple[str, ...]:
        """Codes of the communes to ask other sources for: those just landed and those the published release knows.

        Both, because what was just landed is not judged yet: a list with holes must not make holes elsewhere.
        """
        dataset = self.datasets["geo/communes"]
        newest = [self.log.latest(dataset.id, siren) for siren in self.settings.territory.epcis]
        current = self.releases.current_id()
        entries = self.releases.manifest(current)["inputs"]["editions"] if current else []
        accepted = {entry["edition"] for entry in entries if entry["jeu"] == dataset.id}
        editions = [e for e in self.log.of(dataset.id) if e.id in accepted] + [e for e in newest if e]
        codes: set[str] = set()
        for edition in editions:
            table = self.cache.get(dataset, edition).table
            if table is not None:
                codes |= set(table.column("code").to_pylist())
        return tuple(sorted(codes))

    def steward_page(self, dataset: Dataset) -> Page:
        """The steward's table of a dataset as a page, read from `dbt_project/seeds`."""
        from flows.sources.stewards import read_page

        name = dataset.id.split("/")[1]
        return read_page(self.paths.seeds / f"{name}.csv", name)
