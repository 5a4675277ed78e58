"""How to make each rule of an edition suite fail: one wrong row, or a previous edition that had more.

Not here: assertions. `broken(rule, rows, parameters)` gives rows (and the rows before) that the rule must refuse; a
rule that this module cannot break is a rule that cannot fail, and the test says so.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from flows.quality.suites import Rule

Rows = list[dict[str, Any]]
ODD = "§§"


def _concerned(rule: Rule, rows: Rows) -> int:
    """Position of a row that the rule's filter keeps (evaluated by pandas as the gate does)."""
    import pandas as pd

    frame = pd.DataFrame(rows)
    if rule.lignes:
        kept = frame.query(rule.lignes, engine="python")
        if len(kept):
            return int(kept.index[0])
    return 0


def broken(rule: Rule, rows: Rows, before: Rows) -> tuple[Rows, Rows]:
    """Rows and previous rows that the rule must refuse."""
    rows, before = [dict(row) for row in rows], [dict(row) for row in before]
    at = _concerned(rule, rows)
    if rule.vue:
        return _broken_view(rule, rows, before, at)
    told = rule.parametres
    column = told.get("column", "")
    kind = rule.attente.removeprefix("expect_").removeprefix("column_values_to_")
    if kind == "be_between":
        rows[at][column] = _outside(told, rows[at][column])
        _keep_concerned(rule, rows[at])
    elif kind in ("be_in_set", "match_regex"):
        odd = "  " if told.get("regex") == r"\S" else ODD
        rows[at][column] = -999 if isinstance(rows[at][column], int) else odd
    elif kind == "not_be_null":
        rows[at][column] = None
    elif kind in ("be_unique", "compound_columns_to_be_unique"):
        rows.append(dict(rows[at]))
    elif kind == "column_pair_values_a_to_be_greater_than_b":
        rows[at][told["column_A"]], rows[at][told["column_B"]] = 1, 2
    elif kind == "table_row_count_to_be_between":
        rows = rows[:1]
    elif kind == "column_distinct_values_to_contain_set":
        rows = [{**row, column: ODD} for row in rows]
    else:
        raise NotImplementedError(rule.attente)
    return rows, before


def _outside(told: dict[str, Any], value: Any) -> Any:
    if isinstance(value, dt.date):
        return dt.date(2999, 1, 1)
    if "max_value" in told:
        return told["max_value"] + 1 if isinstance(value, int) else float(told["max_value"]) + 1.5
    return told["min_value"] - 1 if isinstance(value, int) else float(told["min_value"]) - 1.5


def _keep_concerned(rule: Rule, row: dict[str, Any]) -> None:
    """Rules about an absence look at rows whose figure is missing."""
    if rule.lignes.startswith("conso_totale_mwh.isna"):
        row["conso_totale_mwh"] = None


def _broken_view(rule: Rule, rows: Rows, before: Rows, at: int) -> tuple[Rows, Rows]:
    assert rule.vue
    told, options = rule.parametres, rule.vue.options
    column = options.get("colonne", "")
    match rule.vue.nom:
        case "communes_presentes":
            # A national table (the COG) has communes that nobody expects: Denain is one that is.
            gone = "59172" if len({row[column] for row in rows}) > 200 else rows[at][column]
            return [row for row in rows if row[column] != gone], before
        case "communes_inattendues":
            rows[at][column] = "01001"
        case "codes_perdus":
            before.append({**before[0], column: "99999"})
        case "lignes_modifiees":
            rows[at]["auteur"] = ODD
        case "couverture":
            kept = [row for row in rows if row[column] is not None]
            return kept[: len(kept) // 3], before
        case "part_secrete":
            return _hidden(rule, rows), before
        case "hausse_part_secrete":
            return _hidden(rule, rows), before
        case "somme":
            rows[at][column] = 1e12
        case "revisions":
            rows[at][column] = (rows[at][column] or 1) * 3 + 1
        case "equation":
            rows[at][options["valeur"]] += 50
        case "suite_des_annees":
            return _hole(rows, options), before
        case "evolution_somme":
            rows[at][column] = 1e12
        case "nombres_ecrits":
            wrong = ODD if told["column"] == "lisible" else str(_outside(told, 1.0)).replace(".", ",")
            rows[at][column] = wrong
        case _:
            raise NotImplementedError(rule.vue.nom)
    return rows, before


def _hidden(rule: Rule, rows: Rows) -> Rows:
    column = next(name for name in ("value", "valeur_brute", "conso_totale_mwh") if name in rows[0])
    return [{**row, column: None} for row in rows]


def _hole(rows: Rows, options: dict[str, Any]) -> Rows:
    """One year of the middle disappears."""
    years = sorted({str(row[options["annee"]])[:4] for row in rows})
    gone = years[len(years) // 2]
    if len(years) < 3:
        raise NotImplementedError("fewer than three years")
    return [row for row in rows if str(row[options["annee"]])[:4] != gone]
