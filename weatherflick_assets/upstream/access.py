"""How an API is reached: its address, keys and quota, from the environment."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pydantic import SecretStr, ValidationError

from weatherflick_assets.errors import PlatformError
from weatherflick_assets.redaction import Redactor
from weatherflick_assets.settings import PROVIDERS, Mode, Settings
from weatherflick_assets.upstream.api_keys import ApiKey
from weatherflick_assets.upstream.declarations import Provider

_SANDBOX_KEY = "sandbox"
"""The key that the sandbox accepts; not a secret."""


class NoUpstreamError(PlatformError):
    """Neither keys for the real APIs nor a sandbox are configured."""


class NoKeysError(PlatformError):
    """The platform is live and this provider has no keys, so it is skipped."""


class KeyFormError(PlatformError):
    """A configured key has a different number of parts from the provider's keys."""


@dataclass(frozen=True)
class Access:
    """One API, its host, and the keys to call it with."""

    provider: Provider
    base_url: str
    keys: Sequence[SecretStr]


def why_skipped(provider_name: str, settings: Settings) -> str | None:
    """Why nothing is collected from a provider: others have keys and this one has none. None if it is collected from."""
    if settings.mode is not Mode.LIVE or settings.api_keys(provider_name):
        return None
    variables = " or ".join(PROVIDERS[provider_name])
    return f"{provider_name} is skipped: no API key for it is set. Set {variables} to collect from it."


def access_to(provider: Provider, settings: Settings) -> Access:
    """How `provider` is reached: the real host with the configured keys, or the sandbox where no provider has keys.

    Raises:
        NoKeysError: other providers have keys and this one has none. The sandbox does not stand in for it.
        KeyFormError: a key does not have the provider's form.
        NoUpstreamError: no provider has keys and no sandbox is running.
    """
    limit = settings.daily_limit(provider.name)
    if limit is not None:
        provider = replace(provider, quota=replace(provider.quota, calls=limit))
    variables = " or ".join(PROVIDERS[provider.name])
    if settings.mode is Mode.LIVE:
        keys = settings.api_keys(provider.name)
        if reason := why_skipped(provider.name, settings):
            raise NoKeysError(reason)
        if any(key.get_secret_value().count(":") < provider.key.parts - 1 for key in keys):
            raise KeyFormError(
                f"A key in {variables} is not a pair. Write it as id:secret, several separated by commas."
            )
        return Access(provider, settings.base_url(provider.host), keys)
    if settings.sandbox_url:
        return Access(provider, settings.sandbox_url, (SecretStr(":".join([_SANDBOX_KEY] * provider.key.parts)),))
    message = (
        "There is nothing to collect from: no API key is set and no sandbox is known. "
        f'Set {variables}, or start with `weatherflick up` or `eval "$(weatherflick env)"`.'
    )
    raise NoUpstreamError(message)


def without_secrets(text: str) -> str:
    """A text that leaves the process, without the keys, passwords and tokens that the environment holds.

    What is sent and kept is searched before that, in the client. This is for what is said.
    """
    try:
        settings = Settings()  # type: ignore[call-arg]
    except ValidationError:
        return text  # nothing begins with such an environment, and what is said of it repeats no value
    secrets = [ApiKey.of(key).parts(2) for name in PROVIDERS for key in settings.api_keys(name)]
    keys = [part for parts in secrets for part in parts]
    others = (*settings.database_passwords, *settings.alert_secrets, *settings.backup_secrets)
    return Redactor([*keys, *others]).text(text)
