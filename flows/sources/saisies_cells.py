"""Cells of a service's deposit: the words of a problem, and what one cell says (number, date, level, period, role).

Not here: opening a file (saisies_csv, saisies_xlsx) and what rows say together (saisies_rules). What a spreadsheet or
a person adds without changing the meaning is taken (decimal comma, grouped thousands, French dates, capitals,
accents); what would have to be guessed is refused.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

from flows.core.words import Niveau, Statut

# The catalogue's header, in its order (INDICATORS §5).
HEADER = (
    "indicateur_id",
    "territoire_type",
    "territoire_code",
    "periode",
    "valeur",
    "unite",
    "statut",
    "source",
    "saisi_par",
    "date_saisie",
    "commentaire",
)
# A row of a template where the service filled none of these is a row left blank, not a mistake.
FILLED = ("valeur", "statut", "source", "date_saisie", "commentaire")

_BLANKS = "\u0020\u00a0\u202f\u2009\t"
_GROUPED = re.compile(rf"[+-]?[0-9]{{1,3}}(?:[{_BLANKS}][0-9]{{3}})+(?:[.,][0-9]{{1,12}})?")
_PLAIN = re.compile(r"[+-]?[0-9]{1,15}(?:[.,][0-9]{1,12})?")
_ISO = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_FRENCH = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})")
# A spreadsheet that opens a text beginning so would run it as a formula.
_FORMULA = re.compile(r"\s*(?:[=+@\t]|-\S)")
_MAIL = re.compile(r"[^\s@]+@[^\s@]+")
_PHONE = re.compile(r"(?:\+33|\b0)[\s.\-]?[1-9](?:[\s.\-]?[0-9]{2}){4}\b")
_TITLE = re.compile(r"\b(?:M\.|Mr|Mme|Mlle|Monsieur|Madame|Mademoiselle)(?=\s)", re.IGNORECASE)
_NAME = re.compile(r"[A-ZÀ-Þ][\w’'-]*(?:\s+[A-ZÀ-Þ][\w’'-]*){1,2}")
_SIGNS = re.compile(r"[\w .,;:’'()/&+°-]+")
# Words that name an office and never a person; the accents are taken off before comparing.
_OFFICES = re.compile(
    r"(?:service|direct|pole|cellule|commission|reseau|mairie|commune|ville|collectif|conseil|bailleur|office|agence"
    r"|secretariat|charge|mission|responsable|technicien|syndicat|communaute|agglo|habitat|prospective|observatoire"
    r"|departement|region|prefecture|bureau|equipe|atelier|maison|centre|regie|unite|comite|referent|2p2t|urbanis"
    r"|culture|mobilite|finance|environnement|enfance|tourisme|sport|energie|eau|dechet|transition|donnee)"
)


@dataclass(frozen=True, order=True)
class Problem:
    """One reason why a deposit is refused. `line` counts from 1 as the spreadsheet shows it, 0 for the whole file."""

    line: int
    column: str
    reason: str
    todo: str = ""


@dataclass(frozen=True)
class RawRow:
    """One row as written: every column of the header, cells as text without outer blanks."""

    line: int
    cells: Mapping[str, str]


@dataclass
class Sheet:
    """What a file gave before any cell is understood. `form`: how it was written, for the report."""

    form: str = ""
    rows: list[RawRow] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def plain(text: str) -> str:
    """Text without outer blanks (no-break ones too), accents composed the usual way."""
    return unicodedata.normalize("NFC", text).strip(_BLANKS + "\r\n\ufeff")


def folded(text: str) -> str:
    """The same without accents, capitals, nor blanks: what two writings of one word share (`m²` is `m2`)."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c) and not c.isspace())


def number(text: str) -> float | None:
    """A number with a decimal comma or point, thousands grouped by blanks; None when it is not one."""
    text = text.replace("\u2212", "-")
    if not (_GROUPED.fullmatch(text) or _PLAIN.fullmatch(text)):
        return None
    for blank in _BLANKS:
        text = text.replace(blank, "")
    return float(text.replace(",", "."))


def day(text: str) -> dt.date | None:
    """A date written 2025-03-31 or 31/03/2025; None when it is not one of the calendar."""
    if m := _ISO.fullmatch(text):
        parts = int(m[1]), int(m[2]), int(m[3])
    elif m := _FRENCH.fullmatch(text):
        parts = int(m[3]), int(m[2]), int(m[1])
    else:
        return None
    try:
        return dt.date(*parts)
    except ValueError:
        return None


def level(text: str) -> str:
    """The house's level for what a service wrote (`EPCI`, `Département`, `bassin de vie`), "" when there is none."""
    found = folded(text.replace("_", " ").replace("-", " "))
    return next((str(n) for n in Niveau if n.replace("_", "") == found), "")


def status(text: str) -> str:
    """The house's status of a figure for what a service wrote (`Définitif`), "" when there is none."""
    return next((str(s) for s in Statut if s == folded(text)), "")


def formula(text: str) -> bool:
    """Would a spreadsheet take this text for a formula?"""
    return bool(_FORMULA.match(text))


def personal(text: str) -> str:
    """Why a free text may not be kept (French), "" when it may: an address or a telephone names a person."""
    if _MAIL.search(text):
        return "une adresse électronique n’est pas admise"
    if _PHONE.search(text):
        return "un numéro de téléphone n’est pas admis"
    return ""


def office(text: str, known: frozenset[str]) -> str:
    """Why `saisi_par` is refused (French), "" when it may name a role or a service.

    Args:
        known: folded names of the services that the catalogue declares; they are always taken.
    """
    if reason := personal(text):
        return reason
    if not _SIGNS.fullmatch(text):
        return "ce n’est pas le nom d’un rôle ou d’un service"
    if folded(text) in known:
        return ""
    if _TITLE.search(text):
        return "le nom d’une personne n’est pas admis"
    if _NAME.fullmatch(text) and not _OFFICES.search(folded(text)):
        return "« " + text + " » ressemble au nom d’une personne"
    return ""
