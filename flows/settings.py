"""Every path, address, limit and secret of the observatory, typed; read only by flow files and the command line.

Values come from the environment (`OBSERVATOIRE_…`, see docs/settings.md) and from `observatoire.toml` (the
territory). Not here: what a source needs to know of its publisher (flows.sources) and any rule on figures.
"""

from __future__ import annotations

import datetime as dt
import os
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from flows.core.datasets import Territory, departments_of, similar_epci
from flows.core.errors import ConfigurationError
from flows.core.words import Mode, Niveau

PARIS = ZoneInfo("Europe/Paris")


class Settings(BaseSettings):
    """Settings of one process. Each field is the environment variable `OBSERVATOIRE_<FIELD>` in capitals."""

    model_config = SettingsConfigDict(env_prefix="OBSERVATOIRE_", extra="ignore", frozen=True)

    root: Path = Field(default_factory=lambda: find_root(Path.cwd()))
    warehouse: Path | None = None
    mode: Mode = Mode.DEMONSTRATION
    now: dt.datetime | None = None
    portal: str = ""
    public_url: str = ""
    contacts: Path | None = None
    smtp_host: str = ""
    smtp_port: int = 587
    smtp_user: str = ""
    smtp_password: SecretStr = SecretStr("")
    smtp_security: Literal["starttls", "ssl", "none"] = "starttls"
    mail_from: str = "observatoire@example.invalid"
    operator: str = ""
    webhook_url: str = ""
    webhook_secret: SecretStr = SecretStr("")
    atmo_utilisateur: SecretStr = SecretStr("")
    atmo_mot_de_passe: SecretStr = SecretStr("")
    sirene_cle: SecretStr = SecretStr("")
    sources_off: str = ""
    deadline_seconds: float = Field(default=120, gt=0)
    file_deadline_seconds: float = Field(default=900, gt=0)
    tries: int = Field(default=4, ge=1, le=10)
    max_bytes: int = Field(default=400_000_000, gt=0)
    memory_limit: str = "4GB"
    threads: int = Field(default=2, ge=1)
    log_json: bool = False

    @cached_property
    def paths(self) -> Paths:
        # Absolute: dbt resolves relative paths from its own project, and would write there.
        root = self.root.resolve()
        return Paths(root, (self.warehouse or root / "warehouse").resolve())

    @cached_property
    def town_file(self) -> dict[str, Any]:
        """`observatoire.toml` as read (see docs/settings.md for its keys).

        Raises:
            ConfigurationError: the file is missing or is not TOML.
        """
        path = self.root / "observatoire.toml"
        try:
            return tomllib.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            raise ConfigurationError(
                "Le fichier du territoire manque.",
                where=str(path),
                todo="créer observatoire.toml à la racine (voir docs/settings.md).",
            ) from error
        except tomllib.TOMLDecodeError as error:
            raise ConfigurationError(
                f"Le fichier du territoire n'est pas lisible : {error}.", where=str(path)
            ) from error

    @cached_property
    def territory(self) -> Territory:
        """The territory and its comparisons, validated."""
        try:
            t = self.town_file["territoire"]
            references = tuple(
                (str(Niveau(r["niveau"])), str(r["code"]), str(r["nom"])) for r in self.town_file["references"]
            )
            return Territory(
                epci=t["epci"],
                nom=t["nom"],
                voisins=tuple(t["voisins"]),
                departement=t["departement"],
                region=t["region"],
                arrondissement=t["arrondissement"],
                zone_emploi=t["zone_emploi"],
                references=references,
                comparables=similar_epci(self.town_file.get("comparables", []), t["epci"]),
                departements_region=departments_of(t["departements_region"], t["departement"]),
            )
        except (KeyError, ValueError, TypeError) as error:
            raise ConfigurationError(
                f"Le fichier du territoire est incomplet : {error!s}.",
                where=str(self.root / "observatoire.toml"),
                todo="compléter la clé nommée (voir docs/settings.md).",
            ) from error

    @property
    def town_words(self) -> dict[str, str]:
        """Names used in pages and e-mails: nom, nom_long, de_nom, observatoire, projet."""
        t, o = self.town_file["territoire"], self.town_file["observatoire"]
        return {
            "nom": t["nom"],
            "nom_long": t["nom_long"],
            "de_nom": t["de_nom"],
            "observatoire": o["nom"],
            "projet": o["projet"],
        }

    @property
    def base_url(self) -> str:
        """Public address of the site, with its final slash."""
        return (self.public_url or self.town_file["observatoire"]["adresse_publique"]).rstrip("/") + "/"

    @property
    def disabled(self) -> frozenset[str]:
        """Datasets or providers switched off by `OBSERVATOIRE_SOURCES_OFF` (comma separated)."""
        return frozenset(part.strip() for part in self.sources_off.split(",") if part.strip())

    @property
    def credentials(self) -> dict[str, str]:
        """Secrets by the name sources know them, present ones only."""
        values = {
            "ATMO_UTILISATEUR": self.atmo_utilisateur.get_secret_value(),
            "ATMO_MOT_DE_PASSE": self.atmo_mot_de_passe.get_secret_value(),
            "SIRENE_CLE": self.sirene_cle.get_secret_value(),
        }
        if self.mode is Mode.DEMONSTRATION:  # the local portal takes any account: nothing secret is used
            values = {name: value or "demonstration" for name, value in values.items()}
        return {name: value for name, value in values.items() if value}

    @cached_property
    def clock(self) -> Clock:
        """The one clock of the process: the wall's, or the demonstration's own date, or `OBSERVATOIRE_NOW`."""
        if self.now is not None:
            return Clock.fixed(self.now if self.now.tzinfo else self.now.replace(tzinfo=PARIS))
        if self.mode is Mode.DEMONSTRATION:
            day = dt.date.fromisoformat(self.town_file["observatoire"]["demonstration_nuit"])
            return Clock.fixed(dt.datetime.combine(day, dt.time(4, 30), PARIS))
        return Clock(_now)


