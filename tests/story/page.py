"""The story as one local HTML page: nights side by side, with their e-mails, the page's state and the alert log.

Not here: living the nights (`nights`). The page holds everything but the sites themselves, to which it links; an
e-mail is shown in a frame of its own, without scripts, its chart inside.
"""

from __future__ import annotations

import base64
import html
import os
from collections.abc import Sequence
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import yaml

from tests.story.nights import SLUG, Act

_STYLE = """
body { margin: 0; font: 16px/1.5 Georgia, serif; color: #1d2830; background: #fbfaf6; }
header { padding: 28px 32px 8px; max-width: 60rem; }
h1 { margin: 0 0 8px; font-size: 30px; }
h2 { margin: 0 0 4px; font-size: 21px; }
h3 { margin: 18px 0 6px; font-size: 16px; }
main { display: flex; gap: 18px; padding: 16px 32px 40px; overflow-x: auto; align-items: flex-start; }
section { flex: 0 0 420px; background: #fff; border: 1px solid #dcd9ce; padding: 18px; }
.date { color: #55636c; margin: 0 0 10px; }
p { margin: 0 0 10px; }
ul { margin: 0; padding-left: 18px; }
table { border-collapse: collapse; width: 100%; font-size: 14px; }
td, th { text-align: left; padding: 4px 8px 4px 0; vertical-align: top; border-bottom: 1px solid #eeece4; }
iframe { width: 100%; height: 520px; border: 1px solid #dcd9ce; background: #fff; }
summary { cursor: pointer; margin: 4px 0; }
.rien { color: #55636c; font-style: italic; }
"""


def write(acts: Sequence[Act], folder: Path, words: Path, seconds: float) -> Path:
    """Write `histoire.html` in `folder` and return it.

    Args:
        words: `site/words.yml`, for the labels of states and events. seconds: how long the story took.
    """
    labels = yaml.safe_load(words.read_text(encoding="utf-8"))
    target = folder / "histoire.html"
    sections = "\n".join(_section(act, folder, labels) for act in acts)
    intro = (
        "Cinq nuits de l’observatoire, jouées à l’instant sur un portail local qui parle comme les producteurs. "
        "Les figures ajoutées pour l’histoire sont inventées et ne quittent pas ce dossier. "
        f"Durée : {seconds:.0f} s."
    )
    target.write_text(
        f'<!DOCTYPE html><html lang="fr"><head><meta charset="utf-8"><title>Une histoire en cinq nuits</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head><body>'
        f"<header><h1>Une histoire en cinq nuits</h1><p>{intro}</p></header><main>{sections}</main></body></html>\n",
        encoding="utf-8",
    )
    return target


def _section(act: Act, folder: Path, labels: dict[str, Any]) -> str:
    record, state = act.record, act.state
    shown = labels["etats"][state["etat"]]
    told = html.escape(state["raison_texte"] or "")
    site = folder / "entrepot" / "releases" / act.release / "site"
    links = "".join(
        f'<li><a href="{os.path.relpath(site / path / "index.html", folder)}">{title}</a></li>'
        for path, title in (
            ("", "Accueil"),
            (f"indicateurs/{SLUG.replace('_', '-')}", "La page de l’indicateur"),
            ("alertes", "La page des alertes"),
            ("journal", "Le journal"),
        )
    )
    published = f"Version {act.release} publiée." if record["release"]["published"] else "Rien n’est publié."
    return f"""<section><h2>{html.escape(act.title)}</h2><p class="date">Nuit du {act.nuit:%d/%m/%Y}</p>
<p>{html.escape(act.what)}</p>
<h3>La nuit</h3><p>{published} {html.escape(record["release"]["reason"])}</p>
<h3>La page de l’indicateur</h3><p><strong>{html.escape(shown)}</strong>. {told}</p><ul>{links}</ul>
<h3>Le journal des alertes</h3>{_log(act, labels)}
<h3>Les courriels ({len(act.messages)})</h3>{_mails(act)}</section>"""


def _log(act: Act, labels: dict[str, Any]) -> str:
    if not act.log:
        return '<p class="rien">Rien à noter.</p>'
    words = labels["alertes"]
    rows = "".join(
        f"<tr><th scope='row'>{html.escape(words['evenements'][row['evenement']])}</th>"
        f"<td>{html.escape(words['destinataires'][row['destinataires'] or ''])}"
        f"{' : ' + html.escape(row['raison']) if row['raison'] else ''}</td></tr>"
        for row in act.log
    )
    return f"<table>{rows}</table>"


def _mails(act: Act) -> str:
    if not act.messages:
        return '<p class="rien">Personne ne reçoit rien.</p>'
    out = []
    for number, path in enumerate(act.messages):
        message = message_from_bytes(path.read_bytes(), policy=policy.default)
        opened = " open" if number == 0 else ""
        who = html.escape(message["To"].addresses[0].display_name)
        out.append(
            f"<details{opened}><summary>{who} : {html.escape(message['Subject'])}</summary>"
            f'<iframe sandbox title="Courriel" srcdoc="{html.escape(_body(message))}"></iframe></details>'
        )
    return "".join(out)


def _body(message: EmailMessage) -> str:
    """The HTML part, its inline images in place of their content ids."""
    body = message.get_body(("html",))
    assert body is not None
    page = body.get_content()
    for part in message.walk():
        if part.get_content_type() == "image/png":
            name = part["Content-ID"].strip("<>")
            image = base64.b64encode(part.get_payload(decode=True)).decode()
            page = page.replace(f"cid:{name}", f"data:image/png;base64,{image}")
    return page
