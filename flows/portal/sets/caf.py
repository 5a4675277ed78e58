"""CNAF: households by commune each December (real), childcare coverage (simulated), over Explore.

Fields are those that public projects read; the persons covered by the RSA alone are not known here, so the field is
not declared. Childcare: no figure of the territory is known, so levels are drawn from a fixed seed at the communes
that CNAF would publish (above 10,000 inhabitants), the EPCI, the département and France.
Not here: queries and answers (`flows.portal.explore`).
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from flows.portal.answers import Ask
from flows.portal.explore_sets import Explored, altered
from flows.portal.figures import Figures, Row, View, number, spec
from flows.portal.geo import DEPARTEMENTS, EPCI

HOST = "data.caf.fr"
_COUNTS = ("indfoy_ndur", "indnbp_ndur", "indfoy_rsa")
_MODES = {
    "taux_eaje": "txcouv_eaje_",
    "taux_assistantes_maternelles": "txcouv_am_ind_",
    "taux_prescolarisation": "txcouv_prescol_",
    "taux_garde_domicile": "txcouv_gad_ind_",
}
_RATES = ("taux_global", *_MODES)
_PUBLISHED_FROM = 10_000  # inhabitants


def simulated_childcare(figures: Figures) -> list[Row]:
    """Places for 100 children, two years; the total is the sum of the kinds, as it is published."""
    places = [("commune", c, row["nom"]) for c, row in figures.communes.items() if _large(row)]
    places += [("epci", code, EPCI[code][0]) for code in EPCI]
    places += [("departement", "59", DEPARTEMENTS.get("59", "")), ("france", "F", "FRANCE ENTIERE HORS MAYOTTE")]
    rows: list[Row] = []
    for level, code, name in places:
        draw = random.Random(f"caf__accueil_jeune_enfant:{level}:{code}")
        kinds = {"taux_eaje": 14.0, "taux_assistantes_maternelles": 24.0}
        kinds |= {"taux_prescolarisation": 6.0, "taux_garde_domicile": 0.8}
        bases = {kind: value * draw.uniform(0.75, 1.25) for kind, value in kinds.items()}
        for year in (2022, 2023):
            moved = {kind: round(value * draw.uniform(0.97, 1.03), 1) for kind, value in bases.items()}
            figures_of = {"taux_global": round(sum(moved.values()), 1), **moved}
            texts = {kind: f"{value:.1f}" for kind, value in figures_of.items()}
            rows.append({"niveau": level, "code": code, "nom": name, "annee": str(year), **texts})
    return rows


def _large(row: Row) -> bool:
    return (number(row["population"]) or 0) >= _PUBLISHED_FROM


TABLES = {
    "caf__prestations": spec(
        "annee numcomdo nomcom indfoy_ndur indnbp_ndur indfoy_rsa indnbp_rsa", "numcomdo", " ".join(_COUNTS)
    ),
    "caf__accueil_jeune_enfant": spec(
        "niveau code nom annee taux_global taux_eaje taux_assistantes_maternelles taux_prescolarisation "
        "taux_garde_domicile",
        "code",
        "taux_global",
        ("niveau", "commune"),
        simulated_childcare,
    ),
}


def _benefits(view: View, repeat: bool) -> list[dict[str, Any]]:
    return [
        {
            "dtreffre": f"{row['annee']}-12",
            "numcomdo": row["numcomdo"],
            "nomcom": row["nomcom"].upper(),
            **{name: number(row[name]) for name in _COUNTS},
        }
        for row in view.rows("caf__prestations", repeat=repeat)
    ]


def _modified(ident: str, day: str) -> Callable[[Ask], str]:
    def moment(ask: Ask) -> str:
        moved = altered(ask, HOST, ident, ("exports/json", "records"))
        return f"{ask.today}T03:00:00+00:00" if moved else f"{day}T09:00:00+00:00"

    return moment


def _title(text: str) -> Callable[[Ask], str]:
    return lambda ask: text


BENEFITS = Explored(
    host=HOST,
    ident="s_ben_com_f",
    main="numcomdo",
    publisher="CNAF",
    title=_title("Toutes prestations - répartition des allocataires selon la prestation [Communal]"),
    modified=_modified("s_ben_com_f", "2025-10-15"),
    read=_benefits,
    fields={"dtreffre": "text", "numcomdo": "text", "nomcom": "text", **dict.fromkeys(_COUNTS, "double")},
)


def _childcare(level: str, suffix: str, code: str, name: str) -> Explored:
    names = {"taux_global": f"txcouv_{suffix}", **{kind: stem + suffix for kind, stem in _MODES.items()}}

    def read(view: View, repeat: bool) -> list[dict[str, Any]]:
        records: list[dict[str, Any]] = []
        for row in view.rows("caf__accueil_jeune_enfant", repeat=repeat):
            if row["niveau"] != level:
                continue
            # The national file writes its year as a date, the others as a number.
            year: Any = f"{row['annee']}-01-01" if level == "france" else int(row["annee"])
            record = {"annee": year, **({code: row["code"]} if code else {}), name: row["nom"]}
            records.append(record | {names[kind]: number(row[kind]) for kind in _RATES})
        return records

    ident = f"txcouv_pe_{suffix}"
    texts = dict.fromkeys([column for column in (code, name) if column], "text")
    return Explored(
        host=HOST,
        ident=ident,
        main=code or "annee",
        publisher="CNAF",
        title=_title("Taux de couverture global par les modes d'accueil formels"),
        modified=_modified(ident, "2026-01-20"),
        read=read,
        fields={"annee": "date" if level == "france" else "int", **texts, **dict.fromkeys(names.values(), "double")},
    )


EXPLORED = (
    BENEFITS,
    _childcare("commune", "com", "numcom", "nomcom"),
    _childcare("epci", "epci", "numepci", "nomepci"),
    _childcare("departement", "dep", "numdep", "nomdep"),
    _childcare("france", "nat", "", "national"),
)
