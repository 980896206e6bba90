"""The synthetic Korea: invented places with the counts, codes and oddities of the real catalogue."""
