"""Which version of the code last made tables and views, so that a change of the code is noticed and applied.

A domain decides what has a version, and what follows from a new one. Views are made from one SQL file.
"""

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

import psycopg

_REPLACE = """
WITH given AS (
    SELECT * FROM unnest(%s::text[], %s::text[]) AS given (asset_key, code_version)
), former AS (
    SELECT asset_key, code_version FROM ops.code_versions
), written AS (
    INSERT INTO ops.code_versions AS known (asset_key, code_version)
    SELECT asset_key, code_version FROM given
    ON CONFLICT (asset_key) DO UPDATE SET code_version = EXCLUDED.code_version, recorded_at = now()
    WHERE known.code_version <> EXCLUDED.code_version
    RETURNING asset_key
)
SELECT asset_key, former.code_version FROM written LEFT JOIN former USING (asset_key)
"""

_GRANTS = """
SELECT view.oid::regclass::text, format(
    'GRANT %s ON %s TO %s%s',
    privilege_type, view.oid::regclass,
    CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END,
    CASE WHEN is_grantable THEN ' WITH GRANT OPTION' ELSE '' END
)
FROM pg_class AS view CROSS JOIN aclexplode(view.relacl) AS granted
WHERE view.relkind = 'v' AND view.relnamespace = to_regnamespace('serving') AND grantee <> view.relowner
"""


def replace_versions(connection: psycopg.Connection, versions: Mapping[str, str]) -> Mapping[str, str | None]:
    """Record versions. Return those that differ from the record, by key, with the former version, at first None."""
    rows = connection.execute(_REPLACE, (list(versions), list(versions.values())))
    return dict(rows.fetchall())


def apply_views(connection: psycopg.Connection, name: str, *files: Path) -> None:
    """Run files (SQL in UTF-8) that drop and create views, if the text of any has changed since.

    Views that are made of each other stand in files that run together. Permissions granted on whole views are granted again;
    those on single columns are not. The caller commits.
    """
    statements = b"\n".join(file.read_bytes() for file in files)
    if not replace_versions(connection, {name: sha256(statements).hexdigest()[:12]}):
        return
    grants = connection.execute(_GRANTS).fetchall()
    connection.execute(statements)
    for view, grant in grants:
        if connection.execute("SELECT to_regclass(%s)", (view,)).fetchone() != (None,):
            connection.execute(grant)
