"""The simulated weather: fields, climate, terrain and KMA's grid."""
