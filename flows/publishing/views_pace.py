"""View model of a year in progress: its total so far, beside the same date of past years and of the trajectory.

Not here: the totals themselves (the warehouse, `fct_pace`), the state, which is only judged on whole years.
"""

from __future__ import annotations

from flows.publishing import numbers
from flows.publishing.views_data import Row, World


def pace(world: World, indicator: Row) -> list[str]:
    """French sentences on the year in progress of the indicator's own territory; none when its year is over."""
    row = world.paces.get((indicator["indicateur"], *world.headline_place(indicator)))
    if row is None:
        return []
    words = world.words["fiche"]

    def said(value: float) -> str:
        return numbers.with_unit(value, indicator["unite_courte"], indicator["decimales"])

    out = [words["allure_a_date"].format(date=numbers.date_in_french(row["au"]), valeur=said(row["valeur"]))]
    if row["annees"] == 1:
        out.append(words["allure_une"].format(annee=row["premiere_annee"], valeur=said(row["mediane"])))
    elif row["annees"]:
        spread = {"debut": row["premiere_annee"], "fin": row["derniere_annee"], "n": row["annees"]}
        spread |= {"bas": said(row["bas"]), "haut": said(row["haut"]), "mediane": said(row["mediane"])}
        out.append(words[f"allure_{row['position']}"].format(**spread))
    else:
        out.append(words["allure_sans_passe"])
    if row["attendu"] is not None:
        share = numbers.with_unit(100 * row["part_du_total"], "%", 0)
        out.append(words["allure_attendu"].format(valeur=said(row["attendu"]), part=share))
    return out
