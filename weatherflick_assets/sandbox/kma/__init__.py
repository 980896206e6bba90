"""The services of the Korea Meteorological Administration."""
