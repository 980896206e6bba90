"""How an API is reached: who, where, with which keys and which quota, as the environment says."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pydantic import SecretStr

from weatherflick_assets.errors import PlatformError
from weatherflick_assets.settings import Mode, Settings
from weatherflick_assets.upstream.declarations import Provider

SANDBOX_KEY = SecretStr("sandbox")
"""What the sandbox accepts; no secret."""


class NoUpstreamError(PlatformError):
    """Neither keys for the real APIs nor a sandbox are configured."""


@dataclass(frozen=True)
class Access:
    """One API, its host, and the keys to call it with."""

    provider: Provider
    base_url: str
    keys: Sequence[SecretStr]


def access_to(provider: Provider, settings: Settings) -> Access:
    """How `provider` is reached: the real host with the configured keys, else the sandbox.

    Raises:
        NoUpstreamError: there are no keys and no sandbox is running.
    """
    limit = settings.daily_limit(provider.name)
    if limit is not None:
        provider = replace(provider, quota=replace(provider.quota, calls=limit))
    if settings.mode is Mode.LIVE:
        return Access(provider, settings.data_go_kr_base_url, settings.api_keys(provider.name))
    if settings.sandbox_url:
        return Access(provider, settings.sandbox_url, (SANDBOX_KEY,))
    message = (
        "There is nothing to collect from: no API key is set and no sandbox is known. "
        'Set KTO_API_KEY or DATA_GO_KR_API_KEY, or start with `weatherflick up` or `eval "$(weatherflick env)"`.'
    )
    raise NoUpstreamError(message)
