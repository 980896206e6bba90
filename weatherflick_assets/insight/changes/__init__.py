"""What an issue of the forecast changed of a day, against what had been said. All but `publish.py` and `evidence.py` is pure."""