@dataclass(frozen=True)
class Clock:
    """One injectable clock; every room that needs an instant receives it from the flow."""

    read: Callable[[], dt.datetime]

    @classmethod
    def fixed(cls, instant: dt.datetime) -> Clock:
        return cls(partial(_always, instant))

    def now(self) -> dt.datetime:
        """Now, in UTC, to the second."""
        return self.read().astimezone(dt.UTC).replace(microsecond=0)

    def nuit(self) -> dt.date:
        """The Europe/Paris date of now: only for a person's run; a scheduled run gives its own night."""
        return self.read().astimezone(PARIS).date()


def _now() -> dt.datetime:  # these two are functions of the module, so that settings can go to another process
    return dt.datetime.now(dt.UTC)


def _always(instant: dt.datetime) -> dt.datetime:
    return instant


@dataclass(frozen=True)
class Paths:
    """Where things are. `state` holds everything that tools would otherwise put in HOME."""

    root: Path
    warehouse: Path

    @property
    def mode_file(self) -> Path:
        return self.warehouse / "mode"

    @property
    def raw(self) -> Path:
        return self.warehouse / "raw"

    @property
    def editions(self) -> Path:
        return self.warehouse / "editions"

    @property
    def cache(self) -> Path:
        return self.warehouse / "cache"

    @property
    def drawings(self) -> Path:
        return self.cache / "dessins"

    @property
    def candidates(self) -> Path:
        return self.warehouse / "candidates"

    @property
    def releases(self) -> Path:
        return self.warehouse / "releases"

    @property
    def current(self) -> Path:
        return self.warehouse / "current"

    @property
    def runs(self) -> Path:
        return self.warehouse / "runs"

    @property
    def state(self) -> Path:
        return self.warehouse / "state"

    @property
    def written(self) -> tuple[Path, ...]:
        """Folders that runs write in file by file (a candidate is swept whole)."""
        inbox = (self.inbox / "accepted", self.inbox / "refused")
        return (self.raw, self.editions, self.cache, self.releases, self.runs, self.outbox, *inbox)

    @property
    def inbox(self) -> Path:
        return self.warehouse / "inbox"

    @property
    def outbox(self) -> Path:
        return self.state / "outbox"

    @property
    def dbt_project(self) -> Path:
        return self.root / "dbt_project"

    @property
    def seeds(self) -> Path:
        return self.dbt_project / "seeds"

    @property
    def expectations(self) -> Path:
        return self.root / "expectations"

    @property
    def site(self) -> Path:
        return self.root / "site"

    @property
    def demonstration(self) -> Path:
        return self.root / "warehouse" / "demonstration"


def find_root(start: Path) -> Path:
    """The nearest folder at or above `start` that holds prefect.yaml; never the package's own folder.

    Raises:
        ConfigurationError: none is found.
    """
    for folder in (start, *start.parents):
        if (folder / "prefect.yaml").is_file():
            return folder
    raise ConfigurationError(
        "La racine de l'observatoire est introuvable.",
        where=str(start),
        todo="lancer la commande depuis le dossier du projet, ou donner OBSERVATOIRE_ROOT.",
    )


def load_settings(**overrides: Any) -> Settings:
    """Settings of this process, or a ConfigurationError that names the variable.

    `overrides` (field=value, None meaning "not given") come from the command line and win over the environment.
    """
    try:
        return Settings(**{name: value for name, value in overrides.items() if value is not None})
    except ValidationError as error:
        first = error.errors()[0]
        name = "OBSERVATOIRE_" + "_".join(str(part) for part in first["loc"]).upper()
        raise ConfigurationError(
            f"Le réglage {name} est refusé : {first['msg']}.",
            where="environnement" if name in os.environ else "ligne de commande",
            todo="corriger ce réglage (docs/settings.md).",
        ) from None
