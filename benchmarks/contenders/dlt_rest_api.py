"""dlt's `rest_api` source reads the same pages and merges them by id into the same PostgreSQL.

Settings: one resource per list, all parallelized; page-number paginator, which stops at the first empty page; inferred
schema; `merge` by `contentid` with dlt's default strategy (delete-insert), file format and workers; telemetry off.

Usage: python -m benchmarks.contenders.dlt_rest_api SANDBOX_URL DSN
"""

import os
import sys
import tempfile

_FOLDER = tempfile.mkdtemp(prefix="weatherflick-bench-dlt-")
os.environ.update(
    DLT_DATA_DIR=_FOLDER,
    DLT_PROJECT_DIR=_FOLDER,
    RUNTIME__DLTHUB_TELEMETRY="false",
    RUNTIME__LOG_LEVEL="ERROR",
)  # before the import, which reads them

import shutil  # noqa: E402
from typing import Any  # noqa: E402
from urllib.parse import quote  # noqa: E402

import dlt  # noqa: E402  # pyright: ignore[reportMissingImports] - of the extra `bench`
import psycopg  # noqa: E402
from dlt.sources.rest_api import rest_api_source  # noqa: E402  # pyright: ignore[reportMissingImports]
from psycopg.conninfo import conninfo_to_dict  # noqa: E402

from benchmarks.contenders.lists import LISTS  # noqa: E402
from benchmarks.contenders.reporting import report  # noqa: E402

_DATASET = "dlt_places"


def _configuration(url: str) -> Any:
    return {
        "client": {
            "base_url": f"{url}/B551011/KorService2/",
            "paginator": {"type": "page_number", "base_page": 1, "page_param": "pageNo", "total_path": None},
        },
        "resource_defaults": {
            "primary_key": "contentid",
            "write_disposition": "merge",
            "table_name": "places",
            "parallelized": True,
        },
        "resources": [
            {
                "name": f"{content_type.name}_{region_code}",
                "endpoint": {
                    "path": "areaBasedSyncList2",
                    "data_selector": "response.body.items.item",
                    "params": {
                        "serviceKey": "sandbox",
                        "MobileOS": "ETC",
                        "MobileApp": "WeatherFlick",
                        "_type": "json",
                        "numOfRows": "1000",
                        "contentTypeId": content_type.content_type_id,
                        "lDongRegnCd": region_code,
                    },
                },
            }
            for content_type, region_code in LISTS
        ],
    }


def _address(dsn: str) -> str:
    """The DSN in dlt's form. It needs a host (for a Unix socket its folder) and a password (any: none is checked)."""
    parts = conninfo_to_dict(dsn)
    host = quote(str(parts["host"]), safe="")
    return f"postgresql://{parts['user']}:{parts.get('password') or 'none'}@{host}:{parts.get('port', 5432)}/{parts['dbname']}"


def work(url: str, dsn: str) -> dict[str, object]:
    """Run the pipeline once against an empty destination."""
    pipeline = dlt.pipeline(
        pipeline_name="listed_places",
        pipelines_dir=_FOLDER,
        destination=dlt.destinations.postgres(_address(dsn)),
        dataset_name=_DATASET,
    )
    pipeline.run(rest_api_source(_configuration(url))).raise_on_failed_jobs()
    return {}


def _measured(url: str, dsn: str) -> dict[str, object]:
    found = work(url, dsn)
    with psycopg.connect(dsn) as connection:
        row = connection.execute(f"SELECT count(*) FROM {_DATASET}.places").fetchone()
    return {**found, "rows": row[0] if row else 0}


if __name__ == "__main__":
    try:
        report(lambda: _measured(*sys.argv[1:3]))
    finally:
        shutil.rmtree(_FOLDER, ignore_errors=True)
