"""Contacts: read strictly, resolved with fallbacks, never shown."""

from __future__ import annotations

import pytest

from flows.alerts.contacts import LABELS, Contacts, Recipient, load_contacts
from flows.alerts.recipients import bodies, leads, mailboxes, wanted
from flows.core.errors import ConfigurationError

HEAD = "role;theme;adresse\n"


def load(tmp_path, text, encoding="utf-8"):
    path = tmp_path / "contacts.csv"
    path.write_bytes(text.encode(encoding))
    return load_contacts(path)


def test_no_file_is_no_contact():
    assert load_contacts(None).resolve(Recipient("referent_e1")).fallback == "fichier"


def test_bom_comments_and_windows_line_ends(tmp_path):
    contacts = load(
        tmp_path, "# nos contacts\r\n" + HEAD.replace("\n", "\r\n") + "referent_e1;;a@b.fr\r\n", "utf-8-sig"
    )
    assert contacts.resolve(Recipient("referent_e1")).addresses == ("a@b.fr",)


def test_theme_then_role_then_pilot_then_file(tmp_path):
    contacts = load(tmp_path, HEAD + "role_commissions;Santé;s@b.fr\nrole_commissions;;c@b.fr\nrole_2p2t;;p@b.fr\n")
    assert contacts.resolve(Recipient.parse("role_commissions[santé]")).addresses == ("s@b.fr",)
    assert contacts.resolve(Recipient.parse("role_commissions[emploi]")).addresses == ("c@b.fr",)
    missing = contacts.resolve(Recipient("referent_e3"))
    assert (missing.addresses, missing.fallback) == (("p@b.fr",), "2p2t")
    alone = load(tmp_path, HEAD + "referent_e1;;a@b.fr\n").resolve(Recipient("referent_e2"))
    assert (alone.addresses, alone.fallback) == ((), "fichier")


def test_all_wrong_lines_at_once_and_no_address_shown(tmp_path):
    text = HEAD + "referent_e9;;a@secret.fr\nreferent_e1;b@secret.fr\nreferent_e1;;pas-une-adresse\n"
    text += "role_bureau;;maire@secret.fr\nreferent_e2;;c@secret.fr\nreferent_e2;;C@secret.fr\n"
    with pytest.raises(ConfigurationError) as error:
        load(tmp_path, text)
    told = str(error.value)
    for number in (2, 3, 4, 5, 7):
        assert f"ligne {number}" in told
    assert "secret.fr" not in told
    assert "pas-une-adresse" not in told


@pytest.mark.parametrize("bad", ["a@b.fr\u2028x", "a@b.fr,c@d.fr", "Nom <a@b.fr>", "a b@c.fr", "é@b.fr", "a@b"])
def test_an_address_cannot_carry_anything_else(tmp_path, bad):
    with pytest.raises(ConfigurationError):
        load(tmp_path, HEAD + f"referent_e1;;{bad}\n")


def test_header_missing_latin1_and_size(tmp_path):
    with pytest.raises(ConfigurationError, match="première ligne"):
        load(tmp_path, "referent_e1;;a@b.fr\n")
    with pytest.raises(ConfigurationError, match="UTF-8"):
        load(tmp_path, HEAD + "role_commissions;santé;a@b.fr\n", "latin-1")
    with pytest.raises(ConfigurationError, match="200"):
        load(tmp_path, HEAD + "#" * 300_000)
    with pytest.raises(ConfigurationError, match="ne peut pas être lu"):
        load_contacts(tmp_path / "absent.csv")


def test_never_in_a_repr(contacts):
    assert "exemple.fr" not in repr(contacts) + str(contacts)


def row(slug="i", engagements=("e1", "e2"), destinataires=("role_bureau", "role_commissions[santé]")):
    return {"indicateur": slug, "engagements": list(engagements), "destinataires": list(destinataires)}


def test_leads_come_from_the_engagements_and_the_pilot_always_follows():
    assert [r.key for r in leads(row())] == ["referent_e1", "referent_e2"]
    assert leads(row(engagements=("finalite", "e10"))) == []
    assert [r.key for r in bodies(row(destinataires=()))] == ["role_2p2t"]


def test_the_bureau_is_reached_through_the_pilot(contacts):
    boxes, fallbacks = mailboxes(wanted(["i"], {"i": row()}, "s"), contacts)
    assert [box.address for box in boxes] == ["2p2t@exemple.fr", "e1@exemple.fr", "e2@exemple.fr"]
    pilot = boxes[0]
    assert "role_bureau" in {role.key for role in pilot.copied_as}
    assert [(f.role, f.vers) for f in fallbacks] == [("role_commissions[santé]", "2p2t")]


def test_without_any_contact_each_role_has_its_file_but_the_bureau():
    boxes, fallbacks = mailboxes(wanted(["i"], {"i": row()}, "s"), Contacts())
    assert [box.key for box in boxes] == [
        "role:referent_e1",
        "role:referent_e2",
        "role:role_2p2t",
        "role:role_commissions[santé]",
    ]
    assert all(box.address == "" for box in boxes)
    assert {f.vers for f in fallbacks} == {"fichier"}


def test_one_address_with_several_roles_is_one_mailbox():
    contacts = Contacts({("referent_e1", ""): ("a@b.fr",), ("referent_e2", ""): ("A@B.fr",)})
    boxes, _ = mailboxes(wanted(["i"], {"i": row(destinataires=())}, "s"), contacts)
    assert [box.key for box in boxes] == ["adresse:a@b.fr", "role:role_2p2t"]
    assert [r.key for r in boxes[0].roles] == ["referent_e1", "referent_e2"]


@pytest.mark.parametrize("role", sorted(LABELS))
def test_header_names_are_short(role):
    assert len(Recipient(role, "climat-énergie, air").header_name.encode()) <= 44
