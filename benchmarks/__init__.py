"""Performance of the platform, measured against its budgets as ratios within one run on one machine.

Here: one module per benchmark, each with a `run(size, databases)` that returns figures and verdicts. Contenders run in
their own processes (`contenders/`). Not here: tests of behaviour.
"""
