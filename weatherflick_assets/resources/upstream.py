"""Dagster's view of the upstream client: which host, which keys. The client itself is imported when it is made.

Keys stay in the environment and are read when a client is made; they are no configuration, which Dagster would store.
"""

from typing import TYPE_CHECKING

import dagster as dg
from pydantic import SecretStr

from weatherflick_assets.errors import PlatformError
from weatherflick_assets.settings import Mode, Settings, now
from weatherflick_assets.upstream.api_keys import KeyRing
from weatherflick_assets.upstream.kto import KTO

if TYPE_CHECKING:
    from weatherflick_assets.upstream.client import Keep, UpstreamClient

SANDBOX_KEY = SecretStr("sandbox")
"""What the sandbox accepts; no secret."""


class NoUpstreamError(PlatformError):
    """Neither keys for the real APIs nor a sandbox are configured."""


class UpstreamResource(dg.ConfigurableResource):
    """Makes clients of the upstream APIs as the environment says: the real hosts with keys, else the sandbox."""

    def kto(self, keep: "Keep") -> "UpstreamClient":
        """A client of the Korea Tourism Organization that stores its responses with `keep`.

        Raises:
            NoUpstreamError: there are no keys and no sandbox is running.
        """
        from weatherflick_assets.upstream.client import UpstreamClient

        settings = Settings()  # type: ignore[call-arg]
        if settings.mode is Mode.LIVE:
            base_url, keys = settings.data_go_kr_base_url, settings.kto_api_keys
        elif settings.sandbox_url:
            base_url, keys = settings.sandbox_url, (SANDBOX_KEY,)
        else:
            message = (
                "There is nothing to collect from: no API key is set and no sandbox is known. "
                'Set KTO_API_KEY or DATA_GO_KR_API_KEY, or start with `weatherflick up` or `eval "$(weatherflick env)"`.'
            )
            raise NoUpstreamError(message)
        return UpstreamClient(KTO, base_url=base_url, keys=KeyRing.of(KTO.name, keys), keep=keep, clock=now)
