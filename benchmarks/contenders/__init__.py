"""Programs that are measured: each runs once in a fresh process and prints one JSON object. They judge nothing."""
