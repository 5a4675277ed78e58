"""Sending by SMTP: one connection for the messages of a night, what may work tomorrow told from what never will.

Not here: retries (the outbox waits and tries again) and message content. Only the last reply, after the body, can
leave the fate of a message unknown: a connection lost there may come after the server took it. Such a message is sent
again with the same Message-ID: a second copy that a mail program knows is better than a message nobody got.
"""

from __future__ import annotations

import contextlib
import smtplib
import ssl
from dataclasses import dataclass, field
from typing import Literal

from flows.alerts.outbox import FAILED, REFUSED, SENT, Delivery, Stored
from flows.failpoints import failpoint


@dataclass(frozen=True)
class SmtpSettings:
    """How to reach the mail server. `security`: starttls (587), ssl (465) or none (a relay on the same machine)."""

    host: str
    port: int
    sender: str
    user: str = ""
    password: str = field(default="", repr=False)
    security: Literal["starttls", "ssl", "none"] = "starttls"
    timeout: float = 30.0
    ca_file: str = ""


class _Watched:
    """Names the reply that is waited for, so that tests can stop the process before and after each."""

    _step = ""

    def putcmd(self, cmd: str, args: str = "") -> None:
        self._step = cmd.lower()
        super().putcmd(cmd, args)  # type: ignore[misc]

    def getreply(self) -> tuple[int, bytes]:
        step = self._step
        failpoint(f"smtp.{step}.avant_reponse")
        reply = super().getreply()  # type: ignore[misc]
        failpoint(f"smtp.{step}.apres_reponse")
        if step == "data":
            self._step = "corps"
        return reply


class _Smtp(_Watched, smtplib.SMTP):
    pass


class _SmtpSsl(_Watched, smtplib.SMTP_SSL):
    pass


class SmtpTransport:
    """Delivers messages over one connection, opened at the first message and again after a failure."""

    def __init__(self, settings: SmtpSettings) -> None:
        self._settings = settings
        self._server: smtplib.SMTP | None = None

    def __enter__(self) -> SmtpTransport:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Say goodbye; a server that is already gone is not an error."""
        if self._server is not None:
            with contextlib.suppress(smtplib.SMTPException, OSError):
                self._server.quit()
            self._server = None

    def deliver(self, message: Stored) -> Delivery:
        """One attempt. Nothing is raised: the outcome says what is known.

        A 5xx answer to the recipient or to the body is for ever, as RFC 5321 has it; one about the sender or the
        account is a setting of ours, and may be mended by tomorrow.
        """
        try:
            server = self._connected()
        except (smtplib.SMTPException, OSError) as error:
            self._drop()
            return Delivery(FAILED, _reason(error), reachable=False)
        try:
            self._refused(server.mail(self._settings.sender), "l’expéditeur")
            code, _ = server.rcpt(message.recipient)
            if code not in (250, 251):
                self._reset(server)
                return _answered(code, "le destinataire")
            code, _ = server.data(message.raw)
        except smtplib.SMTPDataError as error:  # the server wants no body at all
            self._reset(server)
            return _answered(error.smtp_code, "le message")
        except (smtplib.SMTPException, OSError) as error:
            self._drop()
            return Delivery(FAILED, _reason(error))
        if code != 250:
            self._reset(server)
            return _answered(code, "le message")
        return Delivery(SENT)

    def _connected(self) -> smtplib.SMTP:
        if self._server is not None:
            return self._server
        told = self._settings
        context = ssl.create_default_context(cafile=told.ca_file or None)
        server: smtplib.SMTP
        if told.security == "ssl":
            server = _SmtpSsl(told.host, told.port, timeout=told.timeout, context=context)
        else:
            server = _Smtp(told.host, told.port, timeout=told.timeout)
        self._server = server
        server.ehlo_or_helo_if_needed()
        if told.security == "starttls":
            # Raises when the server does not offer it: a password must never leave in clear text.
            server.starttls(context=context)
            server.ehlo()
        if told.user:
            try:
                server.login(told.user, told.password)
            except smtplib.SMTPServerDisconnected as error:  # some servers hang up instead of answering 535
                raise smtplib.SMTPAuthenticationError(535, b"disconnected") from error
        return server

    def _refused(self, answer: tuple[int, bytes], whom: str) -> None:
        if answer[0] not in (250, 251):
            raise smtplib.SMTPResponseException(answer[0], f"refus de {whom}".encode())

    def _reset(self, server: smtplib.SMTP) -> None:
        try:
            server.rset()
        except (smtplib.SMTPException, OSError):
            self._drop()

    def _drop(self) -> None:
        if self._server is not None:
            with contextlib.suppress(OSError):
                self._server.close()
            self._server = None


def _answered(code: int, whom: str) -> Delivery:
    """A refusal by the server: 5xx is for ever, anything else (a grey list, a full box) may pass."""
    if 500 <= code < 600:
        return Delivery(REFUSED, f"le serveur refuse {whom} (code {code})")
    return Delivery(FAILED, f"le serveur demande d’attendre pour {whom} (code {code})")


def _reason(error: Exception) -> str:
    """A French reason without the server's own words: they may repeat an address."""
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return f"le serveur a refusé l’identifiant ou le mot de passe (code {error.smtp_code})"
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return "le serveur ne propose pas la connexion chiffrée ou l’identification demandée"
    if isinstance(error, smtplib.SMTPResponseException):
        return f"le serveur a refusé la demande (code {error.smtp_code})"
    if isinstance(error, ssl.SSLError):
        return "la connexion chiffrée n’a pas pu être établie (certificat)"
    if isinstance(error, TimeoutError):
        return "le serveur de courriel n’a pas répondu à temps"
    return f"le serveur de courriel n’est pas joignable ({type(error).__name__})"
