"""The portal itself: routes by official host, faults of the transport, a threaded HTTP server on 127.0.0.1.

Answers depend on the demonstration folder, the demonstration's own date and the faults in force, on nothing else;
each is generated once and kept. `POST /__pannes` (JSON: host, prefix, kind, options) switches a fault on,
`GET /__pannes` lists them, `DELETE /__pannes` clears them, `GET /__journal` lists the requests served.

Not here: what publishers answer (one module each), what faults do to figures and payloads.
"""

from __future__ import annotations

import datetime as dt
import socketserver
import sys
import threading
from collections import deque
from dataclasses import dataclass, replace
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

from flows.portal.answers import SIMULATED, Answer, Ask, PortalError, parse_query, strong_etag, weak_etag
from flows.portal.breaking import Plan, plan
from flows.portal.faults import CONTENT_KINDS, FIGURE_KINDS, Fault, Faults
from flows.portal.figures import Figures, View
from flows.portal.handler import Handler
from flows.portal.mutations import mutate
from flows.portal.payloads import Payload, encode
from flows.portal.routes import routes

_JOURNAL = 10_000


@dataclass(frozen=True)
class Served:
    """One request of the journal."""

    method: str
    host: str
    path: str
    query: str
    status: int
    faults: tuple[str, ...] = ()


class Server(ThreadingHTTPServer):
    """The socket server; its threads die with the process, and it holds the portal they serve."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, portal: Portal, port: int) -> None:
        self.portal = portal
        super().__init__(("127.0.0.1", port), Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that leaves in the middle is no news; anything else is shown, as the base class does."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]

    def server_bind(self) -> None:
        """Bind without the base class's look-up of the host's full name, which can wait for a name server."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = "127.0.0.1", self.server_address[1]


class Portal:
    """A local open-data portal.

    Args:
        demonstration: folder of the demonstration figures. today: the demonstration's own date (Paris).
        port: TCP port on 127.0.0.1, 0 for any free one. hour: hour of the day in Paris; from 14 on, the air indices
            of `today` are open.

    Use as a context manager, or `start()` and `stop()`. `faults` breaks it, `journal` says what was asked.

    Raises:
        PortalError: the folder does not exist (at construction), the port is taken (at start).
    """

    def __init__(self, demonstration: Path, today: dt.date, *, port: int = 0, hour: int = 6) -> None:
        self.figures = Figures(Path(demonstration))
        self.today, self.hour = today, hour
        self.faults = Faults()
        self.journal: deque[Served] = deque(maxlen=_JOURNAL)
        self._port = port
        self._server: Server | None = None
        self._thread: threading.Thread | None = None
        self._cache: dict[tuple[Any, ...], tuple[Answer, bytes]] = {}
        self._lock = threading.Lock()

    # -- life ------------------------------------------------------------------------------------------------------

    def start(self) -> Portal:
        """Listen; the portal is ready when this returns."""
        if self._server is None:
            try:
                self._server = Server(self, self._port)
            except OSError as error:
                raise PortalError(
                    f"Le portail ne peut pas écouter sur le port {self._port}.",
                    where=str(error),
                    todo="choisir un autre port, ou arrêter le programme qui l'occupe.",
                ) from error
            # A short poll makes stop() prompt.
            self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
            self._thread.start()
        return self

    def stop(self) -> None:
        """Stop listening; nothing happens when it is stopped already. The cache and the journal are kept."""
        server, thread = self._server, self._thread
        self._server = self._thread = None
        if server is not None:
            server.shutdown()
            server.server_close()
        if thread is not None:
            thread.join()

    def __enter__(self) -> Portal:
        return self.start()

    def __exit__(self, *exc: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """Base address, without final slash.

        Raises:
            PortalError: the portal is not started.
        """
        if self._server is None:
            raise PortalError("Le portail n'est pas démarré.", todo="appeler start() d'abord.")
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def official(self, address: str) -> str:
        """Address of the portal for an official `https://…` address."""
        return f"{self.url}/{address.removeprefix('https://')}"

    # -- answers ---------------------------------------------------------------------------------------------------

    def respond(self, ask: Ask) -> Plan:
        """The answer to one request, faults included, ready to be written. Counts the request for limited faults."""
        faults = self.faults.take(ask.host, ask.path)
        answer, body = self._made(ask, faults)
        etag = {"weak": weak_etag, "strong": strong_etag}.get(answer.etag)
        headers = dict(answer.headers)
        if etag and answer.status == 200:
            headers["ETag"] = etag(body)
        result = plan(ask, answer, headers, body, faults)
        self.journal.append(
            Served(ask.method, ask.host, ask.path, ask.query, result.status, tuple(str(f.kind) for f in faults))
        )
        return result

    def structure(self, body: bytes) -> Payload | None:
        """What stands behind bytes that were answered by a portal in good health; None when they were not."""
        with self._lock:
            return next((answer.payload for answer, made in self._cache.values() if made == body), None)

    def ask(self, method: str, host: str, path: str, query: str, headers: dict[str, str], body: bytes) -> Ask:
        """The request object of this portal (its figures, its date)."""
        view = View(self.figures, (), self.faults.peek)
        return Ask(method, host, path, query, parse_query(query), headers, body, view, self.today, self.hour)

    def _made(self, ask: Ask, faults: list[Fault]) -> tuple[Answer, bytes]:
        """Answer and bytes before the faults of the transport; kept when no fault of content is anywhere in force."""
        acting = [fault for fault in faults if fault.kind in FIGURE_KINDS | CONTENT_KINDS]
        # Faults elsewhere may move a date or a checksum here, so the cache is only for a portal in good health.
        healthy = not acting and not self.faults.any_of(FIGURE_KINDS)
        secret = ask.headers.get("authorization", "")
        key = (
            ask.method == "POST",
            ask.host,
            ask.path,
            ask.query,
            ask.body,
            secret,
            ask.headers.get("accept", ""),
            self.today,
            self.hour,
        )
        if healthy:
            with self._lock:
                if key in self._cache:
                    return self._cache[key]
        view = View(self.figures, acting, self.faults.peek)
        answer = routes()[ask.host](replace(ask, view=view))
        if view.simulated:
            answer = replace(answer, headers={**answer.headers, **SIMULATED})
        body = encode(mutate(answer.payload, acting, answer.main))
        if healthy:
            with self._lock:
                self._cache[key] = (answer, body)
        return answer, body


def serve(demonstration: Path, today: dt.date, port: int, *, hour: int = 6) -> None:
    """Serve until interrupted (Ctrl-C), for a person. Prints the address and how to use it, in French.

    Raises:
        PortalError: as `Portal`.
    """
    with Portal(demonstration, today, port=port, hour=hour) as portal:
        print(f"Portail de démonstration : {portal.url}  (figures au {today:%d/%m/%Y})")
        print("Une adresse officielle https://<hôte>/<chemin> se demande ainsi :")
        print(f"    {portal.url}/geo.api.gouv.fr/epcis/200042190/communes")
        print(f"Pannes : POST, GET et DELETE {portal.url}/__pannes (docs/portal.md). Arrêt : Ctrl-C.", flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            print("Portail arrêté.")
