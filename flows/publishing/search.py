"""What the search page lists and under which words each entry is found, without a server.

Words are folded (no accent, lower case) and stemmed by the minimal French stemmer of J. Savoy (« A stemming procedure
and stopword list for general French corpora », JASIS, 1999); `site/static/recherche.js` does the same to what a
reader types, and a test compares the two. Not here: ranking (the script), the page, which lists all without a script.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flows.publishing import views_plan as plans
from flows.publishing.markup import Content
from flows.publishing.views_data import World

_WORD = re.compile(r"[a-z0-9]+")
_EMPTY = """
a au aux avec c ce ces d dans de des du elle en est et eux il ils j je l la le les leur lui m ma mais me meme mes moi
mon n ne nos notre nous on ou par pas pour qu que qui s sa se ses son sur t ta te tes toi ton tu un une vos votre vous
y
"""
STOPWORDS = frozenset(_EMPTY.split())


@dataclass(frozen=True)
class Entry:
    """One thing to find. `title` and `more` are shown; `first` are the stems of its title, `others` of the rest."""

    address: str
    title: str
    more: str
    first: str
    others: str


def fold(text: str) -> str:
    """Lower case, without accents or ligatures."""
    plain = unicodedata.normalize("NFD", text.lower().replace("œ", "oe").replace("æ", "ae"))
    return "".join(c for c in plain if not "\u0300" <= c <= "\u036f")


def stem(word: str) -> str:
    """The stem of a folded word (Savoy, minimal): plural and feminine endings of words of six letters and more."""
    if len(word) < 6:
        return word
    if word.endswith("x"):
        return word[:-3] + "al" if word.endswith("aux") else word[:-1]
    for ending in ("s", "r", "e", "e"):  # the last one: the participle's é, folded
        word = word.removesuffix(ending)
    return word[:-1] if len(word) > 1 and word[-1] == word[-2] else word


def stems(text: str) -> list[str]:
    """Stems of a text, each once, in the order of reading, without empty words."""
    found = (stem(word) for word in _WORD.findall(fold(text)) if word not in STOPWORDS)
    return list(dict.fromkeys(found))


def search_page(world: World, texts: Iterable[Content]) -> dict[str, Any]:
    """`groupes`, (name, entries) in the order of the page; `vides`, the words that are never looked for.

    The names of the groups and the synonyms (a word of the site → words that people say instead) are interface words.
    """
    titles, synonyms = world.words["recherche"]["groupes"], world.words["recherche"]["synonymes"]
    said = {word: others for key, others in synonyms.items() for word in stems(key)}

    def entry(address: str, title: str, more: str = "", *hidden: str) -> Entry:
        first = stems(title)
        others = stems(" ".join([more, *hidden]))
        others += [w for known in (*first, *others) for w in stems(said.get(known, ""))]
        rest = [word for word in dict.fromkeys(others) if word not in first]
        return Entry(address, title, more, " ".join(first), " ".join(rest))

    entries = world.catalogue
    indicators = [
        entry(
            f"/indicateurs/{i['slug']}/",
            i["titre"],
            i["definition"],
            i["titre_court"],
            i["pourquoi"],
            *(entries[s]["libelle"] for s in i["sert"] if s in entries),
        )
        for i in world.indicators
    ]
    places = [entry(f"/communes/{r['code']}/", r["nom"]) for r in (*world.communes, *world.neighbours)]
    epcis = [
        entry(f"/epci/{r['code']}/", r["nom"])
        for r in world.places.values()
        if r["niveau"] == "epci" and r["role"] in ("territoire", "voisin")
    ]
    plan = [
        entry(plans.address(e), plans.name(e), e["libelle"] if e["libelle"] != plans.name(e) else "")
        for kind in plans.FOLDERS
        for e in world.of_type(kind)
    ]
    pages = [
        entry(f"/{key}/", world.words[word]["titre"], world.words[word]["chapo"].format(id=world.id))
        for key, word in (
            ("alertes", "alertes"),
            ("bien-etre", "bien_etre"),
            ("couverture", "couverture"),
            ("journal", "journal"),
            ("qualite", "qualite"),
            ("sources", "sources"),
            ("telechargements", "telechargements"),
        )
    ]
    pages += [entry(f"/{page.slug}/", page.titre, page.resume) for page in texts]
    terms = [entry(f"/{p.slug}/#{a}", t) for p in texts if p.slug == "glossaire" for a, t in p.headings]
    found = {"indicateurs": indicators, "plan": plan, "communes": [*epcis, *places], "pages": pages, "mots": terms}
    listed = [(titles[name], rows) for name, rows in found.items() if rows]
    return {"groupes": listed, "vides": " ".join(sorted(STOPWORDS))}
