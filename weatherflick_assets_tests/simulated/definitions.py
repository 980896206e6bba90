"""The platform's definitions, with a client that goes by the simulated time and never waits."""

from dataclasses import replace

import dagster as dg

from weatherflick_assets.build import build_defs
from weatherflick_assets.orchestration.upstream import UpstreamResource
from weatherflick_assets.settings import now
from weatherflick_assets.upstream.access import Access
from weatherflick_assets.upstream.client import UpstreamClient
from weatherflick_assets.upstream.declarations import Provider, RateLimit
from weatherflick_assets.warehouse.response_store import ResponseStore


class SimulatedUpstream(UpstreamResource):
    """Reaches the APIs as the environment says, without pauses, and charges calls to the simulated day."""

    def client(self, provider: Provider, responses: ResponseStore, dsn: str) -> UpstreamClient:
        """A client whose clock is the simulated one; in operation it is the database's."""
        access = self.access(provider)
        return UpstreamClient(access, responses.keep, dsn, clock=now, retry_budget=self._retry_budget)

    def access(self, provider: Provider) -> Access:
        """The same without waiting between attempts."""
        found = super().access(provider)
        pace = RateLimit(in_flight=3, per_second=1000)
        return replace(found, provider=replace(found.provider, back_off_seconds=(0.0, 0.0), rate_limit=pace))


defs: dg.Definitions = build_defs(resources={"upstream": SimulatedUpstream()})
