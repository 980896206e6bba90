"""The measured programs. Each runs once in a fresh process and prints one JSON object. None applies a budget."""
