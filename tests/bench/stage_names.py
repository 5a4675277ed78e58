"""The stages of the bench, in the order of a night (a module of its own: importing it costs nothing)."""

STAGES = ("land", "gate", "build", "publish", "alert")
AGAIN = ("land_again", "gate_again", "build_again")  # a second night, in which one source changed
