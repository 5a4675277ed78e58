"""A release read once into plain dicts and indexes: what every view model starts from.

Not here: what a page says (the other `views_*`) nor any computation on figures: values, statuses and gaps are read as
the warehouse wrote them. Reading is linear in the number of observations: thousands of territories stay cheap.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from flows.core import periods
from flows.core.errors import ReleaseError
from flows.core.tables import Release
from flows.core.words import Etat, Statut
from flows.publishing import numbers
from flows.publishing.figures import bound_of, is_unfinished, shown_decimals
from flows.publishing.grammar import typographic
from flows.publishing.observed import COMMUNE, Figures, Place, Row, observed
from flows.publishing.presence import presence

COUNTED = [
    Etat.ATTEINT,
    Etat.EN_AVANCE,
    Etat.SUR_TRAJECTOIRE,
    Etat.A_SURVEILLER,
    Etat.DERIVE,
    Etat.NON_EVALUABLE,
    Etat.TRAJECTOIRE_A_FIXER,
    Etat.SANS_OBJET,
]


class World:
    """Indexes of one release.

    Attributes:
        indicators: rows of dim_indicator by `ordre`, each with `slug`; by_id: the same by id.
        own: the row of dim_territory with role `territoire`; places: every territory by (niveau, code).
        communes: member communes in alphabetical order; neighbours: communes of the neighbouring EPCI.
        status, changes, checks, datasets, editions, catalogue: their tables, indexed by their natural key.
    """

    def __init__(self, release: Release, territory: Mapping[str, str], words: Mapping[str, Any]) -> None:
        self.release, self.words = release, words
        self.territory = {key: typographic(text) for key, text in territory.items()}
        self.nuit, self.mode, self.id = release.nuit, release.mode, release.id
        territories = [_french(row) for row in _rows(release, "dim_territory")]
        self.places: dict[Place, Row] = {(r["niveau"], r["code"]): r for r in territories}
        self.own = self._own()
        communes = sorted(
            (r for r in self.places.values() if r["niveau"] == "commune"),
            key=lambda r: (sort_name(r["nom"]), r["code"]),
        )
        self.communes = [r for r in communes if r["role"] == "membre"]
        self.neighbours = [r for r in communes if r["role"] == "membre_voisin"]
        self.indicators = sorted(_rows(release, "dim_indicator"), key=lambda r: (r["ordre"] or 0, r["indicateur"]))
        for row in self.indicators:
            row["slug"] = row["indicateur"].replace("_", "-")
        self.by_id: dict[str, Row] = {r["indicateur"]: r for r in self.indicators}
        self.observed = observed(release)
        self._decimals: dict[tuple[str, str, str], int] = {}
        self._presences: dict[str, str] = {}
        self._last: dict[str, Row] = {}  # jeu → one observation of its newest period
        self._observations()
        self.status: dict[str, Row] = {r["indicateur"]: r for r in _rows(release, "fct_status")}
        self._require_status()
        self.changes = _rows(release, "fct_status_change")
        self.history: dict[str, list[Row]] = defaultdict(list)
        for row in sorted(_rows(release, "fct_status_history"), key=lambda r: (r["indicateur"], r["depuis"])):
            self.history[row["indicateur"]].append(row)
        self.steps = _rows(release, "dim_etape")
        self.paces: dict[tuple[str, str, str], Row] = {
            (r["indicateur"], r["territoire_niveau"], r["territoire_code"]): r for r in _rows(release, "fct_pace")
        }
        self.checks = [_french(r) for r in _rows(release, "fct_check")]
        self.datasets: dict[str, Row] = {r["jeu"]: _french(r) for r in _rows(release, "dim_dataset")}
        self.pages = _rows(release, "dim_edition")
        self.editions: dict[str, list[Row]] = defaultdict(list)
        for row in self.pages:
            self.editions[row["edition"]].append(row)
        self.catalogue: dict[str, Row] = {r["id"]: r for r in _rows(release, "dim_engagement")}
        self.children: dict[str, list[Row]] = defaultdict(list)
        for row in sorted(self.catalogue.values(), key=lambda r: (r["ordre"] or 0, r["id"])):
            self.children[row["parent"] or ""].append(row)
        self.trajectories: dict[str, Row] = {r["trajectoire"]: r for r in _rows(release, "dim_trajectory")}
        self.curves: dict[str, list[Row]] = defaultdict(list)
        for row in _rows(release, "fct_trajectory"):
            self.curves[row["trajectoire"]].append(row)
        self.breaks: dict[str, list[Row]] = defaultdict(list)
        for row in _rows(release, "dim_rupture"):
            self.breaks[row["indicateur"]].append(row)
        self.corrections = _rows(release, "dim_correction")
        self.alerts = _rows(release, "fct_alert")
        self.alert_log = _rows(release, "fct_alert_log")

    def figures(self, indicateur: str) -> Figures:
        """The observations of one indicator."""
        return self.observed.figures(indicateur)

    def of_type(self, kind: str) -> list[Row]:
        """Entries of the catalogue of one type, in the document's order."""
        rows = [r for r in self.catalogue.values() if r["type"] == kind]
        return sorted(rows, key=lambda r: (r["ordre"] or 0, r["id"]))

    def headline_place(self, indicator: Row) -> Place:
        """The territory an indicator speaks of: its own, or the EPCI of the observatory."""
        niveau, code = indicator["territoire_niveau"], indicator["territoire_code"]
        if niveau and code and (niveau, code) in self.places:
            return niveau, code
        return self.own["niveau"], self.own["code"]

    def name(self, place: Place) -> str:
        """Name of a territory; its code when the release does not name it."""
        row = self.places.get(place)
        return row["nom"] if row else place[1]

    def latest(self, indicateur: str, place: Place) -> Row | None:
        """Newest observation that says something: a value, or that it is secret. Missing ones are passed over."""
        for row in reversed(self.figures(indicateur).series.get(place, ())):
            if row["statut"] != Statut.MANQUANT:
                return row
        return None

    def presence(self, indicator: Row) -> str:
        """What an indicator has to show: one of `presence.ORDER`."""
        ident = indicator["indicateur"]
        if ident not in self._presences:
            communes = bool(self.figures(ident).counts(COMMUNE))
            newest = self.latest(ident, self.headline_place(indicator))
            self._presences[ident] = presence(indicator, newest, communes)
        return self._presences[ident]

    def at(self, indicateur: str, place: Place, periode: str) -> Row | None:
        """The observation of one period, or None."""
        for row in reversed(self.figures(indicateur).series.get(place, ())):
            if row["periode"] == periode:
                return row
        return None

    def figure(self, row: Row | None, *, unit: bool = True) -> str:
        """A figure as a page writes it: number and unit, « secret statistique », or « non disponible »."""
        if row is None or row["statut"] == Statut.MANQUANT:
            return self.words["site"]["sans_valeur"]
        if row["statut"] == Statut.SECRET or row["valeur"] is None:
            return (
                self.words["site"]["secret"] if row["statut"] == Statut.SECRET else self.words["site"]["sans_valeur"]
            )
        indicator = self.by_id[row["indicateur"]]
        own = row["ventilation"] if (row["unite"] or indicator["unite"]) != indicator["unite"] else ""
        decimals, bound = self.decimals(row["indicateur"], row["territoire_niveau"], own), bound_of(row)
        if unit:
            return numbers.figure_with_unit(row["valeur"], indicator["unite_courte"], decimals, bound=bound)
        return numbers.figure(row["valeur"], decimals, bound=bound)

    def decimals(self, indicateur: str, niveau: str, detail: str = "") -> int:
        """Decimals that the figures of a level are shown with (see `figures.shown_decimals`).

        A `detail` counted in another unit than its total is not measured as finely: none when it is a count (whole
        everywhere) or runs in thousands.
        """
        key = (indicateur, niveau, detail)
        if key not in self._decimals and detail:
            known = [abs(value) for value in self.figures(indicateur).values(detail=detail)]
            coarse = known and (all(value.is_integer() for value in known) or min(known) >= 1000)
            self._decimals[key] = 0 if coarse else self.decimals(indicateur, niveau)
        elif key not in self._decimals:
            values = self.figures(indicateur).values(niveau) if niveau == COMMUNE else []
            self._decimals[key] = shown_decimals(self.by_id[indicateur], niveau, values)
        return self._decimals[key]

    def period(self, row: Row) -> str:
        """The period of a figure in its indicator's own words (« 12 mois au 31 juillet 2026 »)."""
        template, until = self.by_id[row["indicateur"]].get("periode_phrase"), row.get("jusqu_au")
        if row["ventilation"] and until is None:
            template = None  # a detail of another source, not dated: « octobre 2022 » is not twelve months
        if not template and until is not None and is_unfinished(row, self.nuit):
            template = self.words["fiche"]["periode_en_cours"]
        return numbers.period_words(row["periode"], template, until)

    def last_period(self, jeu: str) -> str:
        """The newest period of the figures that a dataset gave; "" when it gave none."""
        if not self._last:
            for row in self.observed.newest():
                self._newer(row)
        row = self._last.get(jeu)
        return self.period(row) if row else ""

    def _newer(self, row: Row) -> None:
        main = (self.by_id[row["indicateur"]]["jeux"] or [""])[0]
        for jeu in row["jeux"] or ():
            if jeu != main and len(row["jeux"]) > 1:
                continue  # a population used as a weight does not have the period of what it weighs
            known = self._last.get(jeu)
            if known is None or periods.sort_key(row["periode"]) > periods.sort_key(known["periode"]):
                self._last[jeu] = row

    def precision(self, status: Row | None) -> str:
        """The reason of a state when the words say it in place of the state itself, else ""."""
        reason = status["raison"] if status else ""
        return str(reason) if reason in self.words["etats_raisons"] else ""

    def measure(self, indicator: Row, value: float | None, *, signed: bool = False) -> str:
        """A value with the indicator's short unit; `signed` writes + as well as −."""
        return numbers.with_unit(value, indicator["unite_courte"], indicator["decimales"], sign=signed)

    def simulated(self) -> list[Row]:
        """Indicators of which at least one figure is simulated, in their order."""
        return [i for i in self.indicators if i["indicateur"] in self._simulated]

    def states(self) -> list[tuple[str, str, int]]:
        """(state, its precision or "", number of indicators), best first; indicators of context are left out."""
        rows = [self.status[i["indicateur"]] for i in self.indicators if not i["contexte"]]
        found = [(str(r["etat"]), self.precision(r)) for r in rows]
        order = sorted(set(found), key=lambda pair: (COUNTED.index(pair[0]), pair[1]))
        return [(*pair, found.count(pair)) for pair in order]

    def serving(self, identifier: str) -> list[Row]:
        """Indicators that serve an engagement, a champ or any entry of the catalogue."""
        return [
            i
            for i in self.indicators
            if identifier in (i["engagements"] or ())
            or identifier in (i["champs"] or ())
            or identifier in (i["sert"] or ())
        ]

    def _own(self) -> Row:
        own = [r for r in self.places.values() if r["role"] == "territoire"]
        if len(own) != 1:
            raise ReleaseError(
                "La version ne dit pas de quel territoire elle parle.",
                where=f"dim_territory : {len(own)} lignes de rôle « territoire »",
                todo="vérifier territoire.epci dans observatoire.toml et l'édition de geo/communes.",
            )
        return own[0]

    def _observations(self) -> None:
        unknown = [indicateur for indicateur in self.observed.indicators if indicateur not in self.by_id]
        if unknown:
            raise ReleaseError(
                f"Des chiffres se rapportent à un indicateur non déclaré : {unknown[0]}.",
                where="fct_observation",
                todo="déclarer l'indicateur dans dbt_project/models/indicators.",
            )
        self._simulated = self.observed.simulated()

    def _require_status(self) -> None:
        missing = [i for i in self.by_id if i not in self.status and not self.by_id[i]["contexte"]]
        if missing:
            raise ReleaseError(
                f"{len(missing)} indicateurs n'ont pas d'état.",
                where=f"fct_status : {', '.join(missing[:5])}",
                todo="vérifier que le modèle fct_status couvre tous les indicateurs déclarés.",
            )


