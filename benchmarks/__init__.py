"""What the platform costs, measured: budgets as ratios in one run on one machine.

One module per benchmark, each with a `run(size)` that returns its figures and verdicts; contenders run as processes of
their own (`contenders/`). Tests of behaviour do not belong here.
"""
