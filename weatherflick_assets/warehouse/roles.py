"""The roles of the database server: as whom the platform works, and as whom others read what it publishes."""

from sqlalchemy import Connection

PLATFORM = "weatherflick"
"""Owns the platform's databases on the embedded server. It is no superuser: none of its statements can read a file of the
machine, run a program, or see the environment of a process."""

BACKUP = "weatherflick_backup"
"""Copies the embedded server's files through the replication protocol. It can read no table, and owns nothing."""

READER = "weatherflick_reader"
"""May read `serving` and nothing else: for the backend. On another server it is made if the platform's role may do so."""

_LET_READ = """
DO $$ DECLARE permission text; BEGIN
    IF to_regrole('weatherflick_reader') IS NULL THEN
        IF NOT (SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user) THEN RETURN; END IF;
        BEGIN
            CREATE ROLE weatherflick_reader LOGIN;
        EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; -- made for another database at the same time
        END;
    END IF;
    FOR permission IN
        SELECT 'USAGE ON SCHEMA serving' WHERE NOT has_schema_privilege('weatherflick_reader', 'serving', 'USAGE')
        UNION ALL
        SELECT 'SELECT ON ' || oid::regclass FROM pg_class
        WHERE relnamespace = 'serving'::regnamespace AND relkind IN ('v', 'm') AND NOT has_table_privilege('weatherflick_reader', oid, 'SELECT')
        UNION ALL
        SELECT 'EXECUTE ON FUNCTION ' || oid::regprocedure FROM pg_proc
        WHERE pronamespace = 'serving'::regnamespace AND NOT has_function_privilege('weatherflick_reader', oid, 'EXECUTE')
    LOOP EXECUTE 'GRANT ' || permission || ' TO weatherflick_reader'; END LOOP;
END $$
"""


def let_read(connection: Connection) -> None:
    """Let the reader read `serving`, if there is one or this role may make one; the caller commits."""
    connection.exec_driver_sql(_LET_READ)
