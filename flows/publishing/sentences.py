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

from flows.core.periods import end_of
from flows.core.tables import Release
from flows.publishing import evolution as evo
from flows.publishing import objective
from flows.publishing.figures import (
    Indicator,
    Row,
    Serie,
    bound_of,
    is_comparable,
    is_unfinished,
    read_indicator,
)
from flows.publishing.grammar import a, at_start, de, le, lower_first, que
from flows.publishing.numbers import (
    date_in_french,
    figure_with_unit,
    in_period,
    is_intensive,
    period_words,
    rounded,
    with_unit,
)
from flows.publishing.presence import awaits_deposit, deposit_sentence, source_sentence

# Reference territories from the widest: the first that has a figure of the same period is the one of the sentence.
_WIDEST = ("france_metropolitaine", "france", "region", "departement", "zone_emploi", "arrondissement", "epci")

# Figures written with two decimals or more are told apart from this gap on: below, they say the same. Small figures
# (an index under one, a count per thousand) are told apart from this share of themselves.
SAME, SAME_SHARE = 0.05, 0.02


@dataclass(frozen=True)
class Phrases:
    """French sentences about one indicator and one territory; an absent one is an empty text.

    Attributes:
        principale: the figure, its unit and its period; or why there is none. Always a whole sentence.
        comparaison: fragment that follows the main sentence (« soit 3 590 € de moins qu’en France métropolitaine »).
        comparaisons: a whole sentence about the further comparison territories.
        evolution: whole sentence about the series; trajectoire: whole sentence about the adopted trajectory.
        reserves: whole sentences to be read with the figure. valeur, periode: as written in `principale`, so that
            a page may set them in bold. etat: `connu`, `secret`, `manquant`, `absent`,
            `saisie_attendue`, `source_a_confirmer` or `non_calcule`.
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
    if not serie.rows and (niveau, code) == indicator.own and awaits_deposit(indicator.meta):
        return Phrases(deposit_sentence(indicator.meta), etat="saisie_attendue")
    if not serie.rows and (niveau, code) == indicator.own and indicator.meta["attente"] == "source":
        return Phrases(source_sentence(indicator.meta), etat="source_a_confirmer")
    if not indicator.meta["calcule"] and not serie.rows:
        reason = str(indicator.meta["raison"] or "").strip()
        head = "Cet indicateur n’est pas encore calculé."
        if "n’est pas calculé" in reason.partition(".")[0]:
            return Phrases(at_start(reason), etat="non_calcule")  # it says so itself
        return Phrases(f"{head} {at_start(reason)}" if reason else head, etat="non_calcule")
    if not serie.rows:
        return Phrases(f"Aucun chiffre n’est disponible pour {le(serie.nom, niveau)}.", etat="absent")
    last = serie.rows[-1]
    if last["valeur"] is None:
        return _unknown(indicator, serie, last)
    shown = _value(indicator, serie, last)
    fragment, others = _comparisons(indicator, serie, last)
    bold = shown.removeprefix("au moins ")
    return Phrases(
        principale=_main(indicator, serie, last, shown),
        comparaison=fragment,
        comparaisons=others,
        evolution=evo.sentence(indicator, serie),
        trajectoire=objective.sentence(indicator, serie),
        reserves=_reserves(indicator, serie, last),
        valeur=bold,
        periode=_period(indicator, last),
    )


def _value(indicator: Indicator, serie: Serie, row: Row) -> str:
    unit, decimals = str(indicator.meta["unite_courte"]), indicator.decimals(serie.niveau)
    bound = bound_of(row)
    if bound == "plancher" and indicator.meta.get("phrase_plancher"):
        bound = ""  # the sentence says « au moins » itself
    return figure_with_unit(row["valeur"], unit, decimals, bound=bound)


def _period(indicator: Indicator, row: Row) -> str:
    return period_words(row["periode"], indicator.meta.get("periode_phrase"), row.get("jusqu_au"))


def _template(indicator: Indicator, row: Row) -> str:
    """The sentence of the indicator that fits the figure: an unfinished year, a floor, else the ordinary one."""
    meta = indicator.meta
    if is_unfinished(row, indicator.nuit) and row.get("jusqu_au") and meta.get("phrase_en_cours"):
        return str(meta["phrase_en_cours"]).strip()
    if bound_of(row) == "plancher" and meta.get("phrase_plancher"):
        return str(meta["phrase_plancher"]).strip()
    return str(meta["phrase"] or "").strip() or "{valeur} en {periode}."


def _main(indicator: Indicator, serie: Serie, row: Row, shown: str) -> str:
    template = _template(indicator, row)
    named = "territoire}" in template
    text = _fill(indicator, template, serie, row, shown)
    if not named and (serie.niveau, serie.code) != indicator.own:
        text = f"{at_start(a(serie.nom, serie.niveau))}, {lower_first(text)}"
    text = at_start(text.strip())
    if row["nature"] == "simule":
        text = f"Série simulée. {text}"
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _fill(indicator: Indicator, template: str, serie: Serie, row: Row, shown: str) -> str:
    """The template with its figure: prepositions before `{periode}` and `{territoire}` follow French usage.

    Besides the four placeholders, `{accord:singulier|pluriel}` agrees a verb with the figure (below 2: singular).
    """
    when = _period(indicator, row) if indicator.meta.get("periode_phrase") else in_period(row["periode"])
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
        "periode": _period(indicator, row),
        "fin": date_in_french(row.get("jusqu_au") or end_of(row["periode"])),
        "territoire": le(serie.nom, serie.niveau),
        "de_territoire": de(serie.nom, serie.niveau),
    }
    return re.sub(r"\{(valeur|periode|fin|territoire|de_territoire)\}", lambda m: values[m[1]], text)


def _unknown(indicator: Indicator, serie: Serie, row: Row) -> Phrases:
    """The newest figure is secret or missing: say which, why, and the last one that is known."""
    place, when = de(serie.nom, serie.niveau), in_period(row["periode"])
    own = str(indicator.meta.get("phrase_secret") or "").strip()
    if row["statut"] == "secret" and own:
        text = at_start(_fill(indicator, own, serie, row, ""))
    elif row["statut"] == "secret":
        text = (
            f"Le chiffre {place} {when} est couvert par le secret statistique : "
            "il porte sur trop peu de cas pour être publié."
        )
    elif not serie.known:
        # Never known at this level: the year of an empty row would only mislead.
        text = at_start(row["note"] or "") or f"L’observatoire n’a pas encore le chiffre {place}."
    else:
        text = f"Le chiffre {place} {when} n’est pas disponible."
    known = serie.known
    extra = ""
    if known:
        last = known[-1]
        extra = f"Dernier chiffre connu : {_value(indicator, serie, last)} {in_period(last['periode'])}."
    return Phrases(
        principale=text,
        evolution=extra,
        reserves=_reserves(indicator, serie, row),
        periode=_period(indicator, row),
        etat="secret" if row["statut"] == "secret" else "manquant",
    )


def _comparisons(indicator: Indicator, serie: Serie, row: Row) -> tuple[str, str]:
    """(fragment for the main sentence, a sentence for the others); same period and same breakdown only."""
    if not is_intensive(str(indicator.meta["unite"])):
        return "", ""  # a quantity of a whole territory says nothing beside that of a larger one
    if not is_comparable(row, indicator.nuit):
        return "", ""
    found = []
    for other in indicator.comparisons(serie.niveau, serie.code):
        same = [r for r in other.known if r["periode"] == row["periode"]]
        if same and other.niveau in _WIDEST and is_comparable(same[0], indicator.nuit):
            found.append((_WIDEST.index(other.niveau), other, same[0]))
    if not found:
        return "", ""
    # A commune is first compared with its own agglomération, then with the widest territory.
    own_epci = [item for item in found if serie.niveau == "commune" and item[1].niveau == "epci"]
    first = own_epci[0] if own_epci else min(found, key=lambda item: item[0])
    rest = [item for item in found if item is not first]
    fragment = _difference(indicator, serie, row, first[1], first[2])
    others = [_difference(indicator, serie, row, o, r).removeprefix("soit ") for _, o, r in rest]
    if not others:
        return fragment, ""
    listed = others[0] if len(others) == 1 else f"{', '.join(others[:-1])} et {others[-1]}"
    return fragment, f"C’est {listed}."


def _difference(indicator: Indicator, serie: Serie, row: Row, other: Serie, theirs: Row) -> str:
    decimals = max(indicator.decimals(serie.niveau), indicator.decimals(other.niveau))
    gap = float(rounded(row["valeur"], decimals) - rounded(theirs["valeur"], decimals))
    there = que(a(other.nom, other.niveau))
    # Two publications of a same statistic may differ by their revisions: the reader is told.
    apart = " (deux publications de dates différentes)" if row["millesime"] != theirs["millesime"] else ""
    same = min(SAME, SAME_SHARE * abs(row["valeur"])) if decimals >= 2 else 0
    if abs(gap) < max(same, 10**-9):
        return f"soit autant {there}{apart}"
    amount = with_unit(abs(gap), evo.unit_of_change(indicator), decimals, trim=True)
    return f"soit {amount} de {'plus' if gap > 0 else 'moins'} {there}{apart}"


def _reserves(indicator: Indicator, serie: Serie, row: Row) -> tuple[str, ...]:
    notes = []
    if row["nature"] == "simule":
        notes.append("Chiffre simulé pour la démonstration : ce n’est pas une donnée réelle.")
    elif row["nature"] == "saisi":
        notes.append("Chiffre saisi par les services de l’agglomération.")
    if row["statut"] == "provisoire":
        notes.append("Chiffre provisoire, susceptible d’être révisé.")
    if row["statut"] == "estime":
        low, high = row["borne_basse"], row["borne_haute"]
        if bound_of(row) == "plafond":
            pass  # the figure itself says « ou moins »
        elif low is not None and high is not None:
            unit, decimals = str(indicator.meta["unite_courte"]), indicator.decimals(serie.niveau)
            ends = [with_unit(end, unit, decimals) for end in (low, high)]
            notes.append(f"Estimation, entre {ends[0]} et {ends[1]}.")
        elif bound_of(row) == "plancher":
            notes.append("Valeur plancher : le vrai total est au moins celui-là.")
        else:
            notes.append("Chiffre estimé.")
    if row["perime_depuis"] is not None:
        notes.append(
            f"La source n’a pas pu être rafraîchie : chiffre périmé depuis le {date_in_french(row['perime_depuis'])}."
        )
    return tuple(notes)
