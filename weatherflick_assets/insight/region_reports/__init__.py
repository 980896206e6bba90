"""The weekly report of each region: one page that needs nothing else."""
