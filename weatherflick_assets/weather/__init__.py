"""Weather, air quality and the calendar: what the sky does and will do where the places are."""
