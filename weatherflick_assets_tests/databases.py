"""Addresses of test databases in the form that their readers want."""

from sqlalchemy import URL


def dsn_of(url: URL) -> str:
    """A SQLAlchemy address as libpq reads it."""
    return url.set(drivername="postgresql").render_as_string(hide_password=False)
