"""What composing needs, as a flow gives it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from flows.alerts.compose import compose
from flows.alerts.contacts import Contacts
from flows.alerts.outbox import Outbox
from tests.tiny_release import tiny_release

ROOT = Path(__file__).parents[2]
SITE = yaml.safe_load((ROOT / "site" / "words.yml").read_text(encoding="utf-8"))
WORDS = {
    "observatoire": "Observatoire 2044",
    "projet": "Projet de Territoire 2024-2044",
    "nom": "La Porte du Hainaut",
}
GIVEN = {
    "base_url": "https://observatoire.example.org/",
    "templates": ROOT / "site" / "templates" / "courriel",
    "words": WORDS,
    "site": SITE,
}


@pytest.fixture
def contacts() -> Contacts:
    return Contacts(
        {
            ("referent_e1", ""): ("e1@exemple.fr",),
            ("referent_e2", ""): ("e2@exemple.fr",),
            ("referent_e3", ""): ("e3@exemple.fr",),
            ("role_2p2t", ""): ("2p2t@exemple.fr",),
        }
    )


@pytest.fixture
def given() -> dict[str, Any]:
    return dict(GIVEN)


@pytest.fixture
def outbox(tmp_path):
    return Outbox(tmp_path / "etat.sqlite", sender="observatoire@exemple.fr", sender_name="Observatoire 2044")


@pytest.fixture
def tell(contacts, given):
    def of(release, told, opening):
        return compose(tiny_release(id=release), contacts, told=told, opening=opening, **given)

    return of
