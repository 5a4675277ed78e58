"""Derived tables of gate 2: coverage of indicators, totals against sums, cross-source comparisons.

Not here: thresholds (expectations/candidat.yml) and anything dbt already holds (keys, contracts, relations). These
views read the marts of a candidate, the decoded tables of accepted editions under `<provider>__<dataset>`, and the
tables of the predecessor release.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from flows.core.periods import PeriodError, decimal_year, end_of, sort_key
from flows.core.words import Statut
from flows.quality.views import ViewError, ViewInput, as_list, need, view

if TYPE_CHECKING:
    import pandas as pd

_MEMBERS = ("membre", "membre_voisin")
_PRESENT = (Statut.DEFINITIF, Statut.PROVISOIRE, Statut.ESTIME, Statut.SECRET)


def _table(given: ViewInput, name: str) -> pd.DataFrame:
    if name not in given.tables:
        raise ViewError(f"la table « {name} » n'a pas été remise au contrôle")
    return given.tables[name]


def _indicator(given: ViewInput) -> list[str]:
    """Ids of the option `indicateurs`, each declared; a typing error must not silently empty a rule."""
    wanted = as_list(given.options["indicateurs"])
    known = set(_table(given, "dim_indicator")["indicateur"])
    if unknown := [item for item in wanted if item not in known]:
        raise ViewError(f"indicateur inconnu : {', '.join(unknown)}")
    return wanted


def _deposited(given: ViewInput) -> set[str]:
    """Indicators that only the services feed: a deposit need not name every commune, nor each year the same ones."""
    indicators = _table(given, "dim_indicator")
    return set(indicators.loc[indicators["saisie"] == "oui", "indicateur"])


def _latest_communes(frame: pd.DataFrame) -> dict[str, tuple[str, set[str]]]:
    """Per indicator with commune figures: its last period and the communes that have a figure or a secret there."""
    rows = frame[
        (frame["territoire_niveau"] == "commune") & (frame["ventilation"] == "") & frame["statut"].isin(_PRESENT)
    ]
    out: dict[str, tuple[str, set[str]]] = {}
    for slug, part in sorted(rows.groupby("indicateur"), key=lambda item: str(item[0])):
        last = max(part["periode"].unique(), key=sort_key)
        out[str(slug)] = (last, set(part.loc[part["periode"] == last, "territoire_code"]))
    return out


@view(tables=["dim_territory", "dim_indicator"])
def communes_par_indicateur(given: ViewInput) -> pd.DataFrame:
    """One row an indicator with commune figures: last `periode`, `attendues`, `presentes`, `manquantes`, `absentes`.

    A secret counts as present: secrecy is an answer. `absentes` lists at most ten names.
    """
    import pandas as pd

    territory = _table(given, "dim_territory")
    due = territory[(territory["niveau"] == "commune") & territory["role"].isin(_MEMBERS)].sort_values("code")
    names = dict(zip(due["code"], due["nom"], strict=True))
    if not names:
        raise ViewError("dim_territory ne contient aucune commune membre")
    rows = []
    deposits = _deposited(given)
    for slug, (period, seen) in _latest_communes(given.frame).items():
        if slug in deposits:  # a service says what it knows, commune by commune
            continue
        missing = [code for code in names if code not in seen]
        shown = ", ".join(names[code] for code in missing[:10]) + ("…" if len(missing) > 10 else "")
        rows.append(
            {
                "indicateur": slug,
                "periode": period,
                "attendues": len(names),
                "presentes": len(names) - len(missing),
                "manquantes": len(missing),
                "absentes": shown,
            }
        )
    return pd.DataFrame(rows, columns=["indicateur", "periode", "attendues", "presentes", "manquantes", "absentes"])


@view(tables=["dim_indicator"], needs_previous=True)
def communes_perdues(given: ViewInput) -> pd.DataFrame:
    """One row an indicator of the predecessor: `perdues`, communes with a figure then and none now; `communes`."""
    import pandas as pd

    assert given.previous is not None
    before, now = _latest_communes(given.previous), _latest_communes(given.frame)
    declared = set(_table(given, "dim_indicator")["indicateur"]) - _deposited(given)
    before = {slug: seen for slug, seen in before.items() if slug in declared}  # one that left the project is no loss
    rows = []
    for slug, (period, seen) in before.items():
        lost = sorted(seen - now.get(slug, ("", set()))[1])
        rows.append(
            {
                "indicateur": slug,
                "periode_avant": period,
                "periode": now.get(slug, ("", set()))[0],
                "perdues": len(lost),
                "communes": ", ".join(lost[:10]) + ("…" if len(lost) > 10 else ""),
            }
        )
    return pd.DataFrame(rows, columns=["indicateur", "periode_avant", "periode", "perdues", "communes"])


@view(tables=["dim_indicator", "dim_dataset"])
def chiffres_du_territoire(given: ViewInput) -> pd.DataFrame:
    """One row a computed indicator: `chiffres`, its figures (not missing) on the territory it declares.

    An indicator one of whose datasets was never received, is switched off or withdrawn is left out: its page says so,
    and a failing source must not stop the others. So is one that services feed: no deposit yet is ordinary.
    """
    import pandas as pd

    datasets = _table(given, "dim_dataset")
    quiet = datasets["etat"].isin(["jamais_recu", "desactive", "retire"])
    # Deposits that nobody made yet do not excuse an indicator that open data feed too.
    silent = set(datasets.loc[quiet & ~datasets["jeu"].str.startswith("saisies/"), "jeu"])
    indicators = _table(given, "dim_indicator")
    indicators = indicators[[not silent & set(jeux) for jeux in indicators["jeux"]]]
    indicators = indicators[indicators["saisie"] != "oui"]
    seen = given.frame[given.frame["statut"] != Statut.MANQUANT]
    keys = seen["indicateur"] + "|" + seen["territoire_niveau"] + "|" + seen["territoire_code"]
    counts = keys.value_counts().to_dict()
    rows = [
        {
            "indicateur": row.indicateur,
            "niveau": row.territoire_niveau,
            "code": row.territoire_code,
            "chiffres": int(counts.get(f"{row.indicateur}|{row.territoire_niveau}|{row.territoire_code}", 0)),
        }
        for row in indicators[indicators["calcule"].astype(bool)].sort_values("indicateur").itertuples()
    ]
    return pd.DataFrame(rows, columns=["indicateur", "niveau", "code", "chiffres"])


@view(tables=["dim_indicator"])
def statuts_par_indicateur(given: ViewInput) -> pd.DataFrame:
    """One row a declared indicator: `statuts`, its rows in the table of states (exactly one is due)."""
    import pandas as pd

    counts = given.frame["indicateur"].value_counts().to_dict()
    slugs = sorted(set(_table(given, "dim_indicator")["indicateur"]) | set(given.frame["indicateur"]))
    return pd.DataFrame({"indicateur": slugs, "statuts": [int(counts.get(slug, 0)) for slug in slugs]})


@view(required=["indicateurs"], tables=["dim_territory", "dim_indicator"])
def total_et_somme(given: ViewInput) -> pd.DataFrame:
    """One row an indicator, EPCI and period: `total`, `somme` of its communes, `ecart` in per cent of the total.

    Only for counts and quantities. Rows where a commune is missing or secret are left out, because a total is then
    legitimately larger than the known parts; `communes` says how many were added.
    """
    import pandas as pd

    slugs = _indicator(given)
    territory = _table(given, "dim_territory")
    members = territory[(territory["niveau"] == "commune") & territory["role"].isin(_MEMBERS)]
    epci_of = dict(zip(members["code"], members["epci"], strict=True))
    size = members.groupby("epci")["code"].nunique().to_dict()
    rows = []
    frame = given.frame[given.frame["indicateur"].isin(slugs) & (given.frame["ventilation"] == "")]
    communes = frame[frame["territoire_niveau"] == "commune"].assign(
        epci=lambda part: part["territoire_code"].map(epci_of)
    )
    totals = frame[(frame["territoire_niveau"] == "epci") & frame["valeur"].notna()]
    sums = communes.dropna(subset=["epci", "valeur"]).groupby(["indicateur", "epci", "periode"])["valeur"]
    summed, counted = sums.sum().to_dict(), sums.count().to_dict()
    for row in totals.sort_values(["indicateur", "territoire_code", "periode"]).itertuples():
        key = (row.indicateur, row.territoire_code, row.periode)
        if counted.get(key, 0) != size.get(row.territoire_code, -1):
            continue
        gap = abs(row.valeur - summed[key])
        rows.append(
            {
                "indicateur": row.indicateur,
                "epci": row.territoire_code,
                "periode": row.periode,
                "total": row.valeur,
                "somme": round(summed[key], 3),
                "communes": counted[key],
                "ecart": 100 * gap / abs(row.valeur) if row.valeur else (100.0 if gap else 0.0),
            }
        )
    return pd.DataFrame(rows, columns=["indicateur", "epci", "periode", "total", "somme", "communes", "ecart"])


@view(tables=["geo__communes", "insee__populations"])
def population_geo_insee(given: ViewInput) -> pd.DataFrame:
    """One row a commune known to both: population of geo.api.gouv.fr, newest `PMUN` of INSEE, `ecart` in per cent."""
    import pandas as pd

    geo, insee = _table(given, "geo__communes"), _table(given, "insee__populations")
    need(geo, ["code", "nom", "population"])
    need(insee, ["geo_niveau", "geo_code", "measure", "time_period", "value"])
    columns = ["code", "nom", "annee", "population_geo", "population_insee", "ecart"]
    if geo.empty or insee.empty:  # one of the two was never received: nothing to compare
        return pd.DataFrame(columns=columns)
    legal = insee[(insee["geo_niveau"] == "COM") & (insee["measure"] == "PMUN")].dropna(subset=["value"])
    newest = legal.sort_values("time_period", kind="stable").drop_duplicates("geo_code", keep="last")
    both = geo[["code", "nom", "population"]].merge(
        newest[["geo_code", "time_period", "value"]], left_on="code", right_on="geo_code"
    )
    if both.empty:
        raise ViewError("aucune commune commune aux deux sources : les codes ne se rapprochent plus")
    both = both.rename(columns={"population": "population_geo", "value": "population_insee", "time_period": "annee"})
    both["ecart"] = (
        100
        * (both["population_geo"] - both["population_insee"]).abs()
        / both["population_insee"].where(lambda v: v > 0)
    )
    return both[columns].sort_values("code", kind="stable").reset_index(drop=True)


@view()
def debut_et_fin(given: ViewInput) -> pd.DataFrame:
    """The rows with `debut` and `fin`, first and last day of their period (dates)."""
    import pandas as pd

    bounds: dict[str, tuple[dt.date, dt.date]] = {}
    for period in given.frame["periode"].unique():
        try:
            end = end_of(period)
        except PeriodError as error:
            raise ViewError(str(error)) from error
        bounds[period] = (_start(period, end), end)
    out = given.frame.copy()
    out["debut"] = pd.to_datetime(out["periode"].map(lambda p: bounds[p][0]))
    out["fin"] = pd.to_datetime(out["periode"].map(lambda p: bounds[p][1]))
    return out.reset_index(drop=True)


@view()
def periodes_inachevees(given: ViewInput) -> pd.DataFrame:
    """The rows whose period ends after the night of the run (`parameters["nuit"]`), with `debut` and `fin`."""
    import pandas as pd

    if given.parameters.get("nuit") is None:
        raise ViewError("la nuit de l'exécution n'a pas été fournie")
    rows = debut_et_fin(given)
    return rows[rows["fin"] > pd.Timestamp(given.parameters["nuit"])].reset_index(drop=True)


def _start(period: str, end: dt.date) -> dt.date:
    """First day of a period of the five forms, from its last one."""
    if "/" in period or len(period) == 4:
        return end.replace(year=int(period[:4]), month=1, day=1)
    if "-T" in period:
        return end.replace(month=end.month - 2, day=1)
    return end.replace(day=1) if len(period) == 7 else end


@view(required=["indicateurs"], tables=["dim_indicator"])
def variation_annuelle(given: ViewInput) -> pd.DataFrame:
    """One row an indicator, territory above the commune and pair of periods a year apart: `variation` in per cent."""
    import pandas as pd

    slugs = _indicator(given)
    frame = given.frame[
        given.frame["indicateur"].isin(slugs)
        & (given.frame["territoire_niveau"] != "commune")
        & (given.frame["ventilation"] == "")
        & given.frame["valeur"].notna()
    ]
    rows = []
    for key, part in sorted(
        frame.groupby(["indicateur", "territoire_niveau", "territoire_code"]), key=lambda item: str(item[0])
    ):
        at = {decimal_year(row.periode): row for row in part.itertuples()}
        for year in sorted(at):
            if year - 1 not in at or not at[year - 1].valeur:
                continue
            before = at[year - 1].valeur
            rows.append(
                {
                    "indicateur": key[0],
                    "niveau": key[1],
                    "code": key[2],
                    "periode": at[year].periode,
                    "valeur": at[year].valeur,
                    "valeur_avant": before,
                    "variation": 100 * (at[year].valeur - before) / abs(before),
                }
            )
    columns = ["indicateur", "niveau", "code", "periode", "valeur", "valeur_avant", "variation"]
    return pd.DataFrame(rows, columns=columns)
