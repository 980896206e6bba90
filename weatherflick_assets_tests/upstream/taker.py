"""A program that takes calls from a quota ledger, for tests that need real processes.

Usage: python -m weatherflick_assets_tests.upstream.taker DSN LIMIT KEYS DAYS HOW

KEYS and DAYS are separated by commas. HOW is `all` (take until there is nothing left), `once` (take once, then wait to be
killed) or a number (so many times take of some of the keys and days, and give everything back). It prints what it took.
"""

import asyncio
import random
import sys
from collections.abc import Sequence
from datetime import date, datetime

from weatherflick_assets.settings import KST
from weatherflick_assets.upstream.declarations import Quota
from weatherflick_assets.upstream.quota import Meter
from weatherflick_assets.upstream.quota_ledger import QuotaLedger

NOON = datetime(2026, 3, 10, 12, tzinfo=KST)
CALLS = 7


def meter_of(limit: int) -> Meter:
    """The meter that all these processes move."""
    return Meter("kto", "areaBasedList2", Quota(limit))


async def take_all(ledger: QuotaLedger, meter: Meter, keys: Sequence[str], days: Sequence[date]) -> int:
    """Take until there is nothing left of any key; return how many calls were taken."""
    total = 0
    while True:
        taken = await ledger.take(meter, keys, days, calls=CALLS, now=NOON)
        granted = sum(found.granted for found in taken.values())
        if not granted:
            return total
        total += granted


async def give_and_take(
    ledger: QuotaLedger, meter: Meter, keys: Sequence[str], days: Sequence[date], times: int
) -> None:
    """Take of some keys and days in any order and give it all back, `times` times."""
    for _ in range(times):
        some_keys = random.sample(keys, random.randint(1, len(keys)))
        some_days = random.sample(days, random.randint(1, len(days)))
        for key, taken in (await ledger.take(meter, some_keys, some_days, calls=CALLS, now=NOON)).items():
            await ledger.settle(meter, key, some_days, unused=taken.granted, used=0, refused=0)


async def main(dsn: str, limit: int, keys: Sequence[str], days: Sequence[date], how: str) -> None:
    """Do what is asked and say how many calls are this process's in the end."""
    meter = meter_of(limit)
    async with QuotaLedger(dsn) as ledger:
        match how:
            case "all":
                total = await take_all(ledger, meter, keys, days)
            case "once":
                taken = await ledger.take(meter, keys, days, calls=CALLS, now=NOON)
                total = sum(found.granted for found in taken.values())
            case _:
                await give_and_take(ledger, meter, keys, days, int(how))
                total = 0
        sys.stdout.write(f"{total}\n")
        sys.stdout.flush()
        if how == "once":
            await asyncio.Event().wait()


if __name__ == "__main__":
    address, calls, key_ids, dates, mode = sys.argv[1:]
    asyncio.run(
        main(address, int(calls), key_ids.split(","), [date.fromisoformat(day) for day in dates.split(",")], mode)
    )
