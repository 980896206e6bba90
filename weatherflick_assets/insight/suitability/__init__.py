"""How suitable the weather of a day is for what one can do at a place. All but `publish.py` is pure."""
