"""What a service's deposit may say: every row against the catalogue, the territory, its neighbours and what stands.

Not here: reading the file (saisies_csv, saisies_xlsx), moving it (flows.landing.inbox), hiding small counts (the
warehouse, on publication). Every problem of a file is found in one pass, so that a service corrects it in one go; a
value is never changed, a row is never dropped: the file is taken whole or refused whole.
"""

from __future__ import annotations

import bisect
import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from flows.core.periods import end_of, sort_key
from flows.core.words import Niveau, Statut
from flows.sources import saisies_cells as cells
from flows.sources.saisies_cells import Problem, RawRow
from flows.sources.saisies_rows import Figure, Key, Verified, written

FLEETING = frozenset({Statut.PROVISOIRE, Statut.ESTIME})  # never take the place of a final figure
FINAL = frozenset({Statut.DEFINITIF, Statut.SECRET})
# The forms of a period that an indicator's rhythm allows, with how to say them.
_FORMS = {
    1: ((7,), "un mois, comme 2025-06"),
    3: ((7,), "un trimestre, comme 2025-T2"),
}
_YEARLY = ((4, 9), "une année, comme 2025 (ou 2023/2025 pour une période de plusieurs années)")


@dataclass(frozen=True)
class Awaited:
    """What the catalogue says of an indicator that services feed.

    Attributes:
        unite: unit of what is deposited. objet: what is deposited, when it is not the indicator itself.
        minimum, maximum: declared range, None when open. variation: percent above which a comment is due, or None.
        niveaux: levels that may be deposited. periode_mois: months between two figures.
    """

    indicateur: str
    titre: str
    service: str
    unite: str
    objet: str = ""
    minimum: float | None = None
    maximum: float | None = None
    variation: float | None = None
    seuil: int | None = None
    niveaux: tuple[str, ...] = ("epci", "commune")
    periode_mois: int = 12
    decimales: int = 0


@dataclass(frozen=True)
class Reference:
    """What a deposit is held to: indicators, territories (niveau, code) → name, the night, what stands already.

    `known` are all the indicators of the catalogue, so that one that takes no deposit is told from an unknown one.
    `standing` is the newest accepted figure by key; every other commune than `territories` is a neighbour's.
    """

    awaited: Mapping[str, Awaited]
    known: frozenset[str]
    territories: Mapping[tuple[str, str], str]
    nuit: dt.date
    standing: Mapping[Key, tuple[float | None, str]] = field(default_factory=dict)
    references: frozenset[tuple[str, str]] = frozenset()  # comparison territories: always taken

    @property
    def services(self) -> frozenset[str]:
        return frozenset(cells.folded(a.service) for a in self.awaited.values() if a.service)


def verify(rows: Sequence[RawRow], reference: Reference) -> Verified:
    """Every rule of the contract; `problems` is sorted by line, column and reason."""
    out = written(rows)
    for figure in out.figures:
        out.problems += _against_catalogue(figure, reference)
        out.problems += _against_territory(figure, reference)
        out.problems += _against_calendar(figure, reference)
        out.problems += _against_standing(figure, reference)
    out.problems += _variations(out.figures, reference)
    for row in rows:
        who = row.cells["saisi_par"]
        if any(row.cells[name] for name in cells.FILLED) and who and (why := cells.office(who, reference.services)):
            out.problems.append(Problem(row.line, "saisi_par", why, _ROLE))
    out.problems = sorted(set(out.problems))
    return out


_ROLE = "écrire un rôle ou un service (« Service habitat »), jamais une personne."


def _against_catalogue(figure: Figure, reference: Reference) -> Iterator[Problem]:
    line, awaited = figure.ligne, reference.awaited.get(figure.indicateur)
    if not figure.indicateur:
        return
    if awaited is None:
        if figure.indicateur in reference.known:
            reason = f"l’indicateur « {figure.indicateur} » ne reçoit pas de saisie : ses sources sont ouvertes"
            yield Problem(line, "indicateur_id", reason, "retirer la ligne.")
        else:
            reason = f"l’indicateur « {figure.indicateur[:60]} » n’existe pas au catalogue"
            near = [slug for slug in reference.awaited if cells.folded(slug) == cells.folded(figure.indicateur)]
            todo = f"écrire « {near[0]} »." if near else "choisir un identifiant du modèle de saisie."
            yield Problem(line, "indicateur_id", reason, todo)
        return
    if figure.unite and cells.folded(figure.unite) != cells.folded(awaited.unite):
        reason = f"l’unité « {figure.unite[:40]} » n’est pas celle attendue"
        todo = f"écrire « {awaited.unite} », et vérifier que la valeur est dans cette unité."
        yield Problem(line, "unite", reason, todo)
    compared = (figure.niveau, figure.code) in reference.references
    if figure.niveau and figure.niveau not in awaited.niveaux and not compared:
        reason = f"l’indicateur ne se dépose pas au niveau « {figure.niveau} »"
        yield Problem(line, "territoire_type", reason, f"niveaux admis : {', '.join(awaited.niveaux)}.")
    lengths, said = _FORMS.get(awaited.periode_mois, _YEARLY)
    quarterly = awaited.periode_mois == 3
    if figure.periode and (len(figure.periode) not in lengths or ("T" in figure.periode) != quarterly):
        yield Problem(line, "periode", f"« {figure.periode} » n’est pas la période attendue", f"écrire {said}.")
    elif "/" in figure.periode and awaited.seuil is not None:
        reason = "un effectif se dépose année par année : un total de plusieurs années rendrait celui d’une seule"
        yield Problem(line, "periode", reason, "écrire une ligne par année.")
    value = figure.valeur
    if value is None:
        return
    unit = awaited.unite
    if awaited.minimum is not None and value < awaited.minimum:
        reason = f"{_fr(value)} est au-dessous du minimum déclaré ({_fr(awaited.minimum)} {unit})"
        yield Problem(line, "valeur", reason, "vérifier la valeur et son unité ; sinon le 2P2T révise la borne.")
    if awaited.maximum is not None and value > awaited.maximum:
        reason = f"{_fr(value)} dépasse le maximum déclaré ({_fr(awaited.maximum)} {unit})"
        yield Problem(line, "valeur", reason, "vérifier la valeur et son unité ; sinon le 2P2T révise la borne.")
    if awaited.seuil is not None and value != int(value):
        reason = f"{_fr(value)} n’est pas un nombre entier"
        yield Problem(line, "valeur", reason, "écrire le comptage sans décimale.")


