"""The warehouse: run dbt, build a candidate, keep releases, open one read-only."""
