"""How right it was what had been said and recommended of a day, by the weather that came."""
