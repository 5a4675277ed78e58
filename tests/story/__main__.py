"""`make story`: play the nights, say each as it is lived, and write the page that shows them side by side."""

from __future__ import annotations

import time

from tests.nights import ROOT
from tests.story.nights import fresh, play
from tests.story.page import write

FOLDER = ROOT / "warehouse" / "state" / "histoire"


def main() -> int:
    """Play the story under `warehouse/state/histoire/`; 0 when every night ended as it should."""
    begun, acts = time.monotonic(), []
    print("Une histoire en cinq nuits : la première publication d’abord.\n")
    for act in play(fresh(FOLDER)):
        acts.append(act)
        letters = f"{len(act.messages)} courriel{'s' if len(act.messages) > 1 else ''}"
        print(f"{time.monotonic() - begun:4.0f} s  {act.nuit:%d/%m/%Y}  {act.title} : {act.state['etat']}, {letters}")
    page = write(acts, FOLDER, ROOT / "site" / "words.yml", time.monotonic() - begun)
    print(f"\nÀ ouvrir dans un navigateur : {page}")
    return 0 if all(act.record["exit_code"] in (0, 3) for act in acts) else 1


if __name__ == "__main__":
    raise SystemExit(main())
