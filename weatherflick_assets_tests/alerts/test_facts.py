"""What facts say of a subject: wrong or well; and what is told of once is not told of twice."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from weatherflick_assets.alerts import facts
from weatherflick_assets.alerts.facts import EndedRun, Evaluation, Freshness, Quota, Refusal, Ticking
from weatherflick_assets.alerts.incidents import Observation

NOW = datetime(2026, 11, 30, 3, tzinfo=UTC)  # noon in Korea
GIB = 2**30


def wrong(observations: Iterable[Observation]) -> dict[str, str]:
    """The problems by kind."""
    return {one.kind: one.problem for one in observations if one.problem is not None}


def run(*reasons: tuple[str, str], job: str = "collect_places", succeeded: bool = False) -> list[Observation]:
    return list(facts.of_runs([EndedRun("1", job, f"{job} 50", NOW, succeeded, reasons)]))


class TestRuns:
    def test_a_failed_run_is_told_with_its_reasons_each_once(self) -> None:
        (seen,) = run(
            ("transient", "The host failed."), ("transient", "The host failed."), ("permanent", "A page is wrong.")
        )
        assert seen == Observation(
            "run_failed", "collect_places 50", NOW, "The host failed.\nA page is wrong.", None, "1"
        )

    def test_a_run_that_died_without_a_reason_is_told_all_the_same(self) -> None:
        assert run()[0].problem == "It ended without a reason."

    def test_a_run_that_succeeded_says_that_its_job_works(self) -> None:
        (seen,) = run(succeeded=True)
        assert (seen.kind, seen.problem) == ("run_failed", None)

    @pytest.mark.parametrize("kind", ["held_back", "exhausted", "refused", "no_keys"])
    def test_a_run_that_another_incident_tells_of_or_that_was_a_skip_is_none_of_its_own(self, kind: str) -> None:
        assert run((kind, "It could not.")) == []

    def test_what_failed_besides_is_told(self) -> None:
        assert run(("held_back", "A rule failed."), ("unexpected", "A bug."))[0].problem == "A bug."

    def test_a_failed_backup_is_a_kind_of_its_own(self) -> None:
        assert run(("permanent", "No room."), job="make_backup")[0].kind == "backup_failed"
        assert run(job="make_backup", succeeded=True)[0].kind == "backup_failed"


class TestChecks:
    def seen(self, check: str = "publishable", *, passed: bool = False, is_error: bool = True) -> list[Observation]:
        return list(
            facts.of_checks([Evaluation(check, f"core/rooms {check} 50", NOW, passed, is_error, "2 rules failed.")])
        )

    @pytest.mark.parametrize(("is_error", "kind"), [(True, "check_failed"), (False, "check_warned")])
    def test_a_failed_check_is_as_grave_as_it_says(self, *, is_error: bool, kind: str) -> None:
        assert wrong(self.seen(is_error=is_error)) == {kind: "2 rules failed."}

    def test_a_check_that_passes_ends_what_it_said_at_either_severity(self) -> None:
        assert {one.kind for one in self.seen(passed=True)} == {"check_failed", "check_warned"}
        assert wrong(self.seen(passed=True)) == {}

    @pytest.mark.parametrize(("check", "kind"), [("fresh", "data_stale"), ("schema_drift", "schema_drift")])
    @pytest.mark.parametrize("is_error", [True, False])
    def test_stale_data_and_a_changed_schema_are_kinds_of_their_own(
        self, check: str, kind: str, *, is_error: bool
    ) -> None:
        assert wrong(self.seen(check, is_error=is_error)) == {kind: "2 rules failed."}
        assert [one.kind for one in self.seen(check, passed=True)] == [kind]


class TestQuotas:
    def wrong(self, left: int, hours: float) -> set[str]:
        quota = Quota("kto detailCommon2", 1_000, left, NOW + timedelta(hours=hours))
        return set(wrong(facts.of_quotas([quota], NOW)))

    @pytest.mark.parametrize(
        ("left", "hours", "kinds"),
        [
            (1_000, 12, set()),
            (200, 12, set()),
            (199, 12, {"quota_low"}),
            (50, 12, {"quota_low"}),
            (49, 12, {"quota_low", "quota_nearly_spent"}),
            (0, 12, {"quota_low", "quota_nearly_spent", "quota_spent_early"}),
            (0, 6, {"quota_low", "quota_nearly_spent"}),
        ],
    )
    def test_a_quota_is_told_above_80_and_95_per_cent_and_when_it_is_spent_early(
        self, left: int, hours: float, kinds: set[str]
    ) -> None:
        assert self.wrong(left, hours) == kinds

    def test_a_quota_that_was_spent_early_is_not_over_because_its_reset_is_near(self) -> None:
        quota = Quota("kto detailCommon2", 1_000, 0, NOW + timedelta(hours=5))
        (seen,) = (one for one in facts.of_quotas([quota], NOW) if one.kind == "quota_spent_early")
        assert (seen.problem, seen.is_between) == (None, True)

    def test_the_sentence_has_the_figures_and_the_reset_in_korean_time(self) -> None:
        quota = Quota("kto detailCommon2", 1_000, 0, NOW + timedelta(hours=12))
        said = wrong(facts.of_quotas([quota], NOW))["quota_spent_early"]
        assert said == "1,000 of 1,000 calls are spent; the reset is at 12-01 00:00."


def test_a_refused_key_is_told_until_a_call_with_it_is_answered() -> None:
    refused = Refusal("kto 0123456789ab", "The key has expired.", NOW, NOW + timedelta(hours=1), None)
    (seen,) = facts.of_refusals([refused])
    assert (seen.at, seen.problem) == (NOW, "The key has expired. It is tried again at 11-30 13:00.")
    _, again = facts.of_refusals([replace(refused, answered_at=NOW + timedelta(hours=2))])
    assert (again.at, again.problem) == (NOW + timedelta(hours=2), None)


@pytest.mark.parametrize(
    ("size", "free", "told"),
    [
        (100 * GIB, 4 * GIB, True),
        (100 * GIB, 6 * GIB, None),  # in between nothing changes
        (100 * GIB, 7 * GIB, False),
        (20 * GIB, 1 * GIB, True),
        (20 * GIB, 3 * GIB, False),
        (4_000 * GIB, 10 * GIB, False),
    ],
)
def test_a_disk_is_nearly_full_below_a_tenth_and_five_gibibytes(size: int, free: int, *, told: bool | None) -> None:
    seen = list(facts.of_disk("/data", size, free, NOW))
    assert [None if one.is_between else one.problem is not None for one in seen] == [told]


class TestTicks:
    def wrong(self, *, since: timedelta = timedelta(days=1), **facts_of_it: object) -> dict[str, str]:
        ticking = Ticking(**{"subject": "sensor publish_pending", "is_on": True, **facts_of_it})  # type: ignore[arg-type]
        return wrong(facts.of_ticks([ticking], NOW, NOW - since))

    def test_what_ticks_is_well(self) -> None:
        assert self.wrong(due_at=NOW + timedelta(seconds=20), ticked_at=NOW) == {}

    def test_a_tick_that_failed_is_told_with_its_error(self) -> None:
        assert self.wrong(due_at=NOW, ticked_at=NOW, failure="KeyError: 'x'") == {"tick_failed": "KeyError: 'x'"}

    def test_what_did_not_tick_when_it_was_due_has_stopped(self) -> None:
        assert self.wrong(due_at=NOW - timedelta(minutes=14)) == {}
        said = self.wrong(due_at=NOW - timedelta(minutes=16))
        assert said == {"not_ticking": "Its next tick was due at 11-30 11:44."}

    def test_what_was_due_while_nobody_looked_has_not_stopped(self) -> None:
        assert self.wrong(due_at=NOW - timedelta(hours=9), since=timedelta(minutes=5)) == {}

    def test_what_is_switched_off_is_told_as_that_and_not_as_stopped(self) -> None:
        assert set(self.wrong(is_on=False, due_at=NOW - timedelta(hours=9))) == {"switched_off"}


def test_an_asset_that_was_not_made_for_too_long_is_told() -> None:
    stale, made = (
        Freshness(name, name == "raw/a", NOW - timedelta(hours=1), "team:weather") for name in ("raw/a", "raw/b")
    )
    seen = list(facts.of_freshness([stale, made], NOW))
    assert [(one.subject, one.problem, one.owner) for one in seen] == [
        ("raw/a", "It counts as stale since 11-30 11:00.", "team:weather"), ("raw/b", None, "team:weather"),
    ]  # fmt: skip


def test_a_channel_that_has_failed_several_times_is_told() -> None:
    assert wrong(facts.of_channels({"slack": "invalid_auth", "mailtos a.example": None}, NOW)) == {
        "channel_failed": "invalid_auth"
    }
