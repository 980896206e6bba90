"""`weatherflick backup`, `restore` and `pg` as people use them: what they print, and that no secret is among it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import URL

from weatherflick_assets.cli.backups import in_bytes
from weatherflick_assets_tests.cli.commands import Platform, platform
from weatherflick_assets_tests.databases import dsn_of

KEY, SECRET = "a key that nobody may see", "a-secret-that-nobody-may-see"


@pytest.fixture
def on_a_server(command_database: URL) -> Iterator[Platform]:
    """A platform on a server of its own, so that its backups are dumps."""
    with platform(
        WEATHERFLICK_DATABASE_URL=dsn_of(command_database), WEATHERFLICK_BACKUP_KEY=KEY, AWS_SECRET_ACCESS_KEY=SECRET
    ) as made:
        yield made


def test_a_backup_is_made_listed_and_restored_into_another_database(
    on_a_server: Platform, empty_database: URL, tmp_path: Path
) -> None:
    place = str(tmp_path / "backups")
    done = on_a_server.run_here("backup", "--to", place, "--json")
    assert (done.code, done.complaints) == (0, [])
    made = done.summary
    assert (made["kind"], made["removed"], made["notes"]) == ("dump", 0, [])
    assert made["tables"] > 90

    listed = on_a_server.run_here("backup", "--to", place, "--list")
    assert made["id"] in listed.out
    as_json = on_a_server.run_here("backup", "--list", "--json", WEATHERFLICK_BACKUP_URL=place).summary
    assert [each["id"] for each in as_json["backups"]] == [made["id"]]
    assert as_json["covers"] is None

    refused = on_a_server.run_here("restore", "--from", place)
    assert refused.code == 1
    assert (
        "hold tables. Name another database in WEATHERFLICK_DATABASE_URL, or give --in-place" in refused.complaints[0]
    )
    elsewhere = dsn_of(empty_database)
    restored = on_a_server.run_here("restore", "--from", place, WEATHERFLICK_DATABASE_URL=elsewhere)
    assert restored.code == 0
    assert "Restored: all rows as of" in " ".join(restored.err.split())

    # It becomes another program, so it needs a process of its own.
    psql = on_a_server.run(
        "pg", "psql", "-At", "-c", "SELECT count(*) FROM core.regions", WEATHERFLICK_DATABASE_URL=elsewhere
    )
    assert psql.out == "16\n"

    said = [done.said, listed.said, json.dumps(as_json), refused.said, restored.said, psql.said]
    kept = [path.read_bytes().decode(errors="replace") for path in (*on_a_server.files(), *tmp_path.rglob("*/*/*"))
            if path.is_file()]  # fmt: skip
    for secret in (KEY, SECRET):
        assert [text for text in (*said, *kept) if secret in text] == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["backup"], "Where to? Give --to with a folder or s3://bucket/prefix, or set WEATHERFLICK_BACKUP_URL."),
        (["backup", "--to", "ftp://x/y"], "Backups go to a folder or to s3://bucket/prefix, not to ftp://."),
        (["restore", "--from", "/nowhere/at/all"], "There is no folder /nowhere/at/all. Check the address."),
        (["restore", "--from", "/nowhere", "--at", "noon"], '"noon" is no time. Write it like "2026-11-30 14:00"'),
        (["pg", "rm"], "rm is none of the programs that are offered: psql, pg_dump."),
    ],
)
def test_a_mistake_is_told_in_a_sentence(on_a_server: Platform, arguments: list[str], said: str) -> None:
    done = on_a_server.run_here(*arguments)
    assert done.code == 1
    (complaint,) = done.complaints
    assert complaint.startswith(f"weatherflick: {said}")


@pytest.mark.parametrize(
    ("size", "shown"),
    [(0, "0 B"), (999, "999 B"), (1_500, "1.5 kB"), (85_900_000, "85.9 MB"), (12_300_000_000, "12.3 GB")],
)
def test_sizes_are_short(size: int, shown: str) -> None:
    assert in_bytes(size) == shown
