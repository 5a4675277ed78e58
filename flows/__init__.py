"""The observatory of La Porte du Hainaut: flows, and the rooms they hand things between.

Read `docs/architecture.md` for the picture. Nothing is imported here: `observatoire --help` must not pay for
Prefect, dbt or Great Expectations.
"""
