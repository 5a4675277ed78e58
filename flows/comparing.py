"""The difference of two releases: inputs, figures, states (rule 7: the changelog is the difference of two releases).

Not here: the changelog page of the site (flows.publishing).
"""

from __future__ import annotations

from typing import Any

from flows.core.tables import Release

KEY = ("indicateur", "territoire_niveau", "territoire_code", "periode", "ventilation")
SHOWN = 20


def difference(first: Release, second: Release) -> dict[str, Any]:
    """What changes from `first` to `second`, as plain data.

    Returns:
        `releases` [ids]; `code` changed or not; `editions` {added, removed} by dataset; `observations` by indicator
        {added, removed, changed, examples (at most 20)}; `statuses` [indicator, before, after].
    """
    a, b = first.manifest["inputs"], second.manifest["inputs"]
    was = {e["edition"]: e for e in a["editions"]}
    now = {e["edition"]: e for e in b["editions"]}
    return {
        "releases": [first.id, second.id],
        "code": a["code"]["ensemble"] != b["code"]["ensemble"],
        "editions": {
            "added": _by_dataset(now[e] for e in sorted(set(now) - set(was))),
            "removed": _by_dataset(was[e] for e in sorted(set(was) - set(now))),
        },
        "observations": _observations(first, second),
        "statuses": _statuses(first, second),
    }


def in_french(found: dict[str, Any]) -> str:
    """The difference as text for a person."""
    lines = [f"De {found['releases'][0]} à {found['releases'][1]}"]
    if found["code"]:
        lines.append("  programme ou textes : modifiés")
    for name, count in found["editions"]["added"].items():
        lines.append(f"  édition nouvelle : {name} ({count})")
    for name, count in found["editions"]["removed"].items():
        lines.append(f"  édition qui ne compte plus : {name} ({count})")
    for name, change in found["observations"].items():
        counts = f"{change['added']} ajoutée(s), {change['removed']} retirée(s), {change['changed']} modifiée(s)"
        lines.append(f"  {name} : {counts}")
        for example in change["examples"]:
            lines.append(
                f"    {example['territoire_niveau']} {example['territoire_code']} {example['periode']} : "
                f"{example['avant']} → {example['apres']}"
            )
    for status in found["statuses"]:
        lines.append(f"  état de {status['indicateur']} : {status['avant']} → {status['apres']}")
    if len(lines) == 1:
        lines.append("  aucune différence de figures ni d'états")
    return "\n".join(lines)


def _by_dataset(entries: Any) -> dict[str, int]:
    counts: dict[str, int] = {}
    for entry in entries:
        counts[entry["jeu"]] = counts.get(entry["jeu"], 0) + 1
    return dict(sorted(counts.items()))


def _observations(first: Release, second: Release) -> dict[str, Any]:
    was, now = _figures(first), _figures(second)
    changes: dict[str, Any] = {}
    for key in sorted(set(was) | set(now)):
        if was.get(key) == now.get(key):
            continue
        change = changes.setdefault(key[0], {"added": 0, "removed": 0, "changed": 0, "examples": []})
        kind = "added" if key not in was else "removed" if key not in now else "changed"
        change[kind] += 1
        if kind == "changed" and len(change["examples"]) < SHOWN:
            before, after = was[key], now[key]
            change["examples"].append(
                dict(zip(KEY, key, strict=True))
                | {
                    "avant": before[0] if before[0] is not None else before[1],
                    "apres": after[0] if after[0] is not None else after[1],
                }
            )
    return changes


def _figures(release: Release) -> dict[tuple[str, ...], tuple[Any, ...]]:
    columns = [*KEY, "valeur", "statut", "borne_basse", "borne_haute", "nature"]
    rows = release.table("fct_observation").select(columns).to_pylist()
    return {tuple(row[k] for k in KEY): tuple(row[c] for c in columns[len(KEY) :]) for row in rows}


def _statuses(first: Release, second: Release) -> list[dict[str, str | None]]:
    was = {row["indicateur"]: row["etat"] for row in first.table("fct_status").to_pylist()}
    now = {row["indicateur"]: row["etat"] for row in second.table("fct_status").to_pylist()}
    return [
        {"indicateur": name, "avant": was.get(name), "apres": now.get(name)}
        for name in sorted(set(was) | set(now))
        if was.get(name) != now.get(name)
    ]
