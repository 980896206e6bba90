"""Collecting the weather, issue by issue."""
