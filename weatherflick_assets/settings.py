"""The platform's environment, typed, and the one clock.

It declares everything that a deployment may set: hosts, providers and their keys, limits, folders. Settings are read
when used, never at import, so definitions load with an empty environment. Facts that are the same in every deployment
(operations, tables, regions) do not belong here.
"""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from io import StringIO
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from dotenv import dotenv_values
from pydantic import Field, SecretStr, create_model, model_validator
from pydantic_settings import BaseSettings, DotEnvSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from weatherflick_assets.alert_addresses import secrets_of
from weatherflick_assets.env_text import bare, decoded, joined
from weatherflick_assets.errors import PlatformError

KST = ZoneInfo("Asia/Seoul")
"""Business days, schedules and issue times are Korean; Korea has no daylight saving time."""

FIRST_DAY = date(2026, 1, 1)
"""The day of the first partition. Nothing earlier was ever collected."""

Clock = Callable[[], datetime]
"""Returns the current time, aware."""


@dataclass(frozen=True)
class Host:
    """A host that serves APIs.

    Attributes:
        variable: the environment variable that replaces its base URL.
        base_url: scheme and host used otherwise.
    """

    variable: str
    base_url: str


DATA_GO_KR = Host("DATA_GO_KR_BASE_URL", "https://apis.data.go.kr")
NAVER = Host("NAVER_BASE_URL", "https://openapi.naver.com")
GOOGLE_PLACES = Host("GOOGLE_PLACES_BASE_URL", "https://places.googleapis.com")

HOSTS = (DATA_GO_KR, NAVER, GOOGLE_PLACES)

_DATA_GO_KR_KEY = "DATA_GO_KR_API_KEY"

PROVIDERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "kto": ("KTO_API_KEY", _DATA_GO_KR_KEY),
        "kma": ("KMA_API_KEY", _DATA_GO_KR_KEY),
        "airkorea": ("AIRKOREA_API_KEY", _DATA_GO_KR_KEY),
        "kasi": ("KASI_API_KEY", _DATA_GO_KR_KEY),
        "naver": ("NAVER_API_KEY",),
        "google_places": ("GOOGLE_PLACES_API_KEY",),
    }
)
"""Every provider and the environment variables that may hold its keys; the first one set counts.

A provider also has `<PROVIDER>_API_DAILY_LIMIT`.
"""


def now() -> datetime:
    """The current time in UTC, aware: the clock that is injected wherever time matters."""
    return datetime.now(UTC)


def korean_time(at: datetime) -> str:
    """A time for people, to the minute, in Korea."""
    return f"{at.astimezone(KST):%Y-%m-%d %H:%M}"


def bounds(day: date) -> tuple[datetime, datetime]:
    """When a day in Korea begins and ends."""
    start = datetime.combine(day, time(), KST)
    return start, start + timedelta(days=1)


class EnvFileError(PlatformError):
    """The `.env` file can't be read."""


class Mode(StrEnum):
    """Whether the world outside is the real one or the sandbox; the two never share a database."""

    LIVE = "live"
    SANDBOX = "sandbox"


CHILD_OF_UP = "WEATHERFLICK_CHILD_OF_UP"
"""The variable by which the processes of a `weatherflick up` are recognised."""

_FOR_PROGRAMS = re.compile(
    "PATH|HOME|USER|LOGNAME|TMPDIR|TERM|TZ|LANG|LANGUAGE|VIRTUAL_ENV|LD_LIBRARY_PATH|DYLD_LIBRARY_PATH|WEATHERFLICK_HOME"
    f"|(LC|PYTHON|XDG|OMP|OPENBLAS|MKL|MALLOC|COV|COVERAGE)_?[A-Z_]*|{CHILD_OF_UP}"
)
_FOR_THE_WORK = re.compile(
    "(HTTPS?|ALL|NO)_PROXY|SSL_CERT_(FILE|DIR)|(REQUESTS|CURL)_CA_BUNDLE|(WEATHERFLICK|DAGSTER|GRPC)_.*", re.IGNORECASE
)

