"""French articles, contractions and elisions around the names of territories.

« de La Porte du Hainaut », « d’Abscon », « du Quesnoy », « du Nord », « dans les Hauts-de-France », « en France ».
Names are shown with the typographic apostrophe. Source of the rules: usage of the Insee and of the toponymy
commission (a commune's own article has a capital and still contracts: « Le Quesnoy », « du Quesnoy »).

Not here: numbers and dates (`flows.publishing.numbers`), sentences (`flows.publishing.sentences`).
"""

from __future__ import annotations

import unicodedata

# An h of a place name is mute in the north of France (« d’Hasnon »), except in these first words.
_ASPIRATED = ("haut", "hainaut", "havre", "haye", "hongrie", "hollande", "halle")


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split("|"))


_DEPARTEMENTS_LA = _names(
    "Charente|Charente-Maritime|Corrèze|Corse-du-Sud|Côte-d'Or|Creuse|Dordogne|Drôme|Gironde|Guadeloupe|"
    "Guyane|Haute-Corse|Haute-Garonne|Haute-Loire|Haute-Marne|Haute-Saône|Haute-Savoie|Haute-Vienne|Loire|"
    "Loire-Atlantique|Lozère|Manche|Marne|Martinique|Mayenne|Meurthe-et-Moselle|Meuse|Moselle|Nièvre|Sarthe|"
    "Savoie|Seine-et-Marne|Seine-Maritime|Seine-Saint-Denis|Somme|Vendée|Vienne"
)
_DEPARTEMENTS_LES = _names(
    "Alpes-de-Haute-Provence|Alpes-Maritimes|Ardennes|Bouches-du-Rhône|Côtes-d'Armor|Deux-Sèvres|"
    "Hautes-Alpes|Hautes-Pyrénées|Hauts-de-Seine|Landes|Pyrénées-Atlantiques|Pyrénées-Orientales|Vosges|"
    "Yvelines"
)
_DEPARTEMENTS_SEULS = frozenset(("Paris", "Mayotte", "La Réunion"))
_REGIONS_EN = _names(
    "Auvergne-Rhône-Alpes|Bourgogne-Franche-Comté|Bretagne|Corse|Guadeloupe|Guyane|Île-de-France|Martinique|"
    "Normandie|Nouvelle-Aquitaine|Occitanie|Provence-Alpes-Côte d'Azur"
)
_COMMON_NOUNS = {  # first word of the name of a level → article
    "arrondissement": "l’",
    "zone": "la ",
    "bassin": "le ",
    "communauté": "la ",
    "métropole": "la ",
    "ensemble": "l’",
    "groupe": "le ",
    "moyenne": "la ",
    "communes": "les ",
    "territoires": "les ",
    "agglomérations": "les ",
    "intercommunalités": "les ",
    "epci": "les ",
}


def typographic(text: str) -> str:
    """The same text with typographic apostrophes: « Condé-sur-l’Escaut »."""
    return text.replace("'", "’")


def elides(text: str) -> bool:
    """Does « de » become « d’ » before this text? True before a vowel and before a mute h."""
    first = unicodedata.normalize("NFD", text.strip().lower().replace("œ", "oe").replace("æ", "ae"))
    if not first:
        return False
    if first[0] == "h":
        return not first.startswith(_ASPIRATED)
    return first[0] in "aeiou" or (first[0] == "y" and first[1:2] not in tuple("aeiou"))


def que(text: str) -> str:
    """« que » before a text: « qu’en France », « que dans le Nord »."""
    return f"qu’{text}" if elides(text) else f"que {text}"


def le(nom: str, niveau: str = "commune") -> str:
    """A territory as the subject of a sentence: « Denain », « le Nord », « la France métropolitaine »."""
    article, name = _article(nom, niveau)
    return typographic(nom.strip()) if niveau in ("commune", "epci") else article + name


def de(nom: str, niveau: str = "commune") -> str:
    """« de » and a territory: « d’Abscon », « du Quesnoy », « du Nord », « des Hauts-de-France », « de la France ».

    Args:
        nom: the territory's name as `dim_territory` gives it. niveau: a `core.words.Niveau` value.
    """
    article, name = _article(nom, niveau)
    if article == "le ":
        return f"du {name}"
    if article == "les ":
        return f"des {name}"
    if article:
        return f"de {article}{name}"
    return f"d’{name}" if elides(name) else f"de {name}"


def a(nom: str, niveau: str = "commune") -> str:
    """Where: « à Denain », « au Quesnoy », « dans le Nord », « dans les Hauts-de-France », « en France »."""
    if niveau in ("france", "france_metropolitaine"):
        return f"en {typographic(nom)}"
    if niveau == "region" and _straight(nom) in _REGIONS_EN:
        return f"en {typographic(nom)}"
    article, name = _article(nom, niveau)
    if niveau in ("commune", "epci") and article in ("le ", "les "):
        return f"{'au' if article == 'le ' else 'aux'} {name}"
    if article:
        return f"dans {article}{name}"
    return f"à {name}"


def at_start(text: str) -> str:
    """The same text with a capital first letter, the rest untouched (« À Denain », « Dans le Nord »)."""
    return text[:1].upper() + text[1:]


def lower_first(text: str) -> str:
    """Lower the first letter, unless the first word is an acronym or starts with a figure."""
    first = text.split(" ")[0]
    if not text or first[:1].isdigit() or (len(first) > 1 and first[1:2].isupper()):
        return text
    return text[:1].lower() + text[1:]


def _straight(nom: str) -> str:
    return nom.replace("’", "'")


def _article(nom: str, niveau: str) -> tuple[str, str]:
    """(article with its space or apostrophe, name without it); an article that is part of the name stays in it."""
    nom = nom.strip()
    shown, straight = typographic(nom), _straight(nom)
    if niveau in ("france", "france_metropolitaine"):
        return "la ", shown
    if niveau == "departement":
        if straight in _DEPARTEMENTS_SEULS:
            return "", shown
        if straight in _DEPARTEMENTS_LES:
            return "les ", shown
        if straight in _DEPARTEMENTS_LA:
            return "la ", shown
        return ("l’" if elides(shown) else "le "), shown
    if niveau == "region":
        if straight == "Hauts-de-France" or straight.startswith("Pays "):
            return "les ", shown
        if straight in _REGIONS_EN and straight not in ("Île-de-France",):
            return ("l’" if elides(shown) else "la "), shown
        return ("", shown) if straight in ("Île-de-France", "La Réunion", "Mayotte") else ("le ", shown)
    if niveau in ("arrondissement", "zone_emploi", "bassin_de_vie", "groupe", "epci"):
        first = shown.split(" ")[0].split("’")[0].lower()
        if first in _COMMON_NOUNS and (" " in shown):
            return _COMMON_NOUNS[first], shown[:1].lower() + shown[1:]
        prefix = {"arrondissement": ("l’", "arrondissement "), "zone_emploi": ("la ", "zone d’emploi ")}.get(niveau)
        if niveau == "bassin_de_vie":
            prefix = ("le ", "bassin de vie ")
        if prefix:
            return prefix[0], prefix[1] + de(nom)
    if niveau in ("commune", "epci"):
        if shown.startswith("Le "):
            return "le ", shown[3:]
        if shown.startswith("Les "):
            return "les ", shown[4:]
    return "", shown
