"""A transport that records, and one catch-up, for the tests of the outbox."""

from __future__ import annotations

from flows.alerts.catching_up import catch_up
from flows.alerts.outbox import SENT, Delivery

NUIT = "2026-11-20"


class Recorder:
    """A transport that keeps what it delivers and answers as told."""

    def __init__(self, *answers):
        self.answers, self.delivered = list(answers), []

    def deliver(self, message):
        self.delivered.append(message)
        return self.answers.pop(0) if self.answers else Delivery(SENT)


def run(outbox, tell, published, nuit=NUIT, files=None, smtp=None):
    return catch_up(outbox, published=published, compose=tell, files=files or Recorder(), smtp=smtp, nuit=nuit)
