"""What the environment and `.env` say of providers: keys, limits, base URLs, and whether the platform is live."""

import os
from pathlib import Path

import pytest
from pydantic import ValidationError

from weatherflick_assets.build import DOMAINS
from weatherflick_assets.redaction import REDACTED
from weatherflick_assets.settings import DATA_GO_KR, HOSTS, NAVER, PROVIDERS, Mode, Settings, environment_of_a_child
from weatherflick_assets.upstream.access import without_secrets

OF_DATA_GO_KR = ("kto", "kma", "airkorea", "kasi")


def settings(monkeypatch: pytest.MonkeyPatch, **environment: str) -> Settings:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return Settings()  # type: ignore[call-arg]


def keys_of(provider: str, found: Settings) -> list[str]:
    return [key.get_secret_value() for key in found.api_keys(provider)]


def test_every_provider_that_a_domain_declares_can_be_given_keys_and_every_host_another_address() -> None:
    declared = {operation.provider.name: operation.provider for domain in DOMAINS for operation in domain.operations}
    assert declared.keys() <= PROVIDERS.keys()
    assert {provider.host for provider in declared.values()} <= set(HOSTS)


def test_without_keys_everything_is_the_sandbox_and_every_host_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    found = settings(monkeypatch)
    assert found.mode is Mode.SANDBOX
    assert [found.base_url(host) for host in HOSTS] == [host.base_url for host in HOSTS]
    assert {(found.api_keys(name), found.daily_limit(name)) for name in PROVIDERS} == {((), None)}


@pytest.mark.parametrize("provider", PROVIDERS)
def test_any_key_of_any_provider_makes_the_platform_live(monkeypatch: pytest.MonkeyPatch, provider: str) -> None:
    found = settings(monkeypatch, **{f"{provider.upper()}_API_KEY": "one, two\n,,t hree"})
    assert found.mode is Mode.LIVE
    assert keys_of(provider, found) == ["one", "two", "three"]
    assert [name for name in PROVIDERS if found.api_keys(name)] == [provider]


def test_one_key_of_the_portal_stands_in_for_its_four_providers_and_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    found = settings(monkeypatch, DATA_GO_KR_API_KEY="shared", KMA_API_KEY="own", KASI_API_KEY="")
    assert found.mode is Mode.LIVE
    assert {name: keys_of(name, found) for name in PROVIDERS if found.api_keys(name)} == {
        name: ["own" if name == "kma" else "shared"] for name in OF_DATA_GO_KR
    }


@pytest.mark.parametrize("blank", ["", " ", ", ,\n"])
def test_blank_keys_are_no_keys(monkeypatch: pytest.MonkeyPatch, blank: str) -> None:
    found = settings(monkeypatch, KTO_API_KEY=blank, DATA_GO_KR_API_KEY=blank, NAVER_API_KEY=blank)
    assert found.mode is Mode.SANDBOX


def test_limits_and_base_urls_are_their_own_providers_and_hosts(monkeypatch: pytest.MonkeyPatch) -> None:
    found = settings(
        monkeypatch, KMA_API_DAILY_LIMIT="10000", NAVER_BASE_URL="http://127.0.0.1:1", DATA_GO_KR_BASE_URL=""
    )
    assert {name: found.daily_limit(name) for name in PROVIDERS if found.daily_limit(name)} == {"kma": 10_000}
    assert (found.base_url(NAVER), found.base_url(DATA_GO_KR)) == ("http://127.0.0.1:1", DATA_GO_KR.base_url)
    assert found.base_urls == {"NAVER_BASE_URL": "http://127.0.0.1:1"}


