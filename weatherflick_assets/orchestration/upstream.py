"""Dagster's view of the upstream client: which host, which keys, and one retry budget for a run.

Keys stay in the environment and are read when a client is created. They are not Dagster configuration, because Dagster
would store them. The client itself is imported when it is created.
"""

from typing import TYPE_CHECKING

import dagster as dg
from pydantic import PrivateAttr

from weatherflick_assets.settings import Settings, now
from weatherflick_assets.upstream.access import Access, access_to
from weatherflick_assets.upstream.declarations import Provider
from weatherflick_assets.upstream.retry_budget import RetryBudget

if TYPE_CHECKING:
    from weatherflick_assets.upstream.client import UpstreamClient
    from weatherflick_assets.warehouse.response_store import ResponseStore


class UpstreamResource(dg.ConfigurableResource):
    """Makes clients of the upstream APIs as the environment says: the real hosts with keys, else the sandbox."""

    _retry_budget: RetryBudget = PrivateAttr()

    def setup_for_execution(self, context: dg.InitResourceContext) -> None:  # noqa: ARG002
        """Start the retry budget of a run, which pays for every retry in its steps, retried steps included."""
        self._retry_budget = RetryBudget(now)

    def client(self, provider: Provider, responses: "ResponseStore", dsn: str) -> "UpstreamClient":
        """A client of `provider` that stores answers in `responses` and counts its calls in the database."""
        from weatherflick_assets.upstream.client import UpstreamClient

        return UpstreamClient(self.access(provider), responses.keep, dsn, retry_budget=self._retry_budget)

    def access(self, provider: Provider) -> Access:
        """Where `provider` is reached, with which keys, and what these may call; see `access_to` for its errors."""
        return access_to(provider, Settings())