def _against_territory(figure: Figure, reference: Reference) -> Iterator[Problem]:
    place = (figure.niveau, figure.code)
    if not all(place) or place in reference.territories or place in reference.references:
        return
    if figure.niveau == Niveau.COMMUNE and not any(level == Niveau.COMMUNE for level, _ in reference.territories):
        todo = "lancer d’abord une nuit, qui reçoit le découpage administratif, puis redéposer."
        yield Problem(figure.ligne, "territoire_code", "aucune commune n’est encore connue de l’observatoire", todo)
        return
    others = [level for level, code in reference.territories if code == figure.code]
    todo = (
        f"écrire « {others[0]} » dans « territoire_type »."
        if others
        else "recopier le code du modèle : code Insee de la commune, SIREN de l’intercommunalité."
    )
    reason = f"« {figure.code[:20]} » n’est pas un territoire de l’observatoire au niveau « {figure.niveau} »"
    yield Problem(figure.ligne, "territoire_code", reason, todo)


def _against_calendar(figure: Figure, reference: Reference) -> Iterator[Problem]:
    if figure.date_saisie is not None and figure.date_saisie > reference.nuit:
        reason = f"la date de saisie ({_day(figure.date_saisie)}) est à venir"
        yield Problem(figure.ligne, "date_saisie", reason, "vérifier le jour, le mois et l’année.")
    if not figure.periode:
        return
    end = end_of(figure.periode)
    if end > reference.nuit and int(figure.periode[:4]) > reference.nuit.year:
        yield Problem(figure.ligne, "periode", f"la période « {figure.periode} » est à venir", "vérifier l’année.")
    elif figure.date_saisie is not None and end > figure.date_saisie and figure.statut == Statut.DEFINITIF:
        reason = f"la période « {figure.periode} » n’était pas finie le {_day(figure.date_saisie)}"
        yield Problem(figure.ligne, "statut", reason, "écrire « provisoire », ou corriger la période ou la date.")


def _against_standing(figure: Figure, reference: Reference) -> Iterator[Problem]:
    stood = reference.standing.get(figure.key)
    if stood is not None and figure.statut in FLEETING and stood[1] in FINAL:
        reason = f"un chiffre « {stood[1]} » est déjà accepté : il n’est pas remplacé par un « {figure.statut} »"
        todo = "déposer un chiffre « definitif » pour corriger, ou retirer la ligne."
        yield Problem(figure.ligne, "statut", reason, todo)


def _variations(figures: Sequence[Figure], reference: Reference) -> Iterator[Problem]:
    """A jump from the period before, or a revision of the same one, above the bound asks for a comment."""
    series: dict[tuple[str, str, str], dict[str, float]] = {}
    for (indicateur, niveau, code, periode), (value, _) in reference.standing.items():
        if value is not None:
            series.setdefault((indicateur, niveau, code), {})[periode] = value
    before = {place: dict(known) for place, known in series.items()}
    for figure in sorted(figures, key=lambda f: f.statut == Statut.DEFINITIF):  # final ones stand in the end
        if figure.valeur is not None and figure.periode:
            series.setdefault(figure.key[:3], {})[figure.periode] = figure.valeur
    # Periods of one length, in time order: years are compared with years, windows with windows.
    ordered: dict[tuple[tuple[str, str, str], int], list[tuple[dt.date, str]]] = {}
    for place, known in series.items():
        for periode in known:
            ordered.setdefault((place, len(periode)), []).append(sort_key(periode))
    for periods in ordered.values():
        periods.sort()
    for figure in figures:
        awaited = reference.awaited.get(figure.indicateur)
        if awaited is None or awaited.variation is None or figure.commentaire:
            continue
        if figure.valeur is None or not figure.periode:
            continue
        place = figure.key[:3]
        stood = before.get(place, {}).get(figure.periode)
        periods = ordered[place, len(figure.periode)]
        at = bisect.bisect_left(periods, (end_of(figure.periode), ""))
        last = periods[at - 1][1] if at else ""
        compared = [("de la valeur déjà acceptée", stood), (f"de {last}", series[place].get(last))]
        for said, value in compared:
            if value is not None and abs(figure.valeur - value) > awaited.variation / 100 * abs(value) + 1e-9:
                reason = f"{_fr(figure.valeur)} s’écarte de plus de {_fr(awaited.variation)} % {said} ({_fr(value)})"
                yield Problem(figure.ligne, "commentaire", reason, "vérifier la valeur, ou expliquer en commentaire.")


def _fr(value: float) -> str:
    """A number as French readers write it, with no more decimals than it has."""
    text = f"{value:,.6f}".rstrip("0").rstrip(".")
    return text.replace(",", "\u202f").replace(".", ",")


def _day(day: dt.date) -> str:
    return day.strftime("%d/%m/%Y")