_FOR_BACKUPS = re.compile("AWS_.*|WEATHERFLICK_BACKUP_.*")


def environment_of_a_child(*, with_settings: bool, with_backups: bool = False) -> dict[str, str]:
    """What a process that this one starts gets of its environment.

    Args:
        with_settings: for one that calls upstreams or works on the database. Others get no key, no password, no proxy.
        with_backups: for one that makes backups. Others can't reach or open them.
    """
    ours = {str(field.validation_alias) for field in Settings.model_fields.values()} if with_settings else set()
    return {
        name: value
        for name, value in os.environ.items()
        if (
            with_backups
            if _FOR_BACKUPS.fullmatch(name)
            else _FOR_PROGRAMS.fullmatch(name) or (with_settings and (name in ours or _FOR_THE_WORK.fullmatch(name)))
        )
    }


def _limit_variable(provider_name: str) -> str:
    return f"{provider_name.upper()}_API_DAILY_LIMIT"


def _fields(type_: Any, variables: set[str], **constraints: Any) -> dict[str, Any]:
    """Optional fields named after their environment variables."""
    return {name.lower(): (type_ | None, Field(None, validation_alias=name, **constraints)) for name in variables}


_Upstreams = create_model(
    "_Upstreams",
    __base__=BaseSettings,
    **_fields(SecretStr, {name for variables in PROVIDERS.values() for name in variables}),
    **_fields(int, set(map(_limit_variable, PROVIDERS)), ge=1, le=10_000_000),
    **_fields(str, {host.variable for host in HOSTS}),
)
"""A field for every variable of a host or provider. Use the methods of `Settings` to read them."""


class _EnvFile(DotEnvSettingsSource):
    """The `.env` file, in whatever encoding an editor saved it."""

    def _read_env_file(self, file_path: Path) -> Mapping[str, str | None]:
        try:
            text = decoded(file_path.read_bytes())
        except UnicodeDecodeError:
            reason = "is not text in UTF-8"
        except OSError as error:
            reason = f"can't be read ({error.strerror})"
        else:
            # Variables that hold nothing are left out, as an empty one is.
            return {name.lower(): value for name, value in dotenv_values(stream=StringIO(text)).items() if value}
        raise EnvFileError(f"{file_path.absolute()} {reason}. Save it as UTF-8, with lines of the form NAME=value.")


