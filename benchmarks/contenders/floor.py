"""The floor: fetch the same pages and copy the same bodies and rows into PostgreSQL, and nothing else.

No retries, no checks, no ids, no keys or indexes on the rows, one connection. Three pages are in flight across all
lists. Pages are written while the next ones arrive.

Usage: python -m benchmarks.contenders.floor SANDBOX_URL DSN
"""

import asyncio
import hashlib
import sys
from collections import deque
from collections.abc import Mapping
from datetime import UTC, datetime

import aiohttp
import orjson
import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from benchmarks.contenders.lists import LISTS
from benchmarks.contenders.reporting import report

IN_FLIGHT = 3
ROWS_PER_PAGE = 1000

_FIELD_OF_COLUMN = {
    "content_id": "contentid",
    "content_type_id": "contenttypeid",
    "title": "title",
    "region_code": "lDongRegnCd",
    "sigungu_code": "lDongSignguCd",
    "address": "addr1",
    "address_detail": "addr2",
    "zip_code": "zipcode",
    "latitude": "mapy",
    "longitude": "mapx",
    "phone": "tel",
    "image_url": "firstimage",
    "thumbnail_url": "firstimage2",
    "image_licence": "cpyrhtDivCd",
    "class_division_code": "lclsSystm1",
    "class_group_code": "lclsSystm2",
    "class_code": "lclsSystm3",
    "legacy_area_code": "areacode",
    "legacy_sigungu_code": "sigungucode",
    "legacy_category_code_1": "cat1",
    "legacy_category_code_2": "cat2",
    "legacy_category_code_3": "cat3",
    "map_level": "mlevel",
    "created_at": "createdtime",
    "modified_at": "modifiedtime",
}
_FIELDS = tuple(field for field in _FIELD_OF_COLUMN.values() if not field.endswith("time"))
_TIMES = ("createdtime", "modifiedtime")  # the last two columns; PostgreSQL parses them once they contain a T

_CREATE_TABLES = """
CREATE TABLE floor_bodies (LIKE raw.bodies INCLUDING COMPRESSION);
CREATE TABLE floor_calls (LIKE raw.calls INCLUDING IDENTITY);
CREATE TABLE floor_places (LIKE core.attractions)
"""
# Constants replace the values that the platform computes, so that the rows are equally wide.
_CONSTANTS = """
ALTER TABLE floor_places
    ALTER region_source SET DEFAULT 'code', ALTER kto_area_code SET DEFAULT '39', ALTER completeness SET DEFAULT 1,
    ALTER source_response_id SET DEFAULT 1, ALTER published_at SET DEFAULT now(), ALTER updated_at SET DEFAULT now(),
    ALTER title DROP NOT NULL
"""
_COPY_ROWS = sql.SQL("COPY floor_places ({}) FROM STDIN").format(
    sql.SQL(", ").join(map(sql.Identifier, _FIELD_OF_COLUMN))
)
_COPY_BODIES = "COPY floor_bodies (body_sha256, body, body_bytes) FROM STDIN"
_COPY_CALLS = """
COPY floor_calls (provider, operation, request_params, http_status, result_code, body_sha256,
    api_key_id, duration_ms, fetched_at, expires_at) FROM STDIN
"""

Parameters = Mapping[str, str]


class Floor:
    """Fetches pages and copies their rows."""

    def __init__(self, url: str, connection: psycopg.Connection) -> None:
        self._address = f"{url}/B551011/KorService2/areaBasedSyncList2"
        self._connection = connection
        self._writing = asyncio.Lock()
        self._left = deque((content_type.content_type_id, region, 1) for content_type, region in LISTS)
        self.rows = 0

    async def run(self) -> None:
        """Read all lists."""
        async with aiohttp.ClientSession(headers={"User-Agent": "floor"}) as session, asyncio.TaskGroup() as workers:
            for _ in range(IN_FLIGHT):
                workers.create_task(self._work(session))
        self._connection.commit()

    async def _work(self, session: aiohttp.ClientSession) -> None:
        while self._left:
            content_type_id, region, number = self._left.popleft()
            parameters = {"contentTypeId": content_type_id, "lDongRegnCd": region, "pageNo": str(number)}
            common = {"serviceKey": "sandbox", "MobileOS": "ETC", "MobileApp": "WeatherFlick", "_type": "json"}
            query = {**common, **parameters, "numOfRows": str(ROWS_PER_PAGE)}
            async with session.get(self._address, params=query) as response:
                body = await response.read()
            content = orjson.loads(body)["response"]["body"]
            if number == 1:
                last = -(-content["totalCount"] // ROWS_PER_PAGE)
                self._left.extendleft((content_type_id, region, page) for page in range(last, 1, -1))
            items = content["items"]["item"] if content["items"] else []
            self.rows += len(items)
            async with self._writing:
                await asyncio.to_thread(self._write, parameters, body, items)

    def _write(self, parameters: Parameters, body: bytes, items: list[dict[str, str]]) -> None:
        at = datetime.now(UTC)
        with self._connection.cursor() as cursor:
            digest = hashlib.sha256(body).digest()
            with cursor.copy(_COPY_BODIES) as copy:
                copy.write_row((digest, body, len(body)))
            with cursor.copy(_COPY_CALLS) as copy:
                copy.write_row(("kto", "areaBasedSyncList2", Jsonb(parameters), 200, "0000", digest, "", 0, at, at))
            with cursor.copy(_COPY_ROWS) as copy:
                for item in items:
                    times = (f"{item[field][:8]}T{item[field][8:]}" for field in _TIMES)
                    copy.write_row([*(item[field] or None for field in _FIELDS), *times])


def work(url: str, connection: psycopg.Connection) -> dict[str, object]:
    """Read and copy everything. Times are stored as received, in Korean time."""
    floor = Floor(url, connection)
    asyncio.run(floor.run())
    return {"rows": floor.rows}


if __name__ == "__main__":
    with psycopg.connect(sys.argv[2], options="-c timezone=Asia/Seoul") as target:
        target.execute(_CREATE_TABLES)
        target.execute(_CONSTANTS)
        target.commit()
        report(lambda: work(sys.argv[1], target))
