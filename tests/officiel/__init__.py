"""The official figures: where they are (tests/officiel.csv), read and compared with what a release publishes."""
