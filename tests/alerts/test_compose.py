"""Messages: what US-30 asks, golden texts, hostile titles, bounded sizes, nothing remote."""

from __future__ import annotations

import email
import email.policy
import html
import os
import re
from pathlib import Path

import pytest

from flows.alerts.compose import compose
from flows.alerts.contacts import LABELS, Contacts, Recipient
from flows.alerts.digest import MAX_CHANGES
from flows.alerts.mime import MAX_BYTES, PNG, MessageTooLarge, build
from flows.alerts.render import render
from flows.core.errors import ConfigurationError
from tests.tiny_release import tiny_release

GOLDEN = Path(__file__).parent / "golden"
SLUG = "consommation_enaf"


def raw(message, charts=None):
    return build(
        message_id="<essai@exemple.fr>",
        subject=message.subject,
        sender="observatoire@exemple.fr",
        sender_name="Observatoire 2044",
        recipient=message.recipient,
        recipient_name=message.role_label,
        text=message.text,
        html=message.html,
        nuit=message.nuit,
        charts=charts if charts is not None else message.charts,
    )


def parsed(data):
    return email.message_from_bytes(data, policy=email.policy.default)


def to_lead(composition, address="e2@exemple.fr"):
    return next(m for m in composition.messages if m.recipient == address)


def same_as_golden(name, text):
    """Compare with the stored text; `GOLDEN=1` rewrites it, to be read before it is committed."""
    path = GOLDEN / name
    if os.environ.get("GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == text


def test_golden_change(contacts, given):
    message = to_lead(compose(tiny_release(), contacts, **given))
    same_as_golden("changement.txt", f"{message.subject}\n\n{message.text}")
    same_as_golden("changement.html", message.html)


def test_golden_opening(contacts, given):
    message = to_lead(compose(tiny_release(), contacts, opening=True, **given))
    same_as_golden("ouverture.txt", f"{message.subject}\n\n{message.text}")


def test_golden_bytes(contacts, given):
    message = to_lead(compose(tiny_release(), contacts, **given))
    same_as_golden("changement.eml", raw(message).decode("ascii").replace("\r\n", "\n"))


def test_what_a_message_holds(contacts, given):
    message = to_lead(compose(tiny_release(), contacts, **given))
    for part in (message.text, html.unescape(message.html)):
        for words in (
            "Consommation d’espaces naturels, agricoles et forestiers",
            "La Porte du Hainaut",
            "116,82\u00a0ha",
            "2024",
            "75,82\u00a0ha",
            "+41,00\u00a0ha",
            "+54,1\u00a0%",
            "un niveau que ce plafond ne prévoyait que 2,2\u00a0ans plus tard",
            "189,54\u00a0ha",
            "Projet de Territoire 2024-2044, ligne 340",
            "devra rester inférieur à la moitié",
            "Cerema",
            "Licence Ouverte 2.0",
            "https://observatoire.example.org/indicateurs/consommation-enaf/",
            "Ce qui vous est demandé",
            "soutenir une dynamique d’évolution",
        ):
            assert words in part, words
    assert message.subject.startswith("[DÉMONSTRATION] ")
    assert "sanctionner" in message.text and "[DÉMONSTRATION]" not in message.text


def test_real_mode_has_no_prefix(contacts, given):
    message = to_lead(compose(tiny_release(mode="reel"), contacts, **given))
    assert message.subject == "Observatoire 2044 : Consommation d’espaces : écart à la trajectoire"
    assert "DÉMONSTRATION" not in message.text and "Démonstration" not in message.html


def test_bodies_in_copy_are_not_asked_anything(contacts, given):
    message = to_lead(compose(tiny_release(), contacts, **given), "2p2t@exemple.fr")
    assert "Pour information" in message.text and "Ce qui vous est demandé" not in message.text


def drifting(rows):
    return [{**r, "etat": "derive", "trajectoire": "consommation_enaf_2031", "a_actualiser": False} for r in rows]


def all_changes(rows):
    return [
        {
            "indicateur": r["indicateur"],
            "territoire_niveau": r["territoire_niveau"],
            "territoire_code": r["territoire_code"],
            "etat_avant": "a_surveiller",
            "etat_apres": "derive",
        }
        for r in rows
    ]


def test_several_changes_make_one_message(contacts, given):
    status = drifting(tiny_release().table("fct_status").to_pylist())
    release = tiny_release(fct_status=status, fct_status_change=all_changes(status), dim_rupture=[], fct_check=[])
    composition = compose(release, contacts, **given)
    addresses = [m.recipient for m in composition.messages]
    assert len(addresses) == len(set(addresses))
    message = to_lead(composition)
    assert len(message.events) > 2
    assert f"{len(message.events)} changements d’état" in message.subject
    assert message.text.count("Page de l’indicateur :") == len(message.events)


def test_many_changes_stay_bounded(contacts, given):
    source = tiny_release()
    base = next(r for r in source.table("dim_indicator").to_pylist() if r["indicateur"] == SLUG)
    status = next(r for r in source.table("fct_status").to_pylist() if r["indicateur"] == SLUG)
    slugs = [f"indicateur_{n:03d}" for n in range(150)]
    rows = [{**status, "indicateur": slug} for slug in slugs]
    release = tiny_release(
        dim_indicator=[{**base, "indicateur": slug, "titre": "t" * 5000} for slug in slugs],
        fct_status=rows,
        fct_status_change=all_changes(rows),
        dim_rupture=[],
        fct_check=[],
        dim_trajectory=[{**r, "citation": "c" * 90_000} for r in source.table("dim_trajectory").to_pylist()],
    )
    message = to_lead(compose(release, contacts, **given))
    assert len(message.events) == 150
    assert message.text.count("Page de l’indicateur :") == MAX_CHANGES
    assert len(raw(message)) < MAX_BYTES / 2


@pytest.mark.parametrize(
    "title", ["x\r\nBcc: victime@exemple.fr", "x\nSubject: autre", "x\u2028Bcc: a@b.fr", "x\x00y", "x\x85Cc: a@b.fr"]
)
def test_a_title_cannot_inject_a_header(contacts, given, title):
    release = tiny_release(
        dim_indicator=lambda rows: [
            {**r, "titre_court": title, "titre": title} if r["indicateur"] == SLUG else r for r in rows
        ]
    )
    message = parsed(raw(to_lead(compose(release, contacts, **given))))
    assert sorted(message.keys()) == sorted(
        [
            "Date",
            "Message-ID",
            "From",
            "To",
            "Subject",
            "Auto-Submitted",
            "List-Unsubscribe",
            "MIME-Version",
            "Content-Type",
            "Content-Language",
        ]
    )
    assert message["To"].addresses[0].addr_spec == "e2@exemple.fr"
    assert len(message["To"].addresses) == 1


def test_a_title_cannot_inject_markup(contacts, given):
    release = tiny_release(
        dim_indicator=lambda rows: [
            {**r, "titre": "<img src=https://ailleurs.example/p.png>"} if r["indicateur"] == SLUG else r for r in rows
        ]
    )
    page = to_lead(compose(release, contacts, **given)).html
    assert "<img" not in page and "&lt;img" in page


def test_nothing_remote(contacts, given):
    composition = compose(tiny_release(), contacts, charts={SLUG: PNG + b"x"}, **given)
    for message in [*composition.messages, *compose(tiny_release(), contacts, opening=True, **given).messages]:
        assert not re.search(r"<(script|link|iframe|form|object)", message.html)
        assert set(re.findall(r'src="([^"]*)"', message.html)) <= {f"cid:{SLUG}"}
        assert "http" not in re.sub(r'href="https://observatoire\.example\.org/[^"]*"', "", message.html)


def test_a_chart_travels_inside_and_a_heavy_or_foreign_one_stays_out(contacts, given):
    message = to_lead(compose(tiny_release(), contacts, charts={SLUG: PNG + b"x" * 100}, **given))
    image = next(p for p in parsed(raw(message)).walk() if p.get_content_type() == "image/png")
    assert image["Content-ID"] == f"<{SLUG}>" and f'src="cid:{SLUG}"' in message.html
    for chart in (PNG + b"x" * 300_000, b"<svg/>"):
        message = to_lead(compose(tiny_release(), contacts, charts={SLUG: chart}, **given))
        assert message.charts == {} and "<img" not in message.html


def test_the_same_release_gives_the_same_bytes_and_key(contacts, given):
    one, two = (to_lead(compose(tiny_release(), contacts, **given)) for _ in range(2))
    assert raw(one, {SLUG: PNG}) == raw(two, {SLUG: PNG}) and one.key == two.key


def test_keys_differ_by_recipient_and_events_not_by_release(contacts, given):
    messages = [*compose(tiny_release(), contacts, **given).messages]
    messages += compose(tiny_release(), contacts, opening=True, **given).messages
    assert len({m.key for m in messages}) == len(messages)
    again = compose(tiny_release(id="2026-11-21-0000"), contacts, **given).messages
    assert {m.key for m in again} <= {m.key for m in messages}  # a release withdrawn, then decided again


def test_what_was_told_with_a_withdrawn_release_is_not_told_again(contacts, given):
    first = compose(tiny_release(), contacts, **given)
    told = {key for message in first.messages for key in message.events}
    again = compose(tiny_release(id="2026-11-21-0000"), contacts, told=told, **given)
    assert again.messages == () and "retirée" in {n.indicateur: n.raison for n in again.not_sent}[SLUG]


def test_the_text_says_all_that_the_page_says(contacts, given):
    """Words of the HTML part, alternative texts of images included, are words of the text part."""
    composition = compose(tiny_release(), contacts, charts={SLUG: PNG + b"x"}, **given)
    for message in [*composition.messages, *compose(tiny_release(), contacts, opening=True, **given).messages]:
        body = re.sub(r"(?s)<(style|title)[^>]*>.*?</\1>", " ", message.html)
        body = re.sub(r'<img[^>]*alt="([^"]*)"[^>]*>', r" \1 ", body)
        words = set(re.findall(r"\w+", html.unescape(re.sub(r"<[^>]+>", " ", body)).casefold()))
        said = set(re.findall(r"\w+", message.text.casefold()))
        layout = {"voir", "ouvrir", "courbe", "sa"}  # a button is an address, a picture is its figures
        assert words - said <= layout, words - said - layout


def test_simulated_figures_say_so(contacts, given):
    message = to_lead(compose(tiny_release(), contacts, opening=True, **given))
    line = next(line for line in message.text.splitlines() if line.startswith("- Jours d’air"))
    assert "SIMULÉ" in line
    assert "Chiffre simulé" in message.html


def test_addresses_are_not_in_a_repr(contacts, given):
    assert "exemple.fr" not in repr(compose(tiny_release(), contacts, **given))


def test_an_oversized_text_is_an_error(contacts, given):
    message = to_lead(compose(tiny_release(), contacts, **given))
    with pytest.raises(MessageTooLarge):
        build(
            message_id="<a@b.fr>",
            subject="s",
            sender="a@b.fr",
            sender_name="n",
            recipient="c@d.fr",
            recipient_name="r",
            text="é" * MAX_BYTES,
            html=message.html,
            nuit="2026-11-20",
        )


@pytest.mark.parametrize("role", sorted(LABELS))
def test_every_header_name_survives_the_wire(contacts, given, role):
    message = compose(tiny_release(), Contacts(), **given).messages[0]
    name = Recipient(role, "climat-énergie").header_name
    data = build(
        message_id="<a@b.fr>",
        subject="s",
        sender="a@b.fr",
        sender_name="Observatoire 2044",
        recipient="",
        recipient_name=name,
        text=message.text,
        html=message.html,
        nuit="2026-11-20",
    )
    assert parsed(data)["To"].addresses[0].display_name == name
    assert parsed(data)["To"].addresses[0].domain == "contact.invalid"


def test_a_broken_template_is_a_clear_error(tmp_path):
    (tmp_path / "changement.txt.j2").write_text("{{ inconnu }}", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="inconnu"):
        render("changement", {}, tmp_path)


def test_a_template_with_a_remote_image_is_refused(tmp_path):
    (tmp_path / "x.txt.j2").write_text("t", encoding="utf-8")
    (tmp_path / "x.html.j2").write_text('<p><img src="https://suivi.example/p.png"></p>', encoding="utf-8")
    with pytest.raises(ConfigurationError, match="distante"):
        render("x", {}, tmp_path)
