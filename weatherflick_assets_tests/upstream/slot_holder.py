"""A program that holds call slots until it is killed, for tests of what happens then.

Usage: python -m weatherflick_assets_tests.upstream.slot_holder DSN HOST KEY NUMBERS [NUMBER_TO_WAIT_FOR]

It prints the numbers that it holds, then waits: for the other slot, or for ever.
"""

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from weatherflick_assets.upstream.call_slots import CallSlots

HOST, KEY = "https://apis.data.go.kr", "0123456789ab"


@contextmanager
def holder(dsn: str, *numbers: int, waits_for: int | None = None) -> Iterator[subprocess.Popen]:
    """A process that holds slots; it has them when this is entered."""
    command = [sys.executable, "-m", "weatherflick_assets_tests.upstream.slot_holder", dsn, HOST, KEY]
    waited = [] if waits_for is None else [str(waits_for)]
    with subprocess.Popen(
        [*command, ",".join(map(str, numbers)), *waited], stdout=subprocess.PIPE, text=True
    ) as started:
        try:
            assert started.stdout is not None
            assert json.loads(started.stdout.readline()) == list(numbers)
            yield started
        finally:
            started.kill()


async def main(dsn: str, host: str, key_id: str, numbers: Sequence[int], waited_for: Sequence[int]) -> None:
    """Hold what is asked for."""
    async with CallSlots(dsn) as slots:
        sys.stdout.write(f"{await slots.try_hold(host, key_id, numbers)}\n")
        sys.stdout.flush()
        for number in waited_for:
            await slots.wait_to_hold(host, key_id, number)
        await asyncio.Event().wait()


if __name__ == "__main__":
    address, called, key, held, *waited = sys.argv[1:]
    asyncio.run(main(address, called, key, [int(number) for number in held.split(",")], list(map(int, waited))))
