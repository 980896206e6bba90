"""A program that holds call slots until it is killed, for tests of what happens then.

Usage: python -m weatherflick_assets_tests.warehouse.slot_holder DSN HOST KEY NUMBERS [NUMBER_TO_WAIT_FOR]

It prints the numbers that it holds, then waits: for the other slot, or for ever.
"""

import asyncio
import sys
from collections.abc import Sequence

from weatherflick_assets.warehouse.call_slots import CallSlots


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
