"""The words of messages: what happened, what to do, since when, how often; a digest names what fits."""

from dataclasses import replace
from datetime import date, datetime

from weatherflick_assets.alerts import texts
from weatherflick_assets.alerts.incidents import WORKS, Incident
from weatherflick_assets.alerts.kinds import CHECK_WARNED, RUN_FAILED, Kind

OPENED = datetime.fromisoformat("2026-11-30T02:10+09:00")


def incident(kind: Kind = RUN_FAILED, subject: str = "collect_places 50") -> Incident:
    return Incident(
        kind.name, subject, "team:data-platform", kind.severity, OPENED, OPENED, "The host failed.", "Look.", run_id="r"
    )


def test_a_beginning_says_what_happened_why_what_to_do_and_since_when() -> None:
    assert texts.of_opened(incident()) == texts.Words(
        "[error] A run of collect_places 50 failed.", "The host failed.\nLook.\nSince 11-30 02:10 (KST)."
    )


def test_an_end_stands_alone_and_says_how_often_it_happened() -> None:
    over = replace(incident(), count=3).closed(datetime.fromisoformat("2026-11-30T03:05+09:00"), WORKS)
    assert texts.of_closed(over) == texts.Words(
        "[over] It works again. Before: A run of collect_places 50 failed.",
        "From 11-30 02:10 to 11-30 03:05 (KST). It happened 3 times.\nThe host failed.",
    )
    assert "times" not in texts.of_closed(replace(over, count=1)).body


def test_a_digest_lists_what_is_open_the_gravest_first_and_what_is_over() -> None:
    words = texts.of_digest(
        date(2026, 11, 30),
        [incident(CHECK_WARNED, "core/rooms warnings 50"), incident()],
        [incident(CHECK_WARNED, "core/rooms warnings 11")],
    )
    assert words.title == "Digest of 2026-11-30: 1 error, 1 warning open, 1 over."
    assert [line.split(".")[0] for line in words.body.splitlines()] == [
        "[error] A run of collect_places 50 failed", "[warning] The check core/rooms warnings 50 warns",
        "over: [warning] The check core/rooms warnings 11 warns",
    ]  # fmt: skip


def test_a_digest_is_bounded_however_much_there_is() -> None:
    many = [replace(incident(subject=f"job {number}"), detail="word " * 500) for number in range(1_000)]
    words = texts.of_digest(date(2026, 11, 30), many, many)
    lines = words.body.splitlines()
    assert len(lines) == texts.MOST_IN_A_DIGEST + 1
    assert lines[-1] == "… and 1,970 more; `weatherflick status` lists them."
    assert max(map(len, lines)) <= 200
