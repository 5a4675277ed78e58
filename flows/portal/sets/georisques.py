"""georisques.gouv.fr: major risks by commune, a paged JSON API.

The shape is that of third-party clients, never recorded: `results` counts the communes, `risques_detail` lists the
risks of each. The numbers of risks (`num_risque`) are not in the demonstration table: they are null here. The date of
the base is said in a header, which the real server may not do. Not here: every other service of that host.
"""

from __future__ import annotations

import datetime as dt

from flows.portal.answers import Answer, Ask, http_date, json_answer
from flows.portal.figures import spec

HOST = "georisques.gouv.fr"
MOST = 10
TABLES = {
    "georisques__risques": spec(
        "code_insee libelle_commune num_risque libelle_risque_long zone_sismicite date_etat",
        "code_insee",
        "zone_sismicite",
    ),
}


def answer(ask: Ask) -> Answer:
    """Answer of the risks of some communes; ten codes at most, as the real server says."""
    if ask.path != "/api/v1/gaspar/risques":
        return json_answer({"message": "No endpoint"}, status=404)
    if ask.method not in ("GET", "HEAD"):
        return json_answer({"message": "Method Not Allowed"}, status=405)
    codes = [code for code in ask.get("code_insee").split(",") if code]
    if not 0 < len(codes) <= MOST:
        return json_answer({"message": f"code_insee : entre 1 et {MOST} codes"}, status=400)
    known: dict[str, dict[str, object]] = {}
    rows = [row for row in ask.view.rows("georisques__risques") if row["code_insee"] in codes]
    for row in rows:
        entry = known.setdefault(
            row["code_insee"],
            {"code_insee": row["code_insee"], "libelle_commune": row["libelle_commune"], "risques_detail": []},
        )
        if row["libelle_risque_long"]:
            risk = {
                "num_risque": row["num_risque"] or None,
                "libelle_risque_long": row["libelle_risque_long"],
                "zone_sismicite": row["zone_sismicite"] or None,
            }
            entry["risques_detail"].append(risk)  # type: ignore[attr-defined]
    value = {
        "results": len(known),
        "page": 1,
        "total_pages": 1,
        "data": list(known.values()),
        "response_code": 200,
        "message": None,
        "next": None,
        "previous": None,
    }
    state = dt.datetime.fromisoformat(max(row["date_etat"] for row in rows)) if rows else None
    headers = {"Last-Modified": http_date(state.replace(tzinfo=dt.UTC))} if state else {}
    return json_answer(value, headers=headers, main="code_insee")


ROUTES = {HOST: answer}
