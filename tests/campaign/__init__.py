"""The long campaigns: killing runs, breaking sources. `make test` runs a sample, `make campaign` all of it."""
