"""`python -m tests.bench`: what each stage of a night costs, for ten and a hundred times this territory.

Not here: any limit on time. A machine that is busy makes every figure worse; what may be compared are the ratios of
one run (10 times the territories should cost about 10 times as much, at most).
"""
