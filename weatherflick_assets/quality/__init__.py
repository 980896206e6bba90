"""Judging rows before they are published: rules as data, the bridge to Great Expectations, verdicts and column profiles.

What holds for any table belongs here. The rules of a table belong to its domain, which passes in its suites.
"""
