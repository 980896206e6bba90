"""Figures: what differs is found, and the moment they are of is a place in the WAL."""

from collections.abc import Iterator
from contextlib import closing

import hypothesis
import pytest
from hypothesis import strategies as st

from weatherflick_assets.operations.backup import figures
from weatherflick_assets.operations.backup.figures import Snapshot, differences, is_place
from weatherflick_assets.warehouse import embedded
from weatherflick_assets.warehouse.connections import connect
from weatherflick_assets_tests.operations.backup.homes import Home, filled


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    with filled(tmp_path_factory.mktemp("figures")) as made:
        yield made


XIDS = st.integers(100, 110)


@hypothesis.given(ended=st.sets(XIDS), before=st.sets(XIDS), marker=st.integers(105, 111), later=st.sets(XIDS))
def test_a_moment_is_a_place_only_if_nothing_ended_up_to_the_marker(
    ended: set[int], before: set[int], marker: int, later: set[int]
) -> None:
    """A model: transactions are numbered as they begin; some have ended before the snapshot, and some by the marker."""
    begun_before = {xid for xid in before | ended if xid < marker}
    all_begun = set(range(100, marker)) | {marker}
    ends = max((xid for xid in ended if xid in begun_before), default=99) + 1
    seen = Snapshot(ends, frozenset(xid for xid in begun_before - ended if xid < ends))
    still = {xid for xid in later if xid in all_begun - ended and xid != marker}
    after = Snapshot(marker + 1, frozenset(still))
    visible_before = {xid for xid in range(100, ends) if xid not in seen.under_way}
    visible_after = {xid for xid in range(100, marker) if xid not in after.under_way}
    assert not is_place(seen, marker, after) or visible_before >= visible_after


def test_another_commit_after_the_marker_is_no_place() -> None:
    assert is_place(Snapshot(10, frozenset()), 10, Snapshot(11, frozenset()))
    assert not is_place(Snapshot(10, frozenset()), 10, Snapshot(12, frozenset()))
    assert not is_place(Snapshot(10, frozenset({7})), 10, Snapshot(11, frozenset()))
    assert is_place(Snapshot(10, frozenset({7})), 11, Snapshot(12, frozenset({7, 10})))
    assert Snapshot.of("7:10:7,8") == Snapshot(10, frozenset({7, 8}))
    assert Snapshot.of("10:10:") == Snapshot(10, frozenset())


def test_figures_tell_rows_of_all_databases_while_another_transaction_is_under_way(home: Home) -> None:
    with closing(connect(home.addresses.platform)) as writer:
        writer.execute("INSERT INTO core.places VALUES (0, 'not committed')")
        found = figures.of_server(embedded.start(home.data))
        writer.rollback()
    assert found is not None
    assert found.xid
    assert {name: {table: rows for table, (rows, _) in tables.items()} for name, tables in found.tables.items()} == {
        "weatherflick_sandbox": {"core.places": 2000},
        "weatherflick_sandbox_dagster": {"public.runs": 1},
    }
    assert (found.count, found.rows) == (2, 2001)
    assert found.tables == home.tables()


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE core.places SET title = 'x' WHERE id = 7",
        "DELETE FROM core.places WHERE id = 7",
        "INSERT INTO core.places SELECT * FROM core.places WHERE id = 8",
        "CREATE TABLE core.another ()",
        "UPDATE core.places SET id = 2000 - id",
    ],
)
def test_every_change_differs(home: Home, change: str) -> None:
    before = home.tables()
    with closing(connect(home.addresses.platform)) as session:
        session.execute(change)  # type: ignore[arg-type]
        sums = figures._sums(session, figures._locked(session))
        session.rollback()
    assert len(differences(before, {**before, "weatherflick_sandbox": sums})) == 1
    assert differences(before, home.tables()) == []


def test_differences_are_sentences() -> None:
    assert differences(
        {"db": {"t": (1, "5"), "u": (2, "6"), "w": (3, "7")}}, {"db": {"t": (1, "4"), "w": (4, "8"), "x": (0, "0")}}
    ) == [
        "db: t differs: 1 rows were backed up, 1 restored, with other content.",
        "db: u is missing.",
        "db: w differs: 3 rows were backed up, 4 restored.",
        "db: x was not there.",
    ]


def test_the_order_of_rows_plays_no_part(home: Home) -> None:
    before = home.tables()
    home.execute("CREATE TABLE core.sorted AS SELECT * FROM core.places ORDER BY title")
    try:
        sums = home.tables()["weatherflick_sandbox"]
        assert sums["core.sorted"] == before["weatherflick_sandbox"]["core.places"]
    finally:
        home.execute("DROP TABLE core.sorted")
