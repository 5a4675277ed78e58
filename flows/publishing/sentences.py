"""The sentences of an indicator's page, made from the figures of a release.

`indicator_sentences` gives the main sentence (the indicator's own `phrase`), its comparison at the same period, the
evolution over the available series (never across a break), the distance to the adopted trajectory, and what a reader
must know before quoting the figure (provisional, estimated, simulated, late, break).

Not here: the wording of definitions and limits (the indicator's yml), any computing of a figure: differences of
published figures are the only arithmetic, and two sides of a break are never subtracted.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from flows.core.tables import Release
from flows.publishing import evolution as evo
from flows.publishing.figures import CUMULATIVE_FORMS, Indicator, Row, Serie, read_indicator
from flows.publishing.grammar import a, at_start, de, le, lower_first, que
from flows.publishing.numbers import (
    date_in_french,
    in_period,
    is_intensive,
    period_in_french,
    rounded,
    with_unit,
)

# Reference territories from the widest: the first that has a figure of the same period is the one of the sentence.
_WIDEST = ("france_metropolitaine", "france", "region", "departement", "zone_emploi", "arrondissement", "epci")


@dataclass(frozen=True)
class Phrases:
    """French sentences about one indicator and one territory; an absent one is an empty text.

    Attributes:
        principale: the figure, its unit and its period; or why there is none. Always a whole sentence.
        comparaison: fragment that follows the main sentence (« soit 3 590 € de moins qu’en France métropolitaine »).
        comparaisons: a whole sentence about the further comparison territories.
        evolution: whole sentence about the series; trajectoire: whole sentence about the adopted trajectory.
        reserves: whole sentences to be read with the figure. valeur, periode: as written in `principale`, so that
            a page may set them in bold. etat: `connu`, `secret`, `manquant`, `absent` or `non_calcule`.
    """

    principale: str
    comparaison: str = ""
    comparaisons: str = ""
    evolution: str = ""
    trajectoire: str = ""
    reserves: tuple[str, ...] = ()
    valeur: str = ""
    periode: str = ""
    etat: str = "connu"

    @property
    def phrase(self) -> str:
        """Main sentence and comparison in one."""
        if not self.comparaison:
            return self.principale
        return f"{self.principale.rstrip('.')}, {self.comparaison}."

    @property
    def texte(self) -> str:
        """Everything, in reading order, as one paragraph."""
        parts = [self.phrase, self.comparaisons, self.evolution, self.trajectoire, *self.reserves]
        return " ".join(part for part in parts if part)


def indicator_sentences(release: Release, indicateur: str, niveau: str = "", code: str = "") -> Phrases:
    """Sentences about an indicator for one territory (its own when `niveau` and `code` are empty).

    Raises:
        ReleaseError: the release does not declare the indicator.
    """
    return sentences_of(read_indicator(release, indicateur), niveau, code)


def sentences_of(indicator: Indicator, niveau: str = "", code: str = "") -> Phrases:
    """The same from figures already read."""
    if not niveau or not code:
        niveau, code = indicator.own
    serie = indicator.serie(niveau, code)
    if not indicator.meta["calcule"] and not serie.rows:
        reason = str(indicator.meta["raison"] or "").strip()
        head = "Cet indicateur n’est pas encore calculé."
        return Phrases(f"{head} {at_start(reason)}" if reason else head, etat="non_calcule")
    if not serie.rows:
        return Phrases(f"Aucun chiffre n’est disponible pour {le(serie.nom, niveau)}.", etat="absent")
    last = serie.rows[-1]
    if last["valeur"] is None:
        return _unknown(indicator, serie, last)
    shown = _value(indicator, last["valeur"])
    fragment, others = _comparisons(indicator, serie, last)
    return Phrases(
        principale=_main(indicator, serie, last, shown),
        comparaison=fragment,
        comparaisons=others,
        evolution=evo.sentence(indicator, serie),
        trajectoire=_trajectory(indicator, serie),
        reserves=_reserves(indicator, last),
        valeur=shown,
        periode=period_in_french(last["periode"]),
    )


def _value(indicator: Indicator, value: float) -> str:
    return with_unit(value, str(indicator.meta["unite_courte"]), int(indicator.meta["decimales"] or 0))


def _main(indicator: Indicator, serie: Serie, row: Row, shown: str) -> str:
    template = str(indicator.meta["phrase"] or "").strip() or "{valeur} en {periode}."
    named = "territoire}" in template
    text = _fill(template, serie, row, shown)
    if not named and (serie.niveau, serie.code) != indicator.own:
        text = f"{at_start(a(serie.nom, serie.niveau))}, {lower_first(text)}"
    text = at_start(text.strip())
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _fill(template: str, serie: Serie, row: Row, shown: str) -> str:
    """The template with its figure: prepositions before `{periode}` and `{territoire}` follow French usage.

    Besides the four placeholders, `{accord:singulier|pluriel}` agrees a verb with the figure (below 2: singular).
    """
    when = in_period(row["periode"])
    text = re.sub(r"\b(?:en|au|le) \{periode\}", when, template)
    text = re.sub(r"\b(?:En|Au|Le) \{periode\}", at_start(when), text)
    text = re.sub(r"\bà \{territoire\}", a(serie.nom, serie.niveau), text)
    text = re.sub(r"\bÀ \{territoire\}", at_start(a(serie.nom, serie.niveau)), text)
    text = re.sub(r"\bde \{territoire\}", de(serie.nom, serie.niveau), text)
    text = re.sub(
        r"\{accord:([^|}]*)\|([^}]*)\}", lambda m: m[1] if abs(float(row["valeur"] or 0)) < 2 else m[2], text
    )
    if re.search(r"\d[\u00a0 ](?:€|%|[A-Za-z])", shown):
        # « {valeur} points de recharge » with a unit that already says « points » would say it twice.
        unit = shown.split("\u00a0", 1)[1].replace("\u00a0", " ")
        text = text.replace(f"{{valeur}} {unit}", "{valeur}")
    values = {
        "valeur": shown,
        "periode": period_in_french(row["periode"]),
        "territoire": le(serie.nom, serie.niveau),
        "de_territoire": de(serie.nom, serie.niveau),
    }
    return re.sub(r"\{(valeur|periode|territoire|de_territoire)\}", lambda m: values[m[1]], text)


def _unknown(indicator: Indicator, serie: Serie, row: Row) -> Phrases:
    """The newest figure is secret or missing: say which, why, and the last one that is known."""
    place, when = de(serie.nom, serie.niveau), in_period(row["periode"])
    if row["statut"] == "secret":
        text = (
            f"Le chiffre {place} {when} est couvert par le secret statistique : "
            "trop peu de ménages sont concernés pour qu’il soit publié."
        )
    else:
        text = f"Le chiffre {place} {when} n’est pas disponible."
    known = serie.known
    extra = ""
    if known:
        last = known[-1]
        extra = f"Dernier chiffre connu : {_value(indicator, last['valeur'])} {in_period(last['periode'])}."
    return Phrases(
        principale=text,
        evolution=extra,
        reserves=_reserves(indicator, row),
        periode=period_in_french(row["periode"]),
        etat="secret" if row["statut"] == "secret" else "manquant",
    )


def _comparisons(indicator: Indicator, serie: Serie, row: Row) -> tuple[str, str]:
    """(fragment for the main sentence, a sentence for the others); same period and same breakdown only."""
    if not is_intensive(str(indicator.meta["unite"])):
        return "", ""  # a quantity of a whole territory says nothing beside that of a larger one
    found = []
    for other in indicator.comparisons(serie.niveau, serie.code):
        same = [r for r in other.known if r["periode"] == row["periode"]]
        if same and other.niveau in _WIDEST:
            found.append((_WIDEST.index(other.niveau), other, same[0]))
    if not found:
        return "", ""
    # A commune is first compared with its own agglomération, then with the widest territory.
    own_epci = [item for item in found if serie.niveau == "commune" and item[1].niveau == "epci"]
    first = own_epci[0] if own_epci else min(found, key=lambda item: item[0])
    rest = [item for item in found if item is not first]
    fragment = _difference(indicator, row, first[1], first[2])
    others = [_difference(indicator, row, o, r).removeprefix("soit ") for _, o, r in rest]
    if not others:
        return fragment, ""
    listed = others[0] if len(others) == 1 else f"{', '.join(others[:-1])} et {others[-1]}"
    return fragment, f"C’est {listed}."


def _difference(indicator: Indicator, row: Row, other: Serie, theirs: Row) -> str:
    decimals = int(indicator.meta["decimales"] or 0)
    gap = float(rounded(row["valeur"], decimals) - rounded(theirs["valeur"], decimals))
    there = que(a(other.nom, other.niveau))
    if gap == 0:
        return f"soit autant {there}"
    amount = with_unit(abs(gap), evo.unit_of_change(indicator), decimals, trim=True)
    return f"soit {amount} de {'plus' if gap > 0 else 'moins'} {there}"


def _trajectory(indicator: Indicator, serie: Serie) -> str:
    """Distance to the adopted trajectory, from `fct_status`, for the indicator's own territory only."""
    status = indicator.status
    if status is None or (serie.niveau, serie.code) != indicator.own or not status["trajectoire"]:
        return ""
    if status["valeur"] is None or status["attendu"] is None or not status["periode"]:
        return ""
    decimals, unit = int(indicator.meta["decimales"] or 0), str(indicator.meta["unite_courte"])
    # From the figures as they are shown, so that a reader who subtracts finds the same amount.
    gap = float(rounded(status["valeur"], decimals) - rounded(status["attendu"], decimals))
    expected = with_unit(status["attendu"], unit, decimals)
    when = in_period(status["periode"])
    cumul = indicator.decision is not None and indicator.decision["forme"] in CUMULATIVE_FORMS
    subject = f"Le cumul ({with_unit(status['valeur'], unit, decimals)})" if cumul else "Le chiffre"
    if gap == 0:
        return f"{subject} est exactement celui de la trajectoire adoptée : {expected} {when}."
    amount = with_unit(abs(gap), evo.unit_of_change(indicator), decimals, trim=True)
    side = "au-dessus" if gap > 0 else "au-dessous"
    verb = "fixe" if cumul else "donne"
    text = f"{subject} est {amount} {side} de la trajectoire adoptée, qui {verb} {expected} {when}"
    return f"{text}{_delay(status)}."


def _delay(status: dict[str, Any]) -> str:
    years = status["retard_trajectoire"]
    if years is None or rounded(years, 1) == 0:
        return ""
    amount = with_unit(abs(years), "ans", 1, trim=True)
    return f", soit {amount} {'de retard' if years > 0 else 'd’avance'}"


def _reserves(indicator: Indicator, row: Row) -> tuple[str, ...]:
    notes = []
    if row["nature"] == "simule":
        notes.append("Chiffre simulé pour la démonstration : ce n’est pas une donnée réelle.")
    elif row["nature"] == "saisi":
        notes.append("Chiffre saisi par les services de l’agglomération.")
    if row["statut"] == "provisoire":
        notes.append("Chiffre provisoire, susceptible d’être révisé.")
    if row["statut"] == "estime":
        low, high = row["borne_basse"], row["borne_haute"]
        if low is not None and high is not None:
            notes.append(f"Estimation, entre {_value(indicator, low)} et {_value(indicator, high)}.")
        else:
            notes.append("Chiffre estimé.")
    if row["perime_depuis"] is not None:
        notes.append(
            f"La source n’a pas pu être rafraîchie : chiffre périmé depuis le {date_in_french(row['perime_depuis'])}."
        )
    return tuple(notes)
