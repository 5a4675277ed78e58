"""View models of what a release is made of: quality, sources, received files, journal, alerts, downloads.

Not here: the steward's private run report (`report`), writing the exports (`exports`). `/qualite/` is the public
extract: rules, results and counts, never the offending rows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flows.core.words import Resultat, Severite
from flows.publishing import numbers
from flows.publishing.views_data import Row, World
from flows.publishing.views_home import changes
from flows.publishing.views_revisions import revisions
from flows.publishing.views_trace import file

MAX_RAW = 2_000_000  # octets: a larger file stays at its publisher, its address and hash are enough to verify it
_WORST = [Resultat.ERREUR, Resultat.BLOQUANT, Resultat.A_REVOIR, Resultat.DEROGE, Resultat.PASSE]


def quality(world: World) -> dict[str, Any]:
    """What a reader must know first, then datasets with their state, then every check by dataset, worst first.

    Returns:
        `verdict` (sentences), `signales` (rules that did not pass, with `titre` of their dataset), `producteurs` and
        `tables` (datasets), `groupes` (jeu, ancre, titre, regles, passes: number of rules wholly respected).
    """
    groups: dict[str, dict[tuple[str, str], list[Row]]] = defaultdict(lambda: defaultdict(list))
    for check in world.checks:
        groups[check["jeu"] or ""][check["suite"], check["regle"]].append(check)
    named = sorted(groups, key=lambda j: (j == "", list(world.datasets).index(j) if j in world.datasets else 0, j))
    whole = world.words["qualite"]["candidat"]
    listed = []
    for jeu in named:
        rules = sorted((_rule(rows) for rows in groups[jeu].values()), key=lambda r: (r["rang"], r["regle"]))
        title = world.datasets[jeu]["titre"] if jeu in world.datasets else jeu or whole
        passed = sum(r["resultat"] == Resultat.PASSE for r in rules)
        listed.append({"jeu": jeu, "ancre": anchor(jeu), "titre": title, "regles": rules, "passes": passed})
    flagged = [r | {"titre": g["titre"]} for g in listed for r in g["regles"] if r["resultat"] != Resultat.PASSE]
    by_set = {g["jeu"]: g for g in listed}
    rows = [_dataset(world, row) | {"regles": by_set.get(row["jeu"])} for row in world.datasets.values()]
    return {
        "verdict": _verdict(world, [c["resultat"] for c in world.checks]),
        "signales": sorted(flagged, key=lambda r: r["rang"]),
        "producteurs": [r for r in rows if not r["interne"]],
        "tables": [r for r in rows if r["interne"]],
        "corrections": [correction(world, row) for row in world.corrections],
        "groupes": listed,
    }


def correction(world: World, row: Row) -> Row:
    """A correction of what a source says, in French: `jeu`, `cle`, `phrase`, `motif`, `etat`."""
    words = world.words["qualite"]
    key = "correction_vide" if not row["valeur_corrigee"] else "correction_phrase"
    said = row["valeur_source"] or words["correction_rien"]
    told = world.datasets.get(row["jeu"])
    return {
        "jeu": told["titre"] if told else row["jeu"],
        "cle": row["cle"],
        "phrase": words[key].format(colonne=row["colonne"], source=said, corrigee=row["valeur_corrigee"]),
        "motif": row["motif"],
        "ticket": row["ticket"],
        "auteur": row["auteur"],
        "date": row["date"],
        "etat": words[f"correction_{row['etat']}"],
        "detail": row["detail"],
        "appliquee": row["etat"] == "appliquee",
    }


def _verdict(world: World, results: list[str]) -> list[str]:
    """The checks in a few sentences: how many passed, what was set aside, what a steward must look at."""
    words = world.words["qualite"]
    if not results:
        return [words["aucun"]]
    held = results.count(Resultat.PASSE)
    out = [words["tous"].format(n=len(results)) if held == len(results) else ""]
    out[0] = out[0] or words["passes"].format(n=numbers.number(held), total=numbers.number(len(results)))
    refused = results.count(Resultat.BLOQUANT) + results.count(Resultat.ERREUR)
    out.append(_counted(words, "ecartes", refused) or words["ecartes_zero"])
    out += [_counted(words, "a_revoir", results.count(Resultat.A_REVOIR))]
    out += [_counted(words, "deroges", results.count(Resultat.DEROGE))]
    late = sum(row["etat"] in ("perime", "retire") for row in world.datasets.values())
    out.append(_counted(words, "retards", late) or words["retards_zero"])
    return [sentence for sentence in out if sentence]


def _counted(words: Mapping[str, Any], key: str, n: int) -> str:
    """The sentence of a count in the right number; "" for none."""
    if n == 0:
        return ""
    return str(words[f"{key}_un"] if n == 1 else words[key].format(n=numbers.number(n)))


def anchor(jeu: str) -> str:
    """Anchor of a dataset on a page: `insee/filosofi` → `insee-filosofi`."""
    return jeu.replace("/", "-").replace("_", "-") or "version"


def _rule(rows: list[Row]) -> Row:
    """One rule over all the editions it was evaluated on: the worst result, the counts added."""
    worst = min(rows, key=lambda r: (_rank(r["resultat"]), r["edition"] or ""))
    return {
        "regle": worst["regle"],
        "enonce": worst["enonce"],
        "pourquoi": worst["pourquoi"],
        "severite": worst["severite"],
        "bloquant": worst["severite"] == Severite.BLOQUANT,
        "resultat": worst["resultat"],
        "observe": worst["observe"] or "",
        "ecarts": sum(r["ecarts"] or 0 for r in rows),
        "fois": len(rows),
        "rang": _rank(worst["resultat"]),
    }


def _rank(result: str) -> int:
    return _WORST.index(result) if result in _WORST else 0


def _dataset(world: World, row: Row) -> Row:
    jeu = row["jeu"]
    return row | {
        "ancre": anchor(jeu),
        "indicateurs": [i for i in world.indicators if jeu in (i["jeux"] or ())],
        "fichiers": sum(1 for p in world.pages if p["jeu"] == jeu),
        "interne": row["licence"] == "interne",
        "etat_mots": _received(world, row),
        "derniere_periode": world.last_period(jeu),
    }


def _received(world: World, row: Row) -> str:
    """State of a dataset in words. To have been received says nothing of the age of its figures."""
    night = row["derniere_nuit"]
    if row["etat"] == "a_jour" and night is not None and night.isoformat() < world.nuit:
        return str(world.words["qualite"]["sans_nouveau"])
    return str(world.words["jeux_etats"][row["etat"]])


def sources(world: World) -> dict[str, Any]:
    """Datasets, publishers' first, then the observatory's own tables."""
    rows = [_dataset(world, row) for row in world.datasets.values()]
    return {"producteurs": [r for r in rows if not r["interne"]], "tables": [r for r in rows if r["interne"]]}


def raw_files(world: World) -> tuple[list[Row], dict[str, bytes]]:
    """Received files by dataset, and the bytes that are published.

    Returns:
        Groups (jeu, titre, fichiers: rows with `publie` and `motif`), and sha256 → bytes to write under /brut/.
    """
    groups: dict[str, list[Row]] = defaultdict(list)
    bodies: dict[str, bytes] = {}
    seen: set[str] = set()
    words = world.words["brut"]
    for page in sorted(world.pages, key=lambda r: (r["jeu"], r["partition"], str(r["nuit"]), r["page"] or 0)):
        dataset = world.datasets.get(page["jeu"], {})
        sha, reason = page["sha256"], ""
        if not page["brut_public"]:
            why = dataset.get("raison_brut_prive") or words["prive_sans_raison"]
            reason = words["prive"].format(raison=why.rstrip("."))
        elif (page["octets"] or 0) > MAX_RAW:
            reason = words["trop_gros"].format(limite=f"{MAX_RAW // 1_000_000}\u00a0Mo")
        elif sha not in bodies:
            body = world.release.raw(sha)
            if body is None:
                reason = words["purge"]
            else:
                bodies[sha] = body
        # The same bytes may have come in twice (an unchanged page of a later edition): one anchor only.
        line = {"publie": sha in bodies and not reason, "motif": reason, "premier": sha not in seen}
        groups[page["jeu"]].append(file(world, page) | line)
        seen.add(sha)
    listed = [
        {
            "jeu": jeu,
            "ancre": anchor(jeu),
            "titre": world.datasets.get(jeu, {"titre": jeu})["titre"],
            "fichiers": rows,
        }
        for jeu, rows in sorted(groups.items())
    ]
    return listed, bodies


def journal(world: World) -> dict[str, Any]:
    """The release, what changed against its predecessor, and the editions it read, by dataset."""
    moved, first = changes(world)
    manifest = world.release.manifest
    by_set: dict[str, list[Row]] = defaultdict(list)
    for page in world.pages:
        by_set[page["jeu"]].append(page)
    inputs = [
        {
            "jeu": jeu,
            "ancre": anchor(jeu),
            "titre": world.datasets.get(jeu, {"titre": jeu})["titre"],
            "editions": len({p["edition"] for p in pages}),
            "fichiers": len(pages),
            "octets": sum(p["octets"] or 0 for p in pages),
            "nuits": sorted({p["nuit"] for p in pages if p["nuit"]}),
        }
        for jeu, pages in sorted(by_set.items())
    ]
    return {
        "changements": moved,
        "revisions": revisions(world),
        "premiere": first,
        "inscrits": sum(1 for c in world.changes if c["premiere"]),
        "predecesseur": manifest.get("predecessor") or "",
        "numero": manifest.get("numero"),
        "cle": manifest.get("inputs_key") or "",
        "code": code_lines(manifest),
        "entrees": inputs,
    }


def code_lines(manifest: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(part of the program, fingerprint) from the manifest, in the order of names; a whole one reads `ensemble`."""
    code = (manifest.get("inputs") or {}).get("code") or {}
    if isinstance(code, str):
        return [("ensemble", code)]
    return [(str(name), str(value)) for name, value in sorted(code.items())]