def test_the_env_file_is_read_and_the_environment_wins(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text(
        "NAVER_API_KEY=id:secret\nKTO_API_KEY=\nKTO_API_DAILY_LIMIT=5\nGOOGLE_PLACES_BASE_URL=http://file\n"
    )
    monkeypatch.setitem(Settings.model_config, "env_file", str(file))
    found = settings(monkeypatch, KTO_API_DAILY_LIMIT="7")
    assert (keys_of("naver", found), keys_of("kto", found), found.daily_limit("kto")) == (["id:secret"], [], 7)
    assert found.base_urls == {"GOOGLE_PLACES_BASE_URL": "http://file"}


@pytest.mark.parametrize("limit", ["0", "-1", "many-PLANTED", "10000001"])
def test_a_limit_that_is_none_is_refused_by_the_name_of_its_variable(
    monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        settings(monkeypatch, AIRKOREA_API_DAILY_LIMIT=limit)
    assert [error["loc"] for error in caught.value.errors()] == [("AIRKOREA_API_DAILY_LIMIT",)]


def test_no_key_is_shown_with_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    found = settings(monkeypatch, NAVER_API_KEY="PLANTEDid:PLANTEDsecret", DATA_GO_KR_API_KEY="PLANTEDkey")
    assert "PLANTED" not in f"{found!r} {found} {found.api_keys('naver')} {found.model_dump()}"


SECRETS = {
    "KTO_API_KEY": "key",
    "DATA_GO_KR_API_KEY": "key",
    "NAVER_API_KEY": "id:key",
    "GOOGLE_PLACES_API_KEY": "key",
    "WEATHERFLICK_DATABASE_URL": "postgresql://u:key@h/d",
    "WEATHERFLICK_DAGSTER_DATABASE_URL": "postgresql+psycopg2://u:key@h/d",
    "HTTPS_PROXY": "http://u:key@proxy",
    "PGPASSWORD": "key",
    "AWS_SECRET_ACCESS_KEY": "key",
    "SOMEBODYS_TOKEN": "key",
}


@pytest.mark.fault(
    "Keys and passwords", "a process that needs no key inherits the environment", "it gets what programs need to run"
)
@pytest.mark.parametrize("name", SECRETS)
def test_a_child_that_needs_no_settings_gets_no_secret(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, SECRETS[name])
    found = environment_of_a_child(with_settings=False)
    assert name not in found
    assert found["PATH"] == os.environ["PATH"]


@pytest.mark.parametrize("name", SECRETS)
def test_a_child_that_works_gets_our_settings_and_nobody_elses(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, SECRETS[name])
    ours = name not in {"PGPASSWORD", "AWS_SECRET_ACCESS_KEY", "SOMEBODYS_TOKEN"}
    assert (name in environment_of_a_child(with_settings=True)) is ours


@pytest.mark.parametrize(
    "name", ["LC_ALL", "PYTHONPATH", "PYTHONWARNINGS", "TMPDIR", "COVERAGE_PROCESS_START", "WEATHERFLICK_HOME"]
)
def test_every_child_gets_what_programs_need_to_run(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "something")
    assert environment_of_a_child(with_settings=False)[name] == "something"


@pytest.mark.fault("Keys and passwords", "an address holds a password", "it is known, and replaced in what is said")
@pytest.mark.parametrize(
    ("address", "passwords"),
    [
        ("postgresql://me:s3cret%20word@db/x", ("s3cret%20word", "s3cret word")),
        ("postgresql://me:p@ss:w/rd@db:5432/x", ("p@ss:w/rd", "p@ss:w/rd")),
        ("postgresql://me:pass word@db/x?sslmode=require", ("pass word", "pass word")),
        ("postgresql://weather:weather@db/x", ()),
        ("postgresql://me:weatherflick@db/weatherflick", ()),
        ("postgresql://me@db/x", ()),
        ("postgresql:///x?host=/tmp", ()),
    ],
)
def test_the_password_is_what_is_between_the_user_and_the_host(
    address: str, passwords: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WEATHERFLICK_DATABASE_URL", address)
    assert Settings().database_passwords == passwords  # type: ignore[call-arg]


@pytest.mark.fault("Keys and passwords", "a message holds a key or a password", "it is replaced")
def test_what_is_said_holds_neither_keys_nor_the_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEATHERFLICK_DATABASE_URL", "postgresql://me:s3cret%20word@db/x")
    monkeypatch.setenv("KTO_API_KEY", "aB3%2Bx%2FYz9Qk7LmN0pR5sT%3D%3D,another-key-of-mine")
    monkeypatch.setenv("NAVER_API_KEY", "Nq7ClientId0fTwenty:s3cr3tTEN_")
    said = "s3cret word aB3+x/Yz9Qk7LmN0pR5sT== another-key-of-mine Nq7ClientId0fTwenty s3cr3tTEN_ KTO_API_KEY"
    assert without_secrets(said) == f"{' '.join([REDACTED] * 5)} KTO_API_KEY"


@pytest.mark.fault("Keys and passwords", "a process that makes no backups is started", "it can't reach or open them")
@pytest.mark.parametrize("name", ["WEATHERFLICK_BACKUP_KEY", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"])
def test_only_what_makes_backups_gets_what_opens_them(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "something")
    assert name not in environment_of_a_child(with_settings=True)
    assert environment_of_a_child(with_settings=True, with_backups=True)[name] == "something"
