"""Observatoire des territoires: the CSV of its interactive map, one a level, for the share of young people left out.

The columns, the BOM, CRLF and the decimal comma are those of files kept from the site; the address and the names of
levels are those of other indicators. Reconstructed: what an unknown indicator gets (a 404 in HTML here).
Not here: the workbooks of the same address, and every other indicator.
"""

from __future__ import annotations

from flows.portal.answers import Answer, Ask, text_answer
from flows.portal.figures import spec
from flows.portal.payloads import Csv, words

HOST = "www.observatoire-des-territoires.gouv.fr"
PATH = "/outils/cartographie-interactive/api/v1/functions/GC_API_download.php"
_LEVELS = {"com": "COM", "epci": "EPCI", "dep": "DEP", "reg": "REG"}

TABLES = {
    "odt__non_inseres": spec("niveau codgeo libgeo an valeur_brute", "codgeo", "valeur_brute", ("niveau", "COM")),
}


def answer(ask: Ask) -> Answer:
    """The shares of one level; only `format=csv` of this indicator is served."""
    level = _LEVELS.get(ask.get("nivgeo").rstrip("0123456789"))
    asked = (ask.get("type"), ask.get("indic"), ask.get("format"))
    if ask.path != PATH or level is None or asked != ("stat", "part_non_inseres", "csv"):
        return text_answer("<html><body>Page introuvable</body></html>", 404, content_type="text/html; charset=utf-8")
    rows = [row for row in ask.view.rows("odt__non_inseres") if row["niveau"] == level]
    lines = [[row["codgeo"], row["libgeo"], row["an"], row["valeur_brute"]] for row in rows]
    table = Csv(words("codgeo libgeo an part_non_inseres"), lines, ";", newline="\r\n", bom=True)
    return Answer(200, table, "text/csv; charset=utf-8", main="codgeo")


ROUTES = {HOST: answer}