def downloads(world: World, target: Path, written: list[Path]) -> dict[str, Any]:
    """Files of the exports: those of the whole, and the formats of each indicator; sizes in octets."""
    words = world.words["telechargements"]["contenus"]
    whole, formats = [], defaultdict(list)
    for path in sorted(written):
        address = "/" + path.relative_to(target).as_posix()
        if address.startswith("/telechargements/"):
            key = path.stem.lower()
            whole.append(
                {
                    "adresse": address,
                    "nom": path.name,
                    "contenu": words.get(key, words["autre"]),
                    "octets": path.stat().st_size,
                }
            )
        elif address.startswith("/indicateurs/"):
            formats[path.stem].append({"adresse": address, "format": path.suffix[1:].upper()})
    lines = [
        {"slug": i["slug"], "titre": i["titre"], "formats": formats[i["slug"]]}
        for i in world.indicators
        if formats.get(i["slug"])
    ]
    return {"ensemble": whole, "indicateurs": lines}


def formats_of(world: World, target: Path, written: list[Path]) -> dict[str, list[Row]]:
    """slug → download lines (adresse, format, taille) of one indicator's page."""
    out: dict[str, list[Row]] = defaultdict(list)
    order = {".csv": 0, ".xlsx": 1, ".json": 2, ".parquet": 3, ".svg": 4, ".png": 5}
    for path in sorted(written, key=lambda p: (p.stem, order.get(p.suffix, 9))):
        address = "/" + path.relative_to(target).as_posix()
        if address.startswith("/indicateurs/"):
            size = numbers.number(max(path.stat().st_size / 1000, 0.1), 0 if path.stat().st_size >= 10_000 else 1)
            out[path.stem].append(
                {"adresse": address, "format": path.suffix[1:].upper(), "taille": f"{size}\u00a0ko"}
            )
    return dict(out)
