"""The platform's environment, typed, and the one clock.

What a deployment may set is declared here and nowhere else, and is read when it is used, never at import: definitions
load with an empty environment. Facts that do not differ between deployments (operations, tables, regions) are not here.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

KST = ZoneInfo("Asia/Seoul")
"""Business days, schedules and issue times are Korean; Korea has no daylight saving time."""

Clock = Callable[[], datetime]
"""Returns the current time, aware."""

DATA_GO_KR_BASE_URL = "https://apis.data.go.kr"


def now() -> datetime:
    """The current time, aware, in UTC: the clock that is injected wherever time matters."""
    return datetime.now(UTC)


class Mode(StrEnum):
    """Whether the world outside is the real one or the sandbox; the two never share a database."""

    LIVE = "live"
    SANDBOX = "sandbox"


class Settings(BaseSettings):
    """What the environment, or a `.env` file in the working folder, says. An empty variable counts as unset."""

    model_config = SettingsConfigDict(
        env_file=".env", env_file_encoding="utf-8", env_ignore_empty=True, extra="ignore", frozen=True
    )

    home: Path = Field(Path(".weatherflick"), validation_alias="WEATHERFLICK_HOME")
    database_url: SecretStr | None = Field(None, validation_alias="WEATHERFLICK_DATABASE_URL")
    sandbox_url: str | None = Field(None, validation_alias="WEATHERFLICK_SANDBOX_URL")

    sandbox_scale: float = Field(1.0, validation_alias="WEATHERFLICK_SANDBOX_SCALE", gt=0, le=10)
    sandbox_catalogue: Path | None = Field(None, validation_alias="WEATHERFLICK_SANDBOX_CATALOGUE")
    sandbox_details: Path | None = Field(None, validation_alias="WEATHERFLICK_SANDBOX_DETAILS")

    data_go_kr_api_key: SecretStr | None = Field(None, validation_alias="DATA_GO_KR_API_KEY")
    kto_api_key: SecretStr | None = Field(None, validation_alias="KTO_API_KEY")
    kto_api_daily_limit: int | None = Field(None, validation_alias="KTO_API_DAILY_LIMIT", ge=1, le=10_000_000)
    data_go_kr_base_url: str = Field(DATA_GO_KR_BASE_URL, validation_alias="DATA_GO_KR_BASE_URL")

    @property
    def state_folder(self) -> Path:
        """`WEATHERFLICK_HOME` as an absolute path; not created by asking."""
        return self.home.expanduser().absolute()

    @property
    def mode(self) -> Mode:
        """Live as soon as any key is configured, otherwise sandbox."""
        return Mode.LIVE if self.api_keys("kto") else Mode.SANDBOX

    def api_keys(self, provider_name: str) -> tuple[SecretStr, ...]:
        """The keys for a provider; `DATA_GO_KR_API_KEY` stands in."""
        return _split(getattr(self, f"{provider_name}_api_key") or self.data_go_kr_api_key)

    def daily_limit(self, provider_name: str) -> int | None:
        """How many calls a day a key of the provider may make of one operation, where it differs from what is usual."""
        return getattr(self, f"{provider_name}_api_daily_limit")


def _split(keys: SecretStr | None) -> tuple[SecretStr, ...]:
    """Split a comma-separated list; copied keys carry spaces and newlines, which go."""
    if keys is None:
        return ()
    return tuple(SecretStr("".join(key.split())) for key in keys.get_secret_value().split(",") if key.strip())
