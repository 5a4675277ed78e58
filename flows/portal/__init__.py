"""The local open-data portal: it serves the demonstration figures in the publishers' own wire formats.

It exists so that a newcomer's first night, and every test, exercises the real clients over real HTTP, and so that a
publisher's failure can be switched on at will (`flows.portal.faults`). A client that wants
`https://<host>/<path>?<query>` asks `http://127.0.0.1:<port>/<host>/<path>?<query>`.

Not here: any call to the network, any figure of its own except the simulated daily air indices (`flows.portal.air`),
any decoding of an answer (that is `flows.sources`). It knows `flows.core` only.
"""

from flows.portal.answers import PortalError
from flows.portal.atmo import ATMO_PASSWORD, ATMO_REFUSED, ATMO_USER
from flows.portal.faults import Faults, Kind
from flows.portal.server import Portal, serve

__all__ = ["ATMO_PASSWORD", "ATMO_REFUSED", "ATMO_USER", "Faults", "Kind", "Portal", "PortalError", "serve"]
