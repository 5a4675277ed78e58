"""Pure rules. Nothing in this room opens a file or a socket, reads a clock, or imports Prefect or DuckDB."""
