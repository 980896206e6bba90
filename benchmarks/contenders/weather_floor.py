"""The floor of an issue: fetch the same pages and copy the same bodies and rows into PostgreSQL, and nothing else.

No retries, no checks, no keys or indexes on the rows, one connection, three pages in flight. Values are copied as the text that
they came in, into columns of text, so that nothing is read twice and nothing is converted.

Usage: python -m benchmarks.contenders.weather_floor SANDBOX_URL DSN
"""

import asyncio
import hashlib
import sys
from collections import deque
from datetime import UTC, datetime

import aiohttp
import orjson
import psycopg
from psycopg.types.json import Jsonb

from benchmarks.contenders.cells import cells, issue
from benchmarks.contenders.floor import IN_FLIGHT
from benchmarks.contenders.reporting import report

_CATEGORIES = ("TMP", "UUU", "VVV", "VEC", "WSD", "SKY", "PTY", "POP", "WAV", "PCP", "REH", "SNO", "TMN", "TMX")
_ROWS_PER_PAGE = 1000

_CREATE_TABLES = f"""
CREATE TABLE floor_bodies (LIKE raw.bodies INCLUDING COMPRESSION);
CREATE TABLE floor_calls (LIKE raw.calls INCLUDING IDENTITY);
CREATE TABLE floor_hours (nx smallint, ny smallint, issued_at timestamptz, valid_at timestamptz,
    {", ".join(f"{name.lower()} text" for name in _CATEGORIES)})
"""
_COPY_BODIES = "COPY floor_bodies (body_sha256, body, body_bytes) FROM STDIN"
_COPY_CALLS = """
COPY floor_calls (provider, operation, request_params, http_status, result_code, body_sha256,
    api_key_id, duration_ms, fetched_at, expires_at) FROM STDIN
"""
_COPY_HOURS = "COPY floor_hours FROM STDIN"


class Floor:
    """Fetches pages and copies their rows."""

    def __init__(self, url: str, connection: psycopg.Connection) -> None:
        self._address = f"{url}/1360000/VilageFcstInfoService_2.0/getVilageFcst"
        self._connection = connection
        self._writing = asyncio.Lock()
        self._issue = issue()
        self._left = deque((nx, ny) for nx, ny in cells())
        self.rows = self.values = 0

    async def run(self) -> None:
        """Read all cells."""
        async with aiohttp.ClientSession(headers={"User-Agent": "floor"}) as session, asyncio.TaskGroup() as workers:
            for _ in range(IN_FLIGHT):
                workers.create_task(self._work(session))
        self._connection.commit()

    async def _work(self, session: aiohttp.ClientSession) -> None:
        while self._left:
            nx, ny = self._left.popleft()
            items: list[dict[str, str]] = []
            total = 1
            while len(items) < total:
                parameters = {
                    "base_date": f"{self._issue:%Y%m%d}",
                    "base_time": f"{self._issue:%H%M}",
                    "nx": str(nx),
                    "ny": str(ny),
                    "pageNo": str(len(items) // _ROWS_PER_PAGE + 1),
                    "numOfRows": str(_ROWS_PER_PAGE),
                }
                query = {"serviceKey": "sandbox", "dataType": "JSON", **parameters}
                async with session.get(self._address, params=query) as response:
                    body = await response.read()
                content = orjson.loads(body)["response"]["body"]
                total = content["totalCount"]
                items += content["items"]["item"]
                async with self._writing:
                    await asyncio.to_thread(self._keep, parameters, body)
            async with self._writing:
                await asyncio.to_thread(self._copy, nx, ny, items)

    def _keep(self, parameters: dict[str, str], body: bytes) -> None:
        at = datetime.now(UTC)
        with self._connection.cursor() as cursor:
            digest = hashlib.sha256(body).digest()
            with cursor.copy(_COPY_BODIES) as copy:
                copy.write_row((digest, body, len(body)))
            with cursor.copy(_COPY_CALLS) as copy:
                copy.write_row(("kma", "getVilageFcst", Jsonb(parameters), 200, "00", digest, "", 0, at, at))

    def _copy(self, nx: int, ny: int, items: list[dict[str, str]]) -> None:
        hours: dict[str, dict[str, str]] = {}
        for item in items:
            hours.setdefault(f"{item['fcstDate']}T{item['fcstTime']}", {})[item["category"]] = item["fcstValue"]
        with self._connection.cursor() as cursor, cursor.copy(_COPY_HOURS) as copy:
            for valid_at, values in hours.items():
                copy.write_row((nx, ny, self._issue, valid_at, *map(values.get, _CATEGORIES)))
        self.rows += len(hours)
        self.values += len(items)


def work(url: str, connection: psycopg.Connection) -> dict[str, object]:
    """Read and copy everything."""
    floor = Floor(url, connection)
    asyncio.run(floor.run())
    return {"rows": floor.rows, "values": floor.values}


if __name__ == "__main__":
    with psycopg.connect(sys.argv[2], options="-c timezone=Asia/Seoul") as target:
        target.execute(_CREATE_TABLES)
        target.commit()
        report(lambda: work(sys.argv[1], target))
