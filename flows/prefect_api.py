"""The few calls to a standing Prefect server that need no Prefect: is it well, tell it an event, forget missed runs.

The server is this machine's own (`PREFECT_API_URL`). Not here: flows and deployments (Prefect's own command line).
"""

from __future__ import annotations

import datetime as dt
import json
import urllib.error
import urllib.request
import uuid
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any

from flows.core.errors import ObservatoireError
from flows.happenings import Happening


class ServerSilent(ObservatoireError):
    """The Prefect server does not answer, or refuses."""


CAUGHT_UP = "Rattrapée par une exécution plus récente."


@dataclass(frozen=True)
class PrefectApi:
    """A server by its address, `http://127.0.0.1:4200/api`."""

    url: str
    seconds: float = 10

    def healthy(self) -> bool:
        """Does it answer that it is well?"""
        try:
            return self.call("/health") is True
        except ServerSilent:
            return False

    def send(self, happening: Happening, at: dt.datetime) -> None:
        """Tell the server an event.

        Raises:
            ServerSilent: it was not taken; what the event would have started is found by the next run.
        """
        event = {
            "id": str(uuid.uuid4()),
            "occurred": at.isoformat(),
            "event": happening.event,
            "resource": {
                "prefect.resource.id": happening.resource_id,
                "prefect.resource.name": happening.resource,
            },
            "payload": dict(happening.payload),
        }
        self.call("/events", [event])

    def forget_missed(self, now: dt.datetime) -> int:
        """Cancel the runs that were due while nobody could run them, but for the newest of each deployment.

        Three nights missed are caught up by one night: it asks for everything, and each night costs as much. A run of
        one dataset (`jeu`, started by an event) asks for that one only: it stands for no night and no other dataset.
        Returns how many were cancelled.
        """
        due = {
            "flow_runs": {
                "state": {"type": {"any_": ["SCHEDULED"]}},
                "expected_start_time": {"before_": now.isoformat()},
            },
            "sort": "EXPECTED_START_TIME_DESC",
            "limit": 200,
        }
        seen: set[tuple[str, str]] = set()
        cancelled = 0
        for run in self.call("/flow_runs/filter", due):
            place = (run["deployment_id"] or run["id"], str(run["parameters"].get("jeu") or ""))
            if place in seen:
                state = {
                    "type": "CANCELLED",
                    "name": "Cancelled",
                    "message": CAUGHT_UP,
                }
                self.call(f"/flow_runs/{run['id']}/set_state", {"state": state, "force": True})
                cancelled += 1
            seen.add(place)
        return cancelled

    def call(self, path: str, body: Any = None) -> Any:
        """GET, or POST when there is a body; the answer decoded.

        Raises:
            ServerSilent: no answer, or an error.
        """
        request = urllib.request.Request(
            self.url.rstrip("/") + path,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        # No proxy of the machine: it would be asked for its own idea of 127.0.0.1.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=self.seconds) as answer:
                return json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            said = error.read(500).decode(errors="replace")
            raise ServerSilent(
                f"Le serveur Prefect a refusé la demande ({error.code}) : {said[:200]}", where=self.url + path
            ) from error
        except (OSError, ValueError, HTTPException) as error:  # the last: an answer cut short
            raise ServerSilent(
                f"Le serveur Prefect ne répond pas ({error}).",
                where=self.url,
                todo="lancer « observatoire up », ou retirer PREFECT_API_URL.",
            ) from error
