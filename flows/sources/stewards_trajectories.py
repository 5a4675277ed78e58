"""Trajectories (`seeds/trajectoires.csv`): what the rows of the table may say.

A trajectory decides which indicators are said to drift, so its rules are the strictest: a figure without a written
origin, or the figure of a neighbour, must not become a target here. Not here: the columns (stewards_columns), reading
the file (stewards_csv), drawing a trajectory (the warehouse), that a row once accepted stays as it was (gate 1,
expectations/referentiel__trajectoires.yml: it knows the table of the night before).
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence

from flows.core.datasets import Territory
from flows.sources.stewards_columns import DRAWN, UNCOMMITTED
from flows.sources.stewards_csv import Problem, Row

_POINT = re.compile(r"([0-9]{4}):(-?[0-9]+(?:\.[0-9]+)?)")


def trajectoires(rows: Sequence[Row], territory: Territory) -> Iterator[Problem]:
    """Every rule on trajectories; see docs/sources.md for the meaning of the columns."""
    for row in rows:
        yield from _territory(row, territory)
        yield from _origin(row, territory)
        yield from _target(row)
        yield from _shape(row, territory)
        yield from _points(row)
        yield from _completeness(row)
    yield from _overlaps(rows)


def points_of(text: str) -> list[tuple[float, float]]:
    """Intermediate points written `2026:12.5|2030:10` as (year, value) pairs.

    Raises:
        ValueError: the text is not of that form, or the years do not increase.
    """
    if not text:
        return []
    found = [_POINT.fullmatch(part.strip()) for part in text.replace(",", ".").split("|")]
    points = [(float(m[1]), float(m[2])) for m in found if m]
    if len(points) != len(found) or any(a[0] >= b[0] for a, b in itertools.pairwise(points)):
        raise ValueError(text)
    return points


def _above(territory: Territory) -> set[tuple[str, str]]:
    """Levels whose figures may bind the territory: its arrondissement, zone, département, region, and France."""
    return {
        ("arrondissement", territory.arrondissement),
        ("zone_emploi", territory.zone_emploi),
        ("departement", territory.departement),
        ("region", territory.region),
        *((n, c) for n, c, _ in territory.references if n in ("france", "france_metropolitaine")),
    }


def _territory(row: Row, territory: Territory) -> Iterator[Problem]:
    niveau, code = row["territoire_niveau"], row["territoire_code"]
    if not niveau or not code:
        return
    if niveau == "epci" and code in territory.voisins:
        yield Problem(
            row.line, "territoire_code", f"« {code} » est un territoire voisin : on ne lui fixe pas de trajectoire"
        )
        return
    member = niveau == "commune" and re.fullmatch(r"[0-9][0-9AB][0-9]{3}", code)
    if niveau == "bassin_de_vie" or (member and code.startswith(territory.departement)):
        return
    if (niveau, code) != ("epci", territory.epci) and (niveau, code) not in _above(territory):
        yield Problem(row.line, "territoire_code", f"« {code} » n'est pas un territoire connu du niveau {niveau}")


def _origin(row: Row, territory: Territory) -> Iterator[Problem]:
    document, status = row["origine_document"], row["origine_statut"]
    if status in ("document", "adoptee", *UNCOMMITTED):
        # A deliberation is named by its number; a document is cited to the line.
        for name in ("origine_document", *(() if status == "adoptee" else ("origine_ligne",)), "citation"):
            if not row[name]:
                yield Problem(row.line, name, "l'origine manque : une cible se lit dans un document ou une décision")
    elif status == "hypothese_de_travail" and not row["commentaire"]:
        yield Problem(row.line, "commentaire", "une hypothèse de travail dit d'où elle vient et qui doit la valider")
    if status in UNCOMMITTED and not row["manque"]:
        yield Problem(
            row.line, "manque", f"« {status} » n'est pas un engagement : dire ce qui manque pour en faire un"
        )
    if not document:
        return
    about = row["origine_territoire"]
    if not about:
        yield Problem(row.line, "origine_territoire", "dire de quel territoire parle le document cité")
    elif about != row["territoire_code"]:
        if about not in {code for _, code in _above(territory)}:
            yield Problem(
                row.line,
                "origine_territoire",
                f"le chiffre est celui d'un autre territoire (« {about} ») que « {row['territoire_code']} »",
            )
        elif not row["commentaire"]:
            yield Problem(row.line, "commentaire", f"dire pourquoi un chiffre de « {about} » s'applique ici")


def _target(row: Row) -> Iterator[Problem]:
    base, target = row["base_valeur"], row["cible_valeur"]
    if row["base_annee"] is not None and row["cible_annee"] is not None and row["cible_annee"] <= row["base_annee"]:
        yield Problem(row.line, "cible_annee", "l'année cible ne suit pas l'année de départ")
    if target is not None and row["cible_part_base"] is not None:
        yield Problem(row.line, "cible_part_base", "la cible est donnée deux fois (valeur et part du départ)")
    if base is not None and row["base_calcul"]:
        yield Problem(row.line, "base_calcul", "le départ est donné deux fois (valeur et calcul)")
    if m := re.fullmatch(r"somme_([0-9]{4})_([0-9]{4})", row["base_calcul"]):
        if int(m[2]) < int(m[1]):
            yield Problem(row.line, "base_calcul", "la somme finit avant de commencer")
        elif row["base_annee"] is not None and row["base_annee"] != int(m[2]):
            yield Problem(row.line, "base_annee", f"l'année de départ n'est pas la dernière de {row['base_calcul']}")
    if row["tolerance"] is not None and not 0 <= row["tolerance"] <= 1:
        yield Problem(row.line, "tolerance", "la tolérance est une part de l'échelle, entre 0 et 1")
    if row["echelle"] is not None and row["echelle"] <= 0:
        yield Problem(row.line, "echelle", "l'échelle est un nombre strictement positif")
    if row["forme"] == "geometrique" and any(v is not None and v <= 0 for v in (base, target)):
        yield Problem(row.line, "forme", "une trajectoire géométrique demande des valeurs strictement positives")
    if row["valide_du"] and row["valide_au"] and row["valide_au"] < row["valide_du"]:
        yield Problem(row.line, "valide_au", "la fin de validité précède son début")
    if base is not None and target is not None and not row["commentaire"] and _against(row, base, target):
        yield Problem(row.line, "cible_valeur", _AGAINST.format(row["polarite"]))


_AGAINST = "la valeur va contre le sens souhaité ({}) : l'expliquer en commentaire, ou corriger"


def _against(row: Row, before: float, after: float) -> bool:
    if row["forme"] in ("budget_cumule", "cumul_lineaire"):
        return after < before  # what accumulates never comes back
    if row["forme"] in ("rythme", "division"):
        return False  # a pace or a divisor is not a level to go from or to
    return (row["polarite"] == "hausse" and after < before) or (row["polarite"] == "baisse" and after > before)


def _shape(row: Row, territory: Territory) -> Iterator[Problem]:
    """What some shapes ask for, and what others leave no room for."""
    forme, compared = row["forme"], (row["comparateur_niveau"], row["comparateur_code"])
    if forme != "convergence":
        if any(compared):
            yield Problem(row.line, "comparateur_code", "seule une convergence se mesure à un autre territoire")
        if row["base_calcul"] == "ecart_comparateur":
            yield Problem(row.line, "base_calcul", "« ecart_comparateur » ne vaut que pour une convergence")
    elif any(compared):
        known = _above(territory) | {("epci", code) for code in territory.voisins}
        known |= {(niveau, code) for niveau, code, _ in territory.references}
        if compared not in known or compared == (row["territoire_niveau"], row["territoire_code"]):
            told = (
                f"« {compared[1]} » n'est pas un territoire de comparaison connu du niveau {compared[0] or '(vide)'}"
            )
            yield Problem(row.line, "comparateur_code", told)
    if forme in ("sens", "convergence") and row["polarite"] == "neutre":
        yield Problem(row.line, "polarite", "une direction se dit « hausse » ou « baisse »")
    if forme in ("sens", "aucune"):
        figures = ("base_valeur", "cible_valeur", "cible_part_base", "cible_annee", "points", "echelle")
        for name in (name for name in figures if row[name] not in (None, "")):
            yield Problem(
                row.line, name, f"la forme « {forme} » n'a pas de chiffre : laisser vide, ou changer de forme"
            )
    if forme == "aucune" and not row["commentaire"]:
        yield Problem(row.line, "commentaire", "dire pourquoi aucun objectif n'est fixé")


def _points(row: Row) -> Iterator[Problem]:
    try:
        points = points_of(row["points"])
    except ValueError:
        yield Problem(row.line, "points", "attendu : année:valeur|année:valeur, années croissantes")
        return
    low, high = row["base_annee"], row["cible_annee"]
    if row["forme"] == "division":
        yield from _divisors(row, points)
        return
    if any((low is not None and y <= low) or (high is not None and y >= high) for y, _ in points):
        yield Problem(row.line, "points", "un point intermédiaire sort de l'intervalle entre départ et cible")
    values = [v for v in (row["base_valeur"], *(v for _, v in points), row["cible_valeur"]) if v is not None]
    steps = itertools.pairwise(values)
    if points and not row["commentaire"] and any(_against(row, a, b) for a, b in steps):
        yield Problem(row.line, "points", _AGAINST.format(row["polarite"]))


def _divisors(row: Row, points: Sequence[tuple[float, float]]) -> Iterator[Problem]:
    """`points` of a division: the last year of each stretch and what the base pace is divided by."""
    low, high = row["base_annee"], row["cible_annee"]
    if any(divisor <= 0 for _, divisor in points):
        yield Problem(row.line, "points", "un diviseur est strictement positif")
    if low is not None and any(year <= low for year, _ in points):
        yield Problem(row.line, "points", "une étape finit avant l'année de départ")
    if points and high is not None and points[-1][0] != high:
        yield Problem(row.line, "cible_annee", "la dernière étape d'une division finit l'année cible")
    if row["cible_valeur"] is not None or row["cible_part_base"] is not None:
        yield Problem(row.line, "cible_valeur", "le plafond d'une division se calcule : laisser la cible vide")
    divisors = [divisor for _, divisor in points]
    turned = any(a > b if row["polarite"] == "baisse" else a < b for a, b in itertools.pairwise(divisors))
    if turned and not row["commentaire"]:
        yield Problem(row.line, "points", _AGAINST.format(row["polarite"]))


def missing_parts(row: Row) -> list[str]:
    """French names of what a row lacks before its indicator can get a status; empty when it is whole."""
    forme, dated = row["forme"], row["cible_annee"] is not None
    start = row["base_annee"] is not None
    base = row["base_valeur"] is not None or bool(row["base_calcul"])
    target = row["cible_valeur"] is not None or (row["cible_part_base"] is not None and base)
    if forme not in DRAWN:
        return []
    if forme == "seuil":
        parts = {"valeur cible": target}
    elif forme == "rythme":
        parts = {"année de départ": start, "valeur cible": target}
    elif forme == "convergence":
        # Without a date the gap must only not widen: no level of it is due in any year.
        parts = {"territoire de comparaison": bool(row["comparateur_code"])}
        if dated:
            parts |= {"valeur de départ": base, "année de départ": start}
    else:
        parts = {"valeur de départ": base, "année de départ": start, "année cible": dated}
        if forme != "division":
            parts = {"valeur cible": target, **parts}
    if forme in ("paliers", "division"):
        parts["points de passage"] = bool(row["points"])
    return [name for name, there in parts.items() if not there]


def _completeness(row: Row) -> Iterator[Problem]:
    lacking = missing_parts(row)
    if lacking and not row["manque"]:
        yield Problem(row.line, "manque", f"la trajectoire est incomplète ({', '.join(lacking)}) : le dire ici")


def _overlaps(rows: Sequence[Row]) -> Iterator[Problem]:
    by_key: dict[tuple[str, str, str], list[Row]] = {}
    for row in rows:
        by_key.setdefault((row["indicateur"], row["territoire_niveau"], row["territoire_code"]), []).append(row)
    for group in by_key.values():
        dated = sorted((r for r in group if r["valide_du"]), key=lambda r: (r["valide_du"], r.line))
        for before, after in itertools.pairwise(dated):
            if before["valide_au"] is None or before["valide_au"] >= after["valide_du"]:
                yield Problem(
                    after.line,
                    "valide_du",
                    f"deux trajectoires valent en même temps pour cet indicateur et ce territoire "
                    f"(ligne {before.line}) : fermer la première par « valide_au »",
                )
