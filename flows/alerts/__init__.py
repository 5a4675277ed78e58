"""Alerts: from status changes of a release to e-mails, each sent at most once.

Not here: computing a status (dbt), charts (handed over rendered), reading a source (never). smtplib is imported by
`flows.alerts.smtp` only.
"""
