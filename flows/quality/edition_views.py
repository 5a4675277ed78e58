"""Derived tables over one edition's decoded rows: presence of communes, losses, secrecy, sums, revisions.

Not here: thresholds (the suites) and comparisons across datasets (flows.quality.candidate_views).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from flows.quality.views import ViewError, ViewInput, as_list, expected_communes, grouped, need, view

if TYPE_CHECKING:
    import pandas as pd


@view(required=["colonne"], optional=["par", "facultatif"])
def communes_presentes(given: ViewInput) -> pd.DataFrame:
    """One row a commune due (and a group of `par`): `commune`, `presente` (« oui » / « non »).

    With `facultatif: "oui"` an edition without any commune row gives nothing (files that have other levels only).
    """
    import pandas as pd

    column, by = given.options["colonne"], as_list(given.options.get("par"))
    need(given.frame, [column, *by])
    due = expected_communes(given.parameters, given.partition)
    # Column by column: a row at a time, the daily air indices of a few thousand communes cost minutes and gigabytes.
    columns: dict[str, list[Any]] = {name: [] for name in [*by, "commune", "presente"]}
    if given.options.get("facultatif") == "oui" and given.frame.empty:
        return pd.DataFrame(columns)
    groups = grouped(given.frame, by) if len(given.frame) else [(("",) * len(by), given.frame)]
    for key, part in groups:
        seen = set(part[column].dropna().unique().astype(str))
        for name, value in zip(by, key, strict=True):
            columns[name] += [value] * len(due)
        columns["commune"] += due
        columns["presente"] += ["oui" if code in seen else "non" for code in due]
    return pd.DataFrame(columns, columns=[*by, "commune", "presente"])


@view(required=["colonne"])
def communes_inattendues(given: ViewInput) -> pd.DataFrame:
    """One row a commune code seen: `commune`, `attendue` (« oui » / « non »), against every commune known."""
    import pandas as pd

    column = given.options["colonne"]
    need(given.frame, [column])
    known = set(given.parameters.get("communes") or {})
    if not known:
        raise ViewError("la liste des communes connues est vide")
    seen = sorted(set(given.frame[column].dropna().astype(str)))
    return pd.DataFrame(
        {"commune": seen, "attendue": ["oui" if code in known else "non" for code in seen]},
        columns=["commune", "attendue"],
    )


@view(required=["colonne"], optional=["par"], needs_previous=True)
def couverture(given: ViewInput) -> pd.DataFrame:
    """One row a group: `renseignees`, `renseignees_avant` (non-null `colonne`) and `perte` in per cent of before."""
    import pandas as pd

    column, by = given.options["colonne"], as_list(given.options.get("par"))
    need(given.frame, [column, *by])
    assert given.previous is not None
    before = {key: int(part[column].notna().sum()) for key, part in grouped(given.previous, by)}
    after = {key: int(part[column].notna().sum()) for key, part in grouped(given.frame, by)}
    rows = []
    for key in sorted(before, key=lambda k: tuple(map(str, k))):
        # Only groups seen before are judged: a new year cannot be a loss.
        old, new = before[key], after.get(key, 0)
        loss = 100 * (old - new) / old if old else 0.0
        rows.append({**dict(zip(by, key, strict=True)), "renseignees": new, "renseignees_avant": old, "perte": loss})
    return pd.DataFrame(rows, columns=[*by, "renseignees", "renseignees_avant", "perte"])


def _secret_share(frame: pd.DataFrame, condition: str, by: Sequence[str]) -> dict[tuple[Any, ...], tuple[int, int]]:
    marked = frame.eval(condition, engine="python")
    flagged = frame.assign(_secret=marked.astype(bool))
    return {key: (len(part), int(part["_secret"].sum())) for key, part in grouped(flagged, by)}


@view(required=["quand"], optional=["par"])
def part_secrete(given: ViewInput) -> pd.DataFrame:
    """One row a group: `lignes`, `secretes` and `part` (per cent of rows that the condition `quand` marks)."""
    import pandas as pd

    by = as_list(given.options.get("par"))
    need(given.frame, by)
    rows = [
        {**dict(zip(by, key, strict=True)), "lignes": n, "secretes": s, "part": 100 * s / n if n else 0.0}
        for key, (n, s) in _secret_share(given.frame, given.options["quand"], by).items()
    ]
    return pd.DataFrame(rows, columns=[*by, "lignes", "secretes", "part"])


@view(required=["quand"], optional=["par"], needs_previous=True)
def hausse_part_secrete(given: ViewInput) -> pd.DataFrame:
    """One row a group seen before and now: `part`, `part_avant`, `hausse` in points of per cent."""
    import pandas as pd

    by = as_list(given.options.get("par"))
    need(given.frame, by)
    assert given.previous is not None
    before = _secret_share(given.previous, given.options["quand"], by)
    rows = []
    for key, (n, s) in _secret_share(given.frame, given.options["quand"], by).items():
        if key not in before or not before[key][0]:
            continue
        old = 100 * before[key][1] / before[key][0]
        new = 100 * s / n if n else 0.0
        rows.append({**dict(zip(by, key, strict=True)), "part": new, "part_avant": old, "hausse": new - old})
    return pd.DataFrame(rows, columns=[*by, "part", "part_avant", "hausse"])


@view(required=["colonne"], optional=["par"])
def somme(given: ViewInput) -> pd.DataFrame:
    """One row a group: `total`, the sum of a count or quantity (never of medians or rates) over its rows."""
    import pandas as pd

    column, by = given.options["colonne"], as_list(given.options.get("par"))
    need(given.frame, [column, *by])
    rows = [
        {**dict(zip(by, key, strict=True)), "total": float(part[column].sum())}
        for key, part in grouped(given.frame, by)
    ]
    return pd.DataFrame(rows, columns=[*by, "total"])


@view(required=["colonne", "cles"], needs_previous=True)
def revisions(given: ViewInput) -> pd.DataFrame:
    """One row a key present before and now: `valeur`, `valeur_avant`, `revision` in per cent (absolute).

    A value that appears or disappears is not a revision; `couverture` and `hausse_part_secrete` look at those.
    """
    column, keys = given.options["colonne"], as_list(given.options["cles"])
    need(given.frame, [column, *keys])
    assert given.previous is not None
    both = given.frame[[*keys, column]].merge(given.previous[[*keys, column]], on=keys, suffixes=("", "_avant"))
    both = both.rename(columns={column: "valeur", f"{column}_avant": "valeur_avant"}).dropna(
        subset=["valeur", "valeur_avant"]
    )
    gap = (both["valeur"] - both["valeur_avant"]).abs()
    base = both["valeur_avant"].abs()
    both["revision"] = (100 * gap / base.where(base > 0)).fillna(gap.gt(0) * 100.0)
    return both.sort_values(keys, kind="stable").reset_index(drop=True)


@view(required=["cles", "mesure", "valeur", "termes", "total"])
def equation(given: ViewInput) -> pd.DataFrame:
    """One row a key that has every measure: `somme` of `termes`, `total`, and their `ecart` (total − somme)."""
    keys, name, value = as_list(given.options["cles"]), given.options["mesure"], given.options["valeur"]
    terms, total = as_list(given.options["termes"]), given.options["total"]
    need(given.frame, [*keys, name, value])
    wide = given.frame.pivot_table(index=keys, columns=name, values=value, aggfunc="first")
    if missing := [item for item in [*terms, total] if item not in wide.columns]:
        raise ViewError(f"mesure absente : {', '.join(missing)}")
    wide = wide.dropna(subset=[*terms, total])
    out = wide[[]].copy()
    out["somme"], out["total"] = wide[terms].sum(axis=1), wide[total]
    out["ecart"] = out["total"] - out["somme"]
    return out.reset_index().sort_values(keys, kind="stable").reset_index(drop=True)


@view(required=["annee"], optional=["par"])
def suite_des_annees(given: ViewInput) -> pd.DataFrame:
    """One row a group and a year between its first and its last: `annee`, `presente` (« oui » / « non »)."""
    import pandas as pd

    column, by = given.options["annee"], as_list(given.options.get("par"))
    need(given.frame, [column, *by])
    rows = []
    for key, part in grouped(given.frame, by):
        years = {int(float(str(value)[:4])) for value in part[column].dropna()}
        for year in range(min(years), max(years) + 1) if years else ():
            rows.append(
                {
                    **dict(zip(by, key, strict=True)),
                    "annee": year,
                    "presente": "oui" if year in years else "non",
                }
            )
    return pd.DataFrame(rows, columns=[*by, "annee", "presente"])


@view(required=["colonne"], needs_previous=True)
def codes_perdus(given: ViewInput) -> pd.DataFrame:
    """One row a code of the previous edition: `code`, `presente` (« oui » / « non ») in this one."""
    import pandas as pd

    column = given.options["colonne"]
    need(given.frame, [column])
    assert given.previous is not None
    seen = set(given.frame[column].dropna().astype(str))
    due = sorted(set(given.previous[column].dropna().astype(str)))
    return pd.DataFrame(
        {"code": due, "presente": ["oui" if code in seen else "non" for code in due]}, columns=["code", "presente"]
    )


@view(required=["colonne"], optional=["marqueurs"])
def nombres_ecrits(given: ViewInput) -> pd.DataFrame:
    """The rows with `nombre` (decimal point or comma read; null for an empty cell or a marker) and `lisible`.

    `lisible` is « oui » for a number, an empty cell or a marker of the option `marqueurs`, else « non ».
    """
    import pandas as pd

    column, markers = given.options["colonne"], set(as_list(given.options.get("marqueurs")))
    need(given.frame, [column])
    text = given.frame[column].astype("object").where(given.frame[column].notna(), "").map(lambda v: str(v).strip())
    blank = text.isin(markers | {""})
    number = pd.to_numeric(text.where(~blank, "").str.replace(",", ".", regex=False), errors="coerce")
    out = given.frame.copy()
    out["nombre"] = number
    out["lisible"] = (blank | number.notna()).map({True: "oui", False: "non"})
    return out


@view(required=["colonne"], optional=["par"], needs_previous=True)
def evolution_somme(given: ViewInput) -> pd.DataFrame:
    """One row a group seen before: `total`, `total_avant` and `variation` in per cent. Counts and quantities only."""
    import pandas as pd

    column, by = given.options["colonne"], as_list(given.options.get("par"))
    need(given.frame, [column, *by])
    assert given.previous is not None
    after = {key: float(part[column].sum()) for key, part in grouped(given.frame, by)}
    rows = []
    for key, part in grouped(given.previous, by):
        old, new = float(part[column].sum()), after.get(key, 0.0)
        change = 100 * (new - old) / abs(old) if old else (100.0 if new else 0.0)
        rows.append({**dict(zip(by, key, strict=True)), "total": new, "total_avant": old, "variation": change})
    return pd.DataFrame(rows, columns=[*by, "total", "total_avant", "variation"])


@view(required=["cle"], optional=["a_remplir"], needs_previous=True)
def lignes_modifiees(given: ViewInput) -> pd.DataFrame:
    """One row a key of the previous edition: `code`, `intacte` (« oui » / « non »), `changees` (its columns).

    A table to which rows are only added (a row that is gone is « ligne »): a cell of `a_remplir` that was empty may
    be filled, no other may change. Columns that one of the two editions does not have are not compared.
    """
    import pandas as pd

    key, fillable = given.options["cle"], set(as_list(given.options.get("a_remplir")))
    need(given.frame, [key])
    assert given.previous is not None
    columns = [name for name in given.frame.columns if name in given.previous.columns and not name.startswith("_")]
    now = {str(row[key]): row for row in given.frame[columns].to_dict("records")}
    rows = []
    for was in given.previous[columns].to_dict("records"):
        row = now.get(str(was[key]))
        changed = ["ligne"] if row is None else []
        for name in columns if row is not None else ():
            empty = bool(pd.isna(was[name])) or was[name] == ""
            same = was[name] == row[name] or (empty and (bool(pd.isna(row[name])) or row[name] == ""))
            if not same and not (empty and name in fillable):
                changed.append(name)
        told = ", ".join(changed)
        rows.append({"code": str(was[key]), "intacte": "non" if changed else "oui", "changees": told})
    rows.sort(key=lambda row: row["code"])
    return pd.DataFrame(rows, columns=["code", "intacte", "changees"])
