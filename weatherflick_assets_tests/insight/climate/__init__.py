"""Tests of when to go."""
