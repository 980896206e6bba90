"""Tests of the weekly report of each region."""
