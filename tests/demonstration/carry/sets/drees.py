"""DREES, access to dentists, nurses and midwives: the communes of the territory out of the official sheets."""

from __future__ import annotations

from pathlib import Path

from tests.demonstration.carry.contract import Contract, columns
from tests.demonstration.carry.insee import codes
from tests.demonstration.carry.reading import Row, rows

PROFESSIONS = {"chirurgiens_dentistes": "standardisée", "infirmieres": "standardisée", "sages_femmes": "standardisée"}
YEARS = (2022, 2023)

CONTRACTS = {
    "drees__apl_professions": Contract(
        columns(
            "annee int, profession, code_commune, commune, apl double, population_standardisee double, "
            "population_totale double"
        ),
        ("annee", "profession", "code_commune"),
        "code_commune",
    )
}


def professions(shared: Path) -> list[Row]:
    """drees__apl_professions: APL in full-time equivalents for 100,000 standardised inhabitants, as published.

    Title rows come first; the header is the line that begins with the commune code, a row of units follows it.
    """
    wanted = set(codes(shared))
    result = []
    for profession, word in PROFESSIONS.items():
        for year in YEARS:
            path = shared / f"territory/sante/drees_apl_{profession}_{year}_dep59.csv"
            lines = path.read_text(encoding="utf-8-sig").splitlines()
            skip = next(i for i, line in enumerate(lines) if line.startswith("Code commune INSEE"))
            for row in rows(path, ";", skip):
                if row["Code commune INSEE"] not in wanted:
                    continue
                apl = next(value for name, value in row.items() if name.startswith("APL aux "))
                standardised = next(value for name, value in row.items() if word in name)
                total = next(value for name, value in row.items() if name.startswith("Population totale "))
                result.append(
                    {
                        "annee": str(year),
                        "profession": profession,
                        "code_commune": row["Code commune INSEE"],
                        "commune": row["Commune"],
                        "apl": apl,
                        "population_standardisee": standardised,
                        "population_totale": total,
                    }
                )
    return result


CARRIERS = {"drees__apl_professions": professions}
