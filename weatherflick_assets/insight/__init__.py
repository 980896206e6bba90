"""What follows from what the other domains publish. It alone reads the tables of others, and it calls no API."""
