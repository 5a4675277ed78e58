"""Pages, charts, maps and exports of a release. Nothing here computes a figure."""
