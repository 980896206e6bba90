"""Judging rows before they are published: rules as data, the bridge to Great Expectations, verdicts and column profiles.

Here belongs what holds for any table. The rules of a table belong to its domain, whose suites are handed in.
"""
