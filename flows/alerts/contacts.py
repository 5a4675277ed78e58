"""The contacts file: role;theme;adresse, kept outside git and outside every log.

Not here: which roles an indicator concerns (flows.alerts.recipients). Addresses never appear in a `repr`, an error
message, a file name or a record: what is shown is always a role.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from flows.core.errors import ConfigurationError

PILOT = "role_2p2t"
# The Bureau is written to as a body, by the 2P2T, never person by person: it has no line in the file.
NEVER_DIRECT = ("role_bureau",)
LABELS = {
    "referent_e1": "référent de l’engagement 1",
    "referent_e2": "référent de l’engagement 2",
    "referent_e3": "référent de l’engagement 3",
    "role_2p2t": "pôle Prospective, Projet de Territoire et Transversalité (2P2T)",
    "role_bureau": "Bureau communautaire, par le 2P2T",
    "role_conseil": "Conseil communautaire",
    "role_commissions": "commission",
    "role_vice_presidents": "vice-président en charge de la commission",
    "role_collectif_management": "collectif de management",
    "role_services_donnees": "services en charge des données territoriales",
    "role_directions": "direction",
    "role_panel": "panel « baromètre d’impact »",
    "role_conseil_developpement": "Conseil de développement",
    "role_dg_communes": "directions générales des communes",
    "role_dgs": "directions générales des services des deux agglomérations",
    "role_simouv": "SIMOUV",
    "role_siaved": "SIAVED",
    "role_agence_energie": "agence de l’énergie",
    "role_office_tourisme": "Office du tourisme",
    "role_smapi": "SMAPI",
    "role_pnr": "Parc naturel régional Scarpe-Escaut",
    "role_bailleurs": "bailleurs sociaux",
    "role_cellule_appui_communes": "cellule d’appui aux communes",
    "role_reseau_lecture": "réseau de lecture publique",
    "role_copil_crte": "comité de pilotage du CRTE",
    "role_cotech_crte": "comité technique du CRTE",
    "role_or2s": "Observatoire régional de la santé et du social",
}
# Names short enough for one line of a header, where the label is not.
_SHORT = {"role_2p2t": "2P2T", "role_bureau": "2P2T, pour le Bureau"}
_ROLE = re.compile(r"^(referent_e[1-3]|role_[a-z0-9_]+)$")
_ADDRESS = re.compile(r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$")
_MAX_BYTES = 200_000


@dataclass(frozen=True)
class Recipient:
    """A role as the catalogue writes it: `role_commissions[santé]` is role `role_commissions`, theme `santé`."""

    role: str
    theme: str = ""

    @classmethod
    def parse(cls, text: str) -> Recipient:
        role, _, theme = text.strip().partition("[")
        return cls(role.strip(), theme.rstrip("]").strip())

    @property
    def key(self) -> str:
        return f"{self.role}[{self.theme}]" if self.theme else self.role

    @property
    def header_name(self) -> str:
        """A name of at most 44 bytes: a longer one is folded, and some readers then show a stray space."""
        name = _SHORT.get(self.role) or LABELS.get(self.role, self.role.removeprefix("role_").replace("_", " "))
        full = (f"{name} ({self.theme})" if self.theme else name).replace("\u00a0", " ")
        if len(full.encode()) <= 44:
            return full
        while len(full.encode()) > 41:
            full = full[:-1]
        return full.rstrip(" (") + "…"

    @property
    def label(self) -> str:
        name = LABELS.get(self.role, self.role.removeprefix("role_").replace("_", " "))
        return f"{name} ({self.theme})" if self.theme else name


@dataclass(frozen=True)
class Resolution:
    """Where a role's messages go. `fallback`: "" | `2p2t` (its role has no address) | `fichier` (nobody has)."""

    recipient: Recipient
    addresses: tuple[str, ...]
    fallback: str = ""


@dataclass(frozen=True)
class Contacts:
    """Addresses by role and theme. Build it with `load_contacts`."""

    entries: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict, repr=False)

    def __str__(self) -> str:
        return f"Contacts({len(self.entries)} rôles)"

    def resolve(self, recipient: Recipient) -> Resolution:
        """Addresses of the role and theme, else of the role without theme, else of the 2P2T, else none (files)."""
        if recipient.role in NEVER_DIRECT:
            pilot = self.entries.get((PILOT, ""), ())
            return Resolution(recipient, pilot, "" if pilot else "fichier")
        for key in ((recipient.role, recipient.theme.casefold()), (recipient.role, "")):
            if found := self.entries.get(key):
                return Resolution(recipient, found)
        pilot = self.entries.get((PILOT, ""), ())
        return Resolution(recipient, pilot, "2p2t" if pilot else "fichier")


def load_contacts(path: Path | None) -> Contacts:
    """Read the contacts file; no file is no contact, and every message then becomes a file.

    The first line is `role;theme;adresse`; blank lines and lines starting with `#` are skipped; UTF-8, with or
    without BOM. A role may have several lines.

    Raises:
        ConfigurationError: all wrong lines at once, each with its number and column, never with its address.
    """
    if path is None:
        return Contacts()
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise ConfigurationError(
            "Le fichier des contacts ne peut pas être lu.",
            where=path.name,
            todo="vérifier OBSERVATOIRE_CONTACTS, ou le retirer pour écrire les messages dans des fichiers.",
        ) from error
    if len(raw) > _MAX_BYTES:
        raise _refused(path, ["le fichier dépasse 200 ko"])
    try:
        lines = raw.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise _refused(path, ["le fichier n’est pas en UTF-8"]) from error
    return Contacts(_parse(path, lines))


def _parse(path: Path, lines: Sequence[str]) -> dict[tuple[str, str], tuple[str, ...]]:
    problems: list[str] = []
    entries: dict[tuple[str, str], list[str]] = {}
    header = False
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        cells = [cell.strip() for cell in line.split(";")]
        if not header:
            if [cell.lower() for cell in cells] != ["role", "theme", "adresse"]:
                problems.append(f"ligne {number} : la première ligne doit être « role;theme;adresse »")
            header = True
            continue
        if len(cells) != 3:
            problems.append(f"ligne {number} : trois colonnes sont attendues, {len(cells)} lues")
            continue
        role, theme, address = cells
        if not _ROLE.match(role):
            problems.append(f"ligne {number}, colonne role : « {role[:40]} » n’est pas un rôle du catalogue")
        elif role in NEVER_DIRECT:
            problems.append(f"ligne {number}, colonne role : le Bureau ne reçoit rien directement")
        elif len(address) > 254 or not address.isascii() or not _ADDRESS.match(address):
            problems.append(f"ligne {number}, colonne adresse : ce n’est pas une adresse de courriel")
        elif address.lower() in (known.lower() for known in entries.get((role, theme.casefold()), [])):
            problems.append(f"ligne {number} : cette adresse est déjà donnée pour ce rôle")
        else:
            entries.setdefault((role, theme.casefold()), []).append(address)
    if problems:
        raise _refused(path, problems)
    return {key: tuple(sorted(addresses)) for key, addresses in sorted(entries.items())}


def _refused(path: Path, problems: Sequence[str]) -> ConfigurationError:
    shown = " ; ".join(problems[:10]) + (f" ; et {len(problems) - 10} autres" if len(problems) > 10 else "")
    return ConfigurationError(
        f"Le fichier des contacts est refusé : {shown}.",
        where=path.name,
        todo="corriger ces lignes (docs/guide-intendant.md, « Les contacts »).",
    )
