"""Lets unmodified clients from PyPI read the sandbox's weather: `python tools/third_party_clients.py PYTHON`.

PYTHON is an interpreter of an environment of its own with the clients (`pip install pydatagokr kpubdata`). They believe that
they call apis.data.go.kr: their proxy variables name a proxy that leads there to a sandbox, and SSL_CERT_FILE its certificate.
Exit code 1 if a client could not read something.
"""

import asyncio
import os
import ssl
import subprocess
import sys
import tempfile
import threading
from concurrent.futures import Future
from pathlib import Path
from urllib.parse import urlsplit

from weatherflick_assets.sandbox.catalogue import Catalogue
from weatherflick_assets.sandbox.server import RunningSandbox

HOST = "apis.data.go.kr"

READING = """
import sys
from collections import Counter
from datetime import datetime, timedelta, timezone
from importlib.metadata import version
from pydatagokr import DataGoKr
from kpubdata import Client

KST = timezone(timedelta(hours=9))
now = datetime.now(KST) - timedelta(minutes=50)
issue = max(t for d in (0, 1) for h in (2, 5, 8, 11, 14, 17, 20, 23)
            if (t := (now - timedelta(days=d)).replace(hour=h, minute=0)) <= now)
mid = max(t for d in (0, 1) for h in (6, 18) if (t := (now - timedelta(days=d)).replace(hour=h, minute=0)) <= now)
base = {"base_date": f"{issue:%Y%m%d}", "base_time": f"{issue:%H%M}", "nx": 60, "ny": 127}
failed = 0

def show(client, what, read, tell):
    global failed
    try:
        found = read()
        print(f"{client} {version(client)}  {what}: {tell(found)}")
    except Exception as error:
        failed += 1
        print(f"{client} {version(client)}  {what}: FAILED, {type(error).__name__}: {error}")

def at(rows, category, value, key="category"):
    return next(row[value] for row in rows if row[key] == category)

client = DataGoKr(api_key="sandbox")
show("pydatagokr", "weather.forecast", lambda: client.weather.forecast(**base),
     lambda rows: f"{len(rows)} rows, TMP {at(rows, 'TMP', 'forecast_value')} at {rows[0]['forecast_time']}, PCP {at(rows, 'PCP', 'forecast_value')}")
show("pydatagokr", "weather.ultra_forecast", lambda: client.weather.ultra_forecast(nx=60, ny=127),
     lambda rows: f"{len(rows)} rows, categories {len(Counter(row['category'] for row in rows))}, T1H {at(rows, 'T1H', 'forecast_value')}")
show("pydatagokr", "weather.nowcast", lambda: client.weather.nowcast(nx=60, ny=127),
     lambda rows: f"{len(rows)} rows, T1H {at(rows, 'T1H', 'observed_value')}, REH {at(rows, 'REH', 'observed_value')}")
show("pydatagokr", "midforecast.land", lambda: client.midforecast.land(regid="11B00000", time_forecast=f"{mid:%Y%m%d%H%M}"),
     lambda rows: f"{len(rows)} row, {sorted(rows[0].items())[2:8]}")
show("pydatagokr", "midforecast.temperature", lambda: client.midforecast.temperature(regid="11B10101", time_forecast=f"{mid:%Y%m%d%H%M}"),
     lambda rows: f"{len(rows)} row, {sorted(rows[0].items())[:4]}")
show("pydatagokr", "airquality.by_sido", lambda: client.airquality.by_sido(sido="서울"),
     lambda rows: f"{len(rows)} stations, {rows[0]}"[:200])
show("pydatagokr", "airquality.by_station", lambda: client.airquality.by_station(station="중구"),
     lambda rows: f"{len(rows)} hours")
public = Client(provider_keys={"datago": "sandbox"})
show("kpubdata", "datago.village_fcst", lambda: public.dataset("datago.village_fcst").list(page_size=1000, **base),
     lambda found: f"{len(found.items)} rows of {found.total_count}, TMP {at(found.items, 'TMP', 'fcstValue')}")
ultra = {**base, "base_date": f"{now:%Y%m%d}", "base_time": f"{now:%H}00"}
show("kpubdata", "datago.ultra_srt_ncst", lambda: public.dataset("datago.ultra_srt_ncst").list(**ultra),
     lambda found: f"{len(found.items)} rows, T1H {at(found.items, 'T1H', 'obsrValue')}")
show("kpubdata", "datago.air_quality", lambda: public.dataset("datago.air_quality").list(sidoName="서울", page_size=100),
     lambda found: f"{len(found.items)} of {found.total_count} stations, {found.items[0]['stationName']} PM10 {found.items[0]['pm10Value']}")
sys.exit(1 if failed else 0)
"""


def certificate(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """A certificate for the host, which signs itself: the file that a client trusts, and a server's context."""
    trusted, secret = folder / "host.pem", folder / "key.pem"
    subprocess.run(
        f"openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN={HOST} -addext subjectAltName=DNS:{HOST}".split()
        + f"-keyout {secret} -out {trusted}".split(),
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(trusted, secret)
    return trusted, context


async def proxy(sandbox_url: str, context: ssl.SSLContext, listening: "Future[int]") -> None:
    """Leads requests to the host, plain or through a tunnel, to the sandbox."""
    to = urlsplit(sandbox_url)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        if head.startswith(b"CONNECT"):
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            await writer.start_tls(context)
            head = await reader.readuntil(b"\r\n\r\n")
        first, *others = head.decode("latin-1").split("\r\n")
        method, target, protocol = first.split(" ")
        if target.startswith("http"):
            target = target.split("/", 3)[3].join(("/", ""))
        kept = [line for line in others if line and not line.lower().startswith(("connection", "proxy-connection"))]
        there, towards = await asyncio.open_connection(to.hostname, to.port)
        towards.write(
            "\r\n".join([f"{method} {target} {protocol}", *kept, "Connection: close", "", ""]).encode("latin-1")
        )
        while block := await there.read(65_536):
            writer.write(block)
            await writer.drain()
        towards.close()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    listening.set_result(server.sockets[0].getsockname()[1])
    async with server:
        await server.serve_forever()


def main(python: str) -> int:
    """Run the clients against a sandbox; their exit code."""
    with tempfile.TemporaryDirectory() as folder, RunningSandbox(catalogue=Catalogue.from_rows([])) as sandbox:
        trusted, context = certificate(Path(folder))
        listening: Future[int] = Future()
        serving = proxy(sandbox.url, context, listening)
        threading.Thread(target=asyncio.run, args=(serving,), daemon=True).start()
        address = f"http://127.0.0.1:{listening.result()}"
        surroundings = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
        of_proxy = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), address)
        done = subprocess.run(
            [python, "-c", READING], env={**surroundings, **of_proxy, "SSL_CERT_FILE": str(trusted)}, check=False
        )
        for entry in sandbox.status()["calls"]:
            sys.stdout.write(
                f"sandbox: {entry['operation']} answered {entry['answered']}, refused {entry['refused']} {entry['reasons']}\n"
            )
    return done.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
