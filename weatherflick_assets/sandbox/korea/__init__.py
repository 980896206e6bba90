"""The synthetic Korea: an invented country with the counts, codes and oddities of the real catalogue."""
