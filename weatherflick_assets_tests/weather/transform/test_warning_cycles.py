"""The life of warnings follows from what was told, whatever was missed, repeated or unreadable."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weatherflick_assets.korea.warning_zone_names import resolve
from weatherflick_assets.sandbox.kma import warnings as sandbox
from weatherflick_assets.sandbox.kma.zones import Zone, zones
from weatherflick_assets.sandbox.weather.sky import Sky
from weatherflick_assets.settings import KST
from weatherflick_assets.weather.transform.warning_cycles import (
    EXPIRES_AFTER,
    PRELIMINARY,
    Cycles,
    Key,
    OfficeBulletin,
    Snapshot,
    Warned,
    advanced,
    office_bulletins,
    snapshot_of,
    warning_rows,
)
from weatherflick_assets.weather.transform.warnings import bulletin

START = datetime(2026, 7, 17, tzinfo=KST)
HOUR = timedelta(hours=1)
NOTHING = "o 없음"
GWANGMYEONG, GWACHEON, TAEBAEK = "L1010200", "L1010300", "L1020300"


def hour(number: float) -> datetime:
    return START + number * HOUR


def told(
    announced: float, text: str, *, effective: float | None = None, asked: float | None = None, coming: str = NOTHING
) -> Snapshot:
    """A snapshot by a bulletin of an hour, in force two hours later and asked for ten minutes after it was announced."""
    return Snapshot(
        told_at=hour(announced + 1 / 6 if asked is None else asked),
        announced_at=hour(announced),
        effective_at=hour(announced + 2 if effective is None else effective),
        in_force=text,
        expected=coming,
        response_id=int(announced) + 1,
    )


def lived(*snapshots: Snapshot, at: float = 1000, bulletins: Sequence[OfficeBulletin] = ()) -> list[Warned]:
    return list(advanced(Cycles(), snapshots, hour(at), bulletins))


HEAT = "o 폭염주의보 : 경기도(광명)"
HEAT_WARNING = "o 폭염경보 : 경기도(광명)"
RAIN = "o 호우주의보 : 경기도(과천)"


def test_a_warning_is_in_force_from_when_its_bulletin_takes_effect() -> None:
    (one,) = lived(told(4, HEAT), at=10)
    assert one.key == Key(GWANGMYEONG, "폭염", is_preliminary=False)
    assert (one.level, one.announced_at, one.effective_at, one.ended_at) == ("advisory", hour(4), hour(6), None)
    assert [one.status_at(hour(at)) for at in (4, 5.9, 6, 10)] == ["announced", "announced", "in_force", "in_force"]


def test_one_that_is_no_longer_told_is_lifted_when_that_takes_effect() -> None:
    (one,) = lived(told(4, HEAT), told(16, NOTHING), at=20)
    assert (one.ended_at, one.ending) == (hour(18), "lifted")
    assert [one.status_at(hour(at)) for at in (17, 18)] == ["in_force", "lifted"]


@pytest.mark.parametrize(
    ("first", "second", "ending"), [(HEAT, HEAT_WARNING, "raised"), (HEAT_WARNING, HEAT, "lowered")]
)
def test_another_level_ends_the_one_before(first: str, second: str, ending: str) -> None:
    old, new = lived(told(4, first), told(10, second), at=20)
    assert (old.ended_at, old.ending, old.previous_level) == (hour(12), ending, None)
    assert (new.effective_at, new.ending, new.previous_level) == (hour(12), None, old.level)


def test_one_that_is_withdrawn_before_it_took_effect_was_never_in_force() -> None:
    (one,) = lived(told(4, HEAT, effective=12), told(5, NOTHING, effective=6), at=20)
    assert (one.effective_at, one.ended_at, one.ending) == (hour(12), hour(12), "lifted")
    assert not any(one.in_force_at(hour(at)) for at in range(24))


def test_missing_snapshots_lift_nothing() -> None:
    (one,) = lived(told(4, HEAT), told(28, HEAT), at=30)
    assert (one.effective_at, one.ended_at) == (hour(6), None)


def test_one_that_nothing_has_told_for_long_has_expired_until_it_is_told_again() -> None:
    days = EXPIRES_AFTER / HOUR
    (silent,) = lived(told(4, HEAT, asked=5), at=5 + days + 1)
    assert (silent.ended_at, silent.ending) == (hour(5 + days), "expired")
    # The newest bulletin may be old, so long as it is told.
    (repeated,) = lived(told(4, HEAT, asked=5), told(4, HEAT, asked=5 + days - 1), at=5 + days + 1)
    assert repeated.ending is None
    (again,) = lived(told(4, HEAT, asked=5), told(4, HEAT, asked=5 + days + 9), at=5 + days + 10)
    assert (again.effective_at, again.ended_at, again.ending) == (hour(6), None, None)


UNREADABLE = {
    "the line of the warning": ("o 폭염주의보 : 경기도(광명", True),
    "a line without a known name": ("o 소식 : 경기도(광명)", True),
    "the line of another phenomenon": ("o 호우주의보 : 경기도(광명", False),
    "a zone that is not known": ("o 폭염주의보 : 경기도(광명동부)", True),
    "a zone that is not known in another province": ("o 폭염주의보 : 강원도(광명동부)", False),
}


@pytest.mark.parametrize(("text", "stays"), UNREADABLE.values(), ids=UNREADABLE)
def test_what_cannot_be_read_lifts_nothing_that_may_be_in_it(text: str, *, stays: bool) -> None:
    (one,) = lived(told(4, HEAT), told(10, text), at=20)
    assert (one.ending is None) == stays
    (later,) = lived(told(4, HEAT), told(10, text), told(11, NOTHING), at=20)
    assert later.ending == "lifted"


LIFTING = "[특보] 제07-1호 : 2026.07.17.09:00 / 폭염주의보 해제 (*)"
BULLETINS = {
    "of the office": (("109", LIFTING), "lifted"),
    "of all offices": (("108", LIFTING), "lifted"),
    "of another office": (("143", LIFTING), None),
    "of another level": (("109", LIFTING.replace("주의보", "경보")), None),
    "of another action": (("109", LIFTING.replace("해제", "발표")), None),
    "from before it was told": (("109", LIFTING.replace("09:00", "03:00")), None),
    "from after the snapshot": (("109", LIFTING.replace("09:00", "19:00")), None),
}


@pytest.mark.parametrize(("issued", "ending"), BULLETINS.values(), ids=BULLETINS)
def test_a_bulletin_tells_whether_what_may_be_in_an_unreadable_line_was_lifted(
    issued: tuple[str, str], ending: str | None
) -> None:
    office, title = issued
    (one,) = lived(
        told(4, HEAT),
        told(10, "o 폭염주의보 : 경기도(광명"),
        at=20,
        bulletins=[OfficeBulletin(office, bulletin(title))],
    )
    assert one.ending == ending


def test_of_a_zone_that_is_named_twice_the_higher_level_counts() -> None:
    (one,) = lived(told(4, f"{HEAT}\r\n{HEAT_WARNING}"), at=10)
    assert one.level == "warning"


COMING = "(1) 폭염 예비특보\r\no 07월 18일 오후(12시~18시) : 경기도(광명)"


def test_what_is_expected_is_announced_until_it_comes_or_is_withdrawn() -> None:
    (one,) = lived(told(4, NOTHING, coming=COMING), at=10)
    assert (one.key.is_preliminary, one.level, one.effective_at) == (True, PRELIMINARY, hour(36))
    assert (one.status_at(hour(10)), one.in_force_at(hour(40))) == ("announced", False)
    come = lived(told(4, NOTHING, coming=COMING), told(28, HEAT), at=40)
    assert {(each.key.is_preliminary, each.status_at(hour(40))) for each in come} == {
        (True, "in_force"),
        (False, "in_force"),
    }
    (withdrawn,) = lived(told(4, NOTHING, coming=COMING), told(28, NOTHING), at=40)
    assert (withdrawn.ending, withdrawn.ended_at) == ("lifted", hour(28))


def test_a_blank_text_withdraws_nothing_that_was_expected() -> None:
    item = {"tmFc": "202607180400", "tmEf": "202607180600", "t6": NOTHING, "t7": " "}
    blank = snapshot_of(item, told_at=hour(29), response_id=7)
    assert blank is not None
    (one,) = lived(told(4, NOTHING, coming=COMING), blank, at=40)
    assert one.ending is None


def test_rows_name_zones_and_count_what_could_not_be_used() -> None:
    cycles = advanced(Cycles(), [told(4, f"{HEAT}, 경기도(경기산지)\r\no 소식"), told(10, HEAT_WARNING)], hour(20))
    rows, problems = warning_rows(cycles, hour(20))
    assert problems == {"zone_unknown": 1, "line_unreadable": 1}
    assert rows["zone_code"].tolist() == [GWANGMYEONG] * 2
    assert rows["zone_name"].tolist() == ["광명"] * 2
    assert rows["status"].tolist() == ["raised", "in_force"]
    assert rows["previous_level"].tolist() == [None, "advisory"]
    assert rows["lifted_at"].isna().tolist() == [False, True]
    assert rows["effective_at"].tolist() == [hour(6), hour(12)]
    assert rows["source_response_id"].tolist() == [5, 11]


def test_an_answer_without_a_time_or_a_text_is_no_snapshot() -> None:
    item = {"tmFc": 202609110600, "tmEf": "202609110800", "t6": "o 없 음", "t7": NOTHING, "tmSeq": 77}
    read = snapshot_of(item, told_at=START, response_id=7)
    assert read is not None
    assert (read.announced_at.hour, read.effective_at.hour) == (6, 8)
    early = snapshot_of({**item, "tmEf": "-"}, told_at=START, response_id=7)
    assert early is not None
    assert early.effective_at == early.announced_at
    for missing in ({"tmFc": ""}, {"t6": None}, {"t6": " "}):
        assert snapshot_of({**item, **missing}, told_at=START, response_id=7) is None


LINES = st.sampled_from(
    [HEAT, HEAT_WARNING, RAIN, "o 폭염경보 : 경기도(과천), 강원도(태백)", "o 폭염중대경보 : 경기도", "o 폭염주의보 : 경기도(광명",
     "o 강풍주의보 : 경기도(없는곳)", "o 소식"]
)  # fmt: skip
SERIES = st.lists(
    st.tuples(
        st.integers(0, 200),
        st.floats(0, 8, allow_nan=False).map(lambda late: round(late, 2)),
        st.integers(0, 100),
        st.lists(LINES, max_size=3, unique=True).map(lambda lines: "\r\n".join(lines) or NOTHING),
        st.sampled_from([NOTHING, COMING]),
    ),
    max_size=8,
).map(
    lambda told_: [
        told(announced, text, effective=announced + late, asked=announced + asked, coming=coming)
        for announced, late, asked, text, coming in told_
    ]
)


def in_order(snapshots: Iterable[Snapshot]) -> list[Snapshot]:
    return sorted(snapshots, key=lambda one: (*one.order, one.response_id))


@given(SERIES, st.randoms(use_true_random=False))
def test_the_order_in_which_snapshots_come_does_not_matter(snapshots: list[Snapshot], random: object) -> None:
    unique = list({one.order: one for one in snapshots}.values())
    shuffled = list(unique)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert lived(*shuffled, at=300) == lived(*unique, at=300)


@given(SERIES)
def test_replaying_snapshots_changes_nothing(snapshots: list[Snapshot]) -> None:
    cycles = advanced(Cycles(), list({one.order: one for one in snapshots}.values()), hour(400))
    again = advanced(cycles, in_order({one.order: one for one in snapshots}.values()), hour(400))
    assert again == cycles


@given(SERIES, st.integers(0, 8))
def test_a_cut_anywhere_changes_nothing(snapshots: list[Snapshot], cut: int) -> None:
    series = in_order({one.order: one for one in snapshots}.values())
    # What is asked later is told later, as it is when answers are fresh.
    series = [one for place, one in enumerate(series) if all(one.told_at >= other.told_at for other in series[:place])]
    first, rest = series[:cut], series[cut:]
    until = rest[0].told_at if rest else hour(400)
    resumed = advanced(advanced(Cycles(), first, until), rest, hour(400))
    assert resumed == advanced(Cycles(), series, hour(400))


@given(SERIES)
def test_a_zone_is_never_warned_of_one_phenomenon_twice_at_a_time(snapshots: list[Snapshot]) -> None:
    by_key: dict[Key, list[Warned]] = {}
    for one in lived(*snapshots, at=300):
        by_key.setdefault(one.key, []).append(one)
    for key, track in by_key.items():
        if key.is_preliminary:
            continue
        held = [one for one in track if one.ended_at is None or one.ended_at > (one.effective_at or START)]
        held.sort(key=lambda one: one.effective_at or START)
        for earlier, later in pairwise(held):
            assert earlier.ended_at is not None
            assert later.effective_at is not None
            assert earlier.ended_at <= later.effective_at


@given(SERIES, st.integers(0, 300))
def test_what_was_in_force_in_the_past_stays_so(snapshots: list[Snapshot], at: int) -> None:
    """A later snapshot changes what is in force from its bulletin on, and nothing before, but for what had expired."""
    series = in_order({one.order: one for one in snapshots}.values())
    known = [one for one in series if one.announced_at <= hour(at)]
    before, after = lived(*known, at=300), lived(*series, at=300)
    past = {(one.key, one.level) for one in before if one.in_force_at(hour(at)) and one.ending != "expired"}
    assert past <= {(one.key, one.level) for one in after if one.in_force_at(hour(at))}


SANDBOX = sandbox.Warnings(Sky(20260701))
WEEKS = {"summer": datetime(2026, 8, 10, tzinfo=KST), "winter": datetime(2026, 1, 19, tzinfo=KST)}


@pytest.mark.parametrize("start", WEEKS.values(), ids=WEEKS)
def test_at_every_hour_of_a_week_what_is_in_force_is_what_the_sandbox_says(start: datetime) -> None:
    told_of = {code for zone in zones() for code in _codes(zone)}
    cycles, differences = Cycles(), []
    for number in range(7 * 24):
        now = start + number * HOUR
        answer = snapshot_of(SANDBOX.status(now), told_at=now, response_id=number)
        assert answer is not None
        cycles = advanced(cycles, [] if number % 5 == 3 else [answer], now)  # every fifth answer is lost
        found = {
            (one.key.zone_code, one.key.phenomenon): one.level
            for one in cycles
            # A whole province includes islands that the sandbox has no zones for.
            if one.in_force_at(now) and one.key.zone_code in told_of
        }
        said = _levels(now - 2 * HOUR)  # a decision is in force two hours later
        differences += [] if found == said else [(now, sorted(found.items() ^ said.items()))]
    assert not cycles.problems
    assert not differences
    in_force = [one for one in cycles if not one.key.is_preliminary]
    assert len({one.key.phenomenon for one in in_force}) >= 3
    assert {one.ending for one in in_force} >= {"raised", "lifted"}


_NAMES = (None, "advisory", "warning", "critical")


def _levels(at: datetime) -> dict[tuple[str, str], str]:
    """The sandbox's own levels at a time, by codes of zones; of zones with one code the highest."""
    levels = SANDBOX._levels(sandbox._decided(at))
    found: dict[tuple[str, str], int] = {}
    for phenomenon, held in zip(sandbox._PHENOMENA, levels, strict=True):
        for zone, level in zip(zones(), held.tolist(), strict=True):
            for code in _codes(zone) if level else ():
                found[code, phenomenon.name] = max(found.get((code, phenomenon.name), 0), level)
    return {key: str(_NAMES[level]) for key, level in found.items()}


def _codes(zone: Zone) -> tuple[str, ...]:
    path = dict.fromkeys(name for name in (zone.region, zone.part_of, zone.name) if name)
    parts = [part.name for part in zones() if part.part_of == zone.name and part.region == zone.region]
    return resolve(list(path), parts).codes


def test_bulletins_of_the_sandbox_are_read() -> None:
    items = [one.row for one in SANDBOX.bulletins(WEEKS["summer"].date(), WEEKS["summer"].date(), hour(1000))]
    found, unreadable = office_bulletins([*items, {"stnId": "109", "title": "[정보]"}])
    assert (len(found), unreadable) == (len(items), 1)
    assert {one.office for one in found} == {str(item["stnId"]) for item in items}
