"""SIGKILL at every named place of the sending path, against a real mail server and a real webhook: nothing is lost.

A message may arrive twice in one window only: the server took it, and its outcome was not written yet. It then has
the same Message-ID.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest

from flows.alerts.outbox import SENT, WRITTEN, Outbox
from flows.alerts.webhook import WebhookTransport
from flows.failpoints import FAILPOINTS, VARIABLE
from tests.alerts.mail_server import Post, Receiver, serving

ROOT = Path(__file__).parents[2]
# Where the server, or the webhook, has taken the message and nothing is recorded.
WINDOW = {"smtp.corps.avant_reponse", "smtp.corps.apres_reponse", "boite.resultat.avant"}
WINDOW_HOOK = {"webhook.apres_reponse", "boite.resultat.avant"}


@pytest.fixture(scope="module")
def catch_up() -> Iterator[Callable[..., tuple[int, dict[str, Any]]]]:
    """Runs one catch-up in a process of its own: exit code and `mail` entry."""
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.alerts.catch_up_child"],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip

    def run(folder: Path, port: int, address: str, *, nuit: str = "2026-11-20", failpoint: str = ""):
        asked = {"folder": str(folder), "nuit": nuit, "port": port, "address": address, "failpoint": failpoint}
        child.stdin.write(json.dumps(asked) + "\n")
        child.stdin.flush()
        code, done = json.loads(child.stdout.readline())
        assert code in (0, -9)
        return code, done

    yield run
    child.stdin.close()
    assert child.wait(timeout=30) == 0


def test_the_environment_arms_a_failpoint():
    code = (
        "from flows.failpoints import failpoint; failpoint('fichier.apres_fsync'); failpoint('fichier.avant_fsync')"
    )
    for name, expected in (("fichier.avant_fsync", -9), ("", 0)):
        environment = {**os.environ, VARIABLE: name}
        assert (
            subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, check=False).returncode
            == expected
        )


def states(folder: Path) -> dict[str, int]:
    return Outbox(folder / "etat.sqlite", sender="observatoire@exemple.fr", sender_name="O").counts()


def test_every_named_place_is_in_the_code_and_tried_here():
    """A failpoint that nothing calls would let its kill test pass for nothing: the child must die at each."""
    code = "".join(path.read_text("utf-8") for path in sorted((ROOT / "flows" / "alerts").glob("*.py")))
    named = {name for name in FAILPOINTS if name.rpartition(".")[2].startswith(("avant", "apres"))}
    assert named == set(FAILPOINTS)
    called = set(re.findall(r'failpoint\("([a-z._]+)"\)', code))
    assert called == {name for name in FAILPOINTS if not name.startswith("smtp.")}


@pytest.mark.parametrize("failpoint", FAILPOINTS)
def test_killed_anywhere_nothing_is_lost(tmp_path, catch_up, failpoint):
    post = Post()
    with serving(post) as port, Receiver() as receiver:
        code, _ = catch_up(tmp_path, port, receiver.url, failpoint=failpoint)
        assert code == -9, "this place was not reached"
        code, done = catch_up(tmp_path, port, receiver.url)
        assert code == 0 and done["pending"] == 0 and done["waiting"] == []
        assert catch_up(tmp_path, port, receiver.url)[1]["sent"] == 0
    taken = Counter(post.identifiers)
    assert len(taken) == 2 and states(tmp_path) == {SENT: 3, WRITTEN: 1}
    assert sum(taken.values()) <= (3 if failpoint in WINDOW else 2), taken
    hooks = Counter(headers["Idempotency-Key"] for headers, _ in receiver.calls)
    assert len(hooks) == 1 and sum(hooks.values()) <= (2 if failpoint in WINDOW_HOOK else 1)
    (file,) = (tmp_path / "outbox").glob("*.eml")
    assert message_from_bytes(file.read_bytes())["To"].endswith("@contact.invalid>")


@pytest.mark.parametrize("moods", [("grey", "grey"), ("drop",), ("abort",), ("grey", "abort", "drop")])
def test_a_server_in_a_bad_mood_gets_every_message_in_the_end(tmp_path, catch_up, moods):
    post = Post(*moods)
    with serving(post) as port, Receiver(503) as receiver:
        for nuit in ("2026-11-20", "2026-11-21", "2026-11-22", "2026-11-23", "2026-11-25", "2026-12-01"):
            catch_up(tmp_path, port, receiver.url, nuit=nuit)
    assert len(set(post.identifiers)) == 2 and len(post.identifiers) == 2 + moods.count("abort")
    assert states(tmp_path) == {SENT: 3, WRITTEN: 1} and len(receiver.calls) == 2


def test_a_refusal_stays_in_the_report_and_the_others_leave(tmp_path, catch_up):
    post = Post("refuse")
    with serving(post) as port, Receiver() as receiver:
        _, done = catch_up(tmp_path, port, receiver.url)
        _, later = catch_up(tmp_path, port, receiver.url, nuit="2027-01-20")
    assert (done["sent"], done["refused"], later["refused"], len(post.bodies)) == (1, 1, 1, 1)
    assert "550" in later["waiting"][0]["error"] and "exemple.fr" not in json.dumps(later)


def test_the_webhook_is_signed_and_says_what_the_page_says(tmp_path, catch_up):
    with serving(Post()) as port, Receiver() as receiver:
        catch_up(tmp_path, port, receiver.url)
    ((headers, body),) = receiver.calls
    expected = "sha256=" + hmac.new(b"secret", body, hashlib.sha256).hexdigest()
    assert hmac.compare_digest(headers["X-Observatoire-Signature"], expected)
    told = json.loads(body)
    assert told["version"] == "r1" and {e["evenement"] for e in told["evenements"]} >= {"entree_derive"}
    assert "@" not in body.decode()


@pytest.mark.parametrize(
    ("code", "state"), [(400, "refuse"), (404, "refuse"), (307, "echec"), (429, "echec"), (500, "echec")]
)
def test_what_a_webhook_refuses(outbox, tell, code, state):
    with Receiver(code) as receiver:
        outbox.enqueue(tell("r1", (), None), nuit="2026-11-20", hook=b"{}")
        message = next(m for m in outbox.due("2026-11-20") if m.channel == "webhook")
        delivery = WebhookTransport(receiver.url, "s").deliver(message)
    assert (delivery.state, len(receiver.calls)) == (state, 1) and str(code) in delivery.error


def test_a_webhook_that_is_not_there_is_tried_again(outbox, tell):
    outbox.enqueue(tell("r1", (), None), nuit="2026-11-20", hook=b"{}")
    message = next(m for m in outbox.due("2026-11-20") if m.channel == "webhook")
    assert WebhookTransport("http://127.0.0.1:9/x", "s", timeout=2).deliver(message).state == "echec"
    assert "secret-long" not in repr(WebhookTransport("http://127.0.0.1:9/x", "secret-long"))
