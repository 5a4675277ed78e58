"""Gates: suites that a steward tunes, their evaluation, dated decisions, freshness, and the data of the run report.

Not here: keys, contracts and relations of dbt models (dbt tests hold them), and what a verdict does to an edition or
a candidate (the flows decide). Great Expectations is imported by `flows.quality.gate` only, and only when it runs.
"""
