"""Imports Great Expectations once, with its warnings ignored: warnings are errors in the tests, and these aren't ours."""

import importlib
import warnings

import pytest


@pytest.fixture(scope="session", autouse=True)
def _great_expectations_is_imported() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        importlib.import_module("great_expectations")
