"""The publishing transaction: the database works in the background, in order, and after a failure no more."""

from collections.abc import Callable

import psycopg
import pytest
from psycopg import sql

from weatherflick_assets.warehouse.replacing import Replacement
from weatherflick_assets.weather.tables import HOLIDAYS


def replacement(dsn: str) -> Replacement:
    """All holidays, replaced."""
    return Replacement(dsn, HOLIDAYS, "core/holidays", "", sql.SQL("TRUE"))


def test_work_is_done_in_the_order_in_which_it_was_asked_for(store: str) -> None:
    with replacement(store) as publication:
        publication.then(lambda cursor: cursor.execute("CREATE TEMPORARY TABLE done (number integer) ON COMMIT DROP"))
        for number in range(10):
            publication.then(lambda cursor, number=number: cursor.execute("INSERT INTO done VALUES (%s)", (number,)))
        found = publication.then(
            lambda cursor: cursor.execute("SELECT array_agg(number ORDER BY ctid) FROM done").fetchone()
        )
    assert found.result() == ([*range(10)],)


def ask(dsn: str, *work: Callable[[psycopg.Cursor], object]) -> None:
    """Ask for work in one transaction."""
    with replacement(dsn) as publication:
        for each in work:
            publication.then(each)


def one_over(divisor: int) -> Callable[[psycopg.Cursor], object]:
    """Work that fails if the divisor is 0."""
    return lambda cursor: cursor.execute("SELECT 1 / %s", (divisor,))


def test_after_work_that_failed_nothing_more_is_done_and_its_error_is_raised(store: str) -> None:
    done: list[psycopg.Cursor] = []
    with pytest.raises(psycopg.errors.DivisionByZero):
        ask(store, one_over(0), *[done.append] * 5)
    assert done == []


def test_an_error_in_the_last_work_is_raised_at_the_end(store: str) -> None:
    with pytest.raises(psycopg.errors.DivisionByZero):
        ask(store, one_over(1), one_over(0))
