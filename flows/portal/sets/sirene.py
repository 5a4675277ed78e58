"""Insee, API Sirene: SIMULATED counts of employing establishments of the social economy, answered with its cursor.

Shapes follow contract §5 of the Insee notes and the public clients: `header` (`total`, `nombre`, `curseur`,
`curseurSuivant`), `etablissements`, 404 with a JSON header when nothing answers, 401 without the key. Establishments
are unfolded from the counts: their numbers (SIRET) identify nobody and begin with zeros. Of the query language only
what the observatory writes is understood: the list of communes, the département, and neither of them.

Not here: the rest of api.insee.fr, which is Melodi's (`flows.portal.melodi`).
"""

from __future__ import annotations

import re
from typing import Any

from flows.portal import melodi
from flows.portal.answers import Answer, Ask, json_answer
from flows.portal.drawing import chance, count, places
from flows.portal.figures import Figures, Row, spec

_PATH = "/api-sirene/3.11/siret"
_COLUMNS = "niveau code etablissements"
_PER = 430  # inhabitants for one establishment
_WHOLE = {("departement", "59"): 2_615_000, ("france", "F"): 68_600_000}  # orders of magnitude of the populations


def simulate(figures: Figures) -> list[Row]:
    """One row a commune, the département and France; about one establishment for 430 inhabitants."""
    rows: list[Row] = [
        {
            "niveau": "commune",
            "code": place.code,
            "etablissements": str(count(place.population, _PER, chance("sirene__ess", place.code))),
        }
        for place in places(figures)
    ]
    for (niveau, code), inhabitants in _WHOLE.items():
        rows.append({"niveau": niveau, "code": code, "etablissements": str(round(inhabitants / _PER))})
    return rows


TABLES = {
    "sirene__ess": spec(_COLUMNS, "code", "etablissements", ("niveau", "commune"), simulate=simulate),
}


def answer(ask: Ask) -> Answer:
    """Answer of api.insee.fr to one request: Sirene on its own path, Melodi everywhere else."""
    if ask.path != _PATH:
        return melodi.answer(ask)
    if not ask.headers.get("x-insee-api-key-integration"):
        return json_answer({"message": "Unauthorized", "http_status_code": 401}, status=401)
    size = ask.get("nombre", "20")
    if not size.isdigit() or int(size) > 1000:
        return _answer(400, "Erreur de syntaxe dans le paramètre nombre")
    rows = ask.view.rows("sirene__ess")
    query = ask.get("q")
    listed = re.search(r"codeCommuneEtablissement:\(([^)]*)\)", query)
    if listed:
        return _list(ask, rows, set(listed[1].split(" OR ")), int(size))
    area = re.search(r"codeCommuneEtablissement:(\w+)\*", query)
    wanted = ("departement", area[1]) if area else ("france", "F")
    total = sum(int(row["etablissements"]) for row in rows if (row["niveau"], row["code"]) == wanted)
    if not total:
        return _answer(404, "Aucun élément trouvé pour q")
    return _answer(200, "OK", [_establishment(wanted[1], 0)], total=total)


def _list(ask: Ask, rows: list[Row], codes: set[str], size: int) -> Answer:
    found = [
        _establishment(row["code"], number)
        for row in rows
        if row["niveau"] == "commune" and row["code"] in codes
        for number in range(int(row["etablissements"]))
    ]
    cursor = ask.get("curseur", "*")
    start = 0 if cursor == "*" else int(cursor.removeprefix("AoE"))
    if not found:
        return _answer(404, "Aucun élément trouvé pour q")
    last = min(start + size, len(found))
    following = f"AoE{last}" if last > start else cursor
    return _answer(200, "OK", found[start:last], total=len(found), curseur=cursor, curseurSuivant=following)


def _answer(status: int, message: str, found: list[dict[str, Any]] | None = None, **header: Any) -> Answer:
    head = {"statut": status, "message": message, **header}
    if found is None:
        return json_answer({"header": head}, status=status)
    head |= {"debut": 0, "nombre": len(found)}
    return json_answer({"header": head, "etablissements": found}, main="etablissements")


def _establishment(code: str, number: int) -> dict[str, Any]:
    return {
        "siret": f"000{code:0>5}{number:06d}",
        "adresseEtablissement": {"codeCommuneEtablissement": code},
        "periodesEtablissement": [
            {
                "dateFin": None,
                "dateDebut": "2020-01-01",
                "etatAdministratifEtablissement": "A",
                "caractereEmployeurEtablissement": "O",
            }
        ],
    }


ROUTES = {melodi.HOST: answer}