class Settings(_Upstreams):
    """What the environment, or a `.env` file in the working folder, says. An empty variable counts as unset.

    Raises:
        EnvFileError: there is a `.env` file, and it can't be read.
    """

    model_config = SettingsConfigDict(env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True)

    home: Path = Field(Path(".weatherflick"), validation_alias="WEATHERFLICK_HOME")
    database_url: SecretStr | None = Field(None, validation_alias="WEATHERFLICK_DATABASE_URL")
    sandbox_url: str | None = Field(None, validation_alias="WEATHERFLICK_SANDBOX_URL")

    backup_url: str | None = Field(None, validation_alias="WEATHERFLICK_BACKUP_URL")
    backup_key: SecretStr | None = Field(None, validation_alias="WEATHERFLICK_BACKUP_KEY")
    aws_access_key_id: str | None = Field(None, validation_alias="AWS_ACCESS_KEY_ID")
    aws_secret_access_key: SecretStr | None = Field(None, validation_alias="AWS_SECRET_ACCESS_KEY")
    aws_session_token: SecretStr | None = Field(None, validation_alias="AWS_SESSION_TOKEN")
    aws_region: str | None = Field(None, validation_alias="AWS_REGION")
    aws_endpoint_url: str | None = Field(None, validation_alias="AWS_ENDPOINT_URL")

    sandbox_scale: float = Field(1.0, validation_alias="WEATHERFLICK_SANDBOX_SCALE", gt=0, le=10)
    sandbox_catalogue: Path | None = Field(None, validation_alias="WEATHERFLICK_SANDBOX_CATALOGUE")
    sandbox_details: Path | None = Field(None, validation_alias="WEATHERFLICK_SANDBOX_DETAILS")

    schedules: str | None = Field(None, validation_alias="WEATHERFLICK_SCHEDULES")

    slack_bot_token: SecretStr | None = Field(None, validation_alias="SLACK_BOT_TOKEN")
    slack_channel: str | None = Field(None, validation_alias="SLACK_CHANNEL")
    slack_base_url: str | None = Field(None, validation_alias="SLACK_BASE_URL")
    alert_urls: SecretStr | None = Field(None, validation_alias="ALERT_URLS")
    ui_url: str | None = Field(None, validation_alias="WEATHERFLICK_UI_URL")

    def __init__(self, **values: Any) -> None:
        super().__init__(_env_file=None, **values)  # the library knows one encoding of the file only

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment before the file."""
        return init_settings, env_settings, _EnvFile(settings_cls)

    @model_validator(mode="before")
    @classmethod
    def _as_meant(cls, variables: Mapping[str, object]) -> dict[str, object]:
        texts = {name: bare(value) if isinstance(value, str) else value for name, value in variables.items()}
        return {name: value for name, value in texts.items() if value != ""}

    @property
    def state_folder(self) -> Path:
        """`WEATHERFLICK_HOME` as an absolute path; this does not create it."""
        return self.home.expanduser().absolute()

    @property
    def mode(self) -> Mode:
        """Live as soon as a key of any provider is set, otherwise sandbox."""
        return Mode.LIVE if any(map(self.api_keys, PROVIDERS)) else Mode.SANDBOX

    @property
    def base_urls(self) -> dict[str, str]:
        """The base URLs that replace the hosts' defaults, by variable."""
        return {host.variable: url for host in HOSTS if (url := self._value_of(host.variable))}

    def base_url(self, host: Host) -> str:
        """Scheme and host to call."""
        return self.base_urls.get(host.variable, host.base_url)

    def api_keys(self, provider_name: str) -> tuple[SecretStr, ...]:
        """The keys of a provider; none if no variable of it is set."""
        return next(filter(None, (_split(self._value_of(name)) for name in PROVIDERS[provider_name])), ())

    def daily_limit(self, provider_name: str) -> int | None:
        """Calls per day that a key may make of one operation; None if the declared quota applies."""
        return self._value_of(_limit_variable(provider_name))

    @property
    def database_passwords(self) -> tuple[str, ...]:
        """The password in the database's address, as written and decoded; none if it is a word of the address anyway."""
        address = self.database_url.get_secret_value() if self.database_url else ""
        found = re.match(r"[^/]*//([^:/@]*):(.*)@(.*)", address, re.DOTALL)
        if found is None or found[2] == found[1] or found[2] in re.split(r"[:/?]", found[3]):
            return ()
        return found[2], unquote(found[2])

    @property
    def alert_secrets(self) -> tuple[str, ...]:
        """What must not be shown of the channels that messages about incidents go through."""
        token = [joined(self.slack_bot_token.get_secret_value())] if self.slack_bot_token else []
        return (*token, *(secrets_of(self.alert_urls.get_secret_value()) if self.alert_urls else ()))

    @property
    def backup_secrets(self) -> tuple[str, ...]:
        """What opens the backups, and the object store that they are in."""
        found = (self.backup_key, self.aws_secret_access_key, self.aws_session_token)
        return tuple(secret.get_secret_value() for secret in found if secret)

    def _value_of(self, variable: str) -> Any:
        return getattr(self, variable.lower())


def _split(keys: SecretStr | None) -> tuple[SecretStr, ...]:
    """Split a comma-separated list. What copied keys bring along is removed."""
    if keys is None:
        return ()
    return tuple(SecretStr(key) for key in map(joined, keys.get_secret_value().split(",")) if key)
