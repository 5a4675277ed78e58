"""The stages of the bench, in the order of a night (a module of its own: importing it costs nothing)."""

STAGES = ("land", "gate", "build", "publish", "alert")
