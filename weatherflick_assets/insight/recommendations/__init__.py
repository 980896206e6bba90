"""Where to go on a day: the best places of an area, by what one asks for. All but `publish.py` and `evidence.py` is pure."""
