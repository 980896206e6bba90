"""When the catalogue is collected, in Korean time.

The quotas begin anew at midnight in Korea. The change feed is read first, so that the plan knows what changed; then the
day's calls for details are planned, and a sensor has the plan followed (`places/sensors.py`).
"""

from collections.abc import Sequence
from datetime import datetime

from weatherflick_assets.orchestration.schedules import once, schedule
from weatherflick_assets.places import jobs
from weatherflick_assets.places.partitions import REGION_PARTITIONS


def _day(at: datetime) -> Sequence[str]:
    return [at.date().isoformat()]


def _regions(_at: datetime) -> Sequence[str]:
    return REGION_PARTITIONS.get_partition_keys()


SCHEDULES = (
    schedule(
        jobs.collect_changes_job,
        "5 0 * * *",
        _day,
        "Reads what changed since yesterday, newest first; the regions it touched are published afterwards.",
    ),
    schedule(jobs.collect_festivals_job, "15 0 * * *", _day, "Reads the dates of festivals."),
    schedule(
        jobs.plan_details_job,
        "30 0 * * *",
        once,
        "Plans the day's calls for details, after the quota has begun anew.",
    ),
    schedule(
        jobs.collect_places_job,
        "0 2 * * sun",
        _regions,
        "Lists every place of every region anew: what the change feed can't see is found here.",
    ),
    schedule(jobs.collect_codes_job, "0 3 * * mon", once, "Reads the code tables."),
    schedule(jobs.collect_pets_job, "15 3 * * mon", once, "Reads the rules for pets, of the whole country at once."),
    schedule(jobs.collect_stays_job, "30 3 * * mon", once, "Reads the list of places to stay."),
    schedule(jobs.check_quotas_job, "0 6,12,18 * * *", once, "Looks at the quotas while there is time to act."),
)