def sort_name(name: str) -> str:
    """A key that sorts names as a French reader expects: accents and case ignored."""
    import unicodedata

    plain = unicodedata.normalize("NFKD", name.replace("œ", "oe").replace("Œ", "Oe"))
    return "".join(c for c in plain if not unicodedata.combining(c)).lower()


# Written by programs and publishers with straight apostrophes: readers get the French ones. Codes, addresses and
# SQL are left as they are.
_SAID = ("nom", "titre", "editeur", "attribution", "absences", "etat_detail", "raison_brut_prive")
_SAID += ("enonce", "pourquoi", "observe")


def _french(row: Row) -> Row:
    """The same row, its words with typographic apostrophes."""
    return row | {name: typographic(row[name]) for name in _SAID if row.get(name)}


def _rows(release: Release, name: str) -> list[Row]:
    table = release.table(name)
    columns = [_values(column) for column in table.columns]
    return [dict(zip(table.column_names, values, strict=True)) for values in zip(*columns, strict=True)]


def _values(column: pa.ChunkedArray) -> list[Any]:
    """A column as Python values; equal texts and equal lists are one object, which halves the memory of a release."""
    if pa.types.is_string(column.type):
        encoded = column.combine_chunks().dictionary_encode()
        if isinstance(encoded, pa.ChunkedArray):  # an empty column has no chunk to combine
            encoded = encoded.combine_chunks()
        names = encoded.dictionary.to_pylist()
        return [None if i is None else names[i] for i in encoded.indices.to_pylist()]
    if pa.types.is_list(column.type):
        seen: dict[tuple[Any, ...], list[Any]] = {}
        return [None if v is None else seen.setdefault(tuple(v), v) for v in column.to_pylist()]
    return column.to_pylist()
