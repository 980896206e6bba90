"""When to go: what the months are like in each region, from years of days of the stations."""
