"""The weather in the database: answers about issues, and how far each is collected."""
