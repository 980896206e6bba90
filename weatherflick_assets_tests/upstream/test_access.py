"""How a provider is reached: with its own keys, through the sandbox, or not at all and with the reason."""

from dataclasses import replace

import pytest

from weatherflick_assets.places.kto import KTO
from weatherflick_assets.settings import DATA_GO_KR, NAVER, Settings
from weatherflick_assets.upstream.access import Access, KeyFormError, NoKeysError, NoUpstreamError, access_to
from weatherflick_assets.upstream.declarations import KeyPlace

PAIRED = replace(KTO, name="naver", host=NAVER, key=KeyPlace(headers=("X-Id", "X-Secret")))


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    return monkeypatch


def access(environment: pytest.MonkeyPatch, provider: str = "kto", **variables: str) -> Access:
    for name, value in variables.items():
        environment.setenv(name, value)
    return access_to(PAIRED if provider == "naver" else KTO, Settings())  # type: ignore[call-arg]


def keys_of(found: Access) -> list[str]:
    return [key.get_secret_value() for key in found.keys]


def test_a_provider_with_a_key_is_called_at_its_host(environment: pytest.MonkeyPatch) -> None:
    found = access(environment, KTO_API_KEY="a,b", WEATHERFLICK_SANDBOX_URL="http://sandbox")
    assert (found.base_url, keys_of(found), found.provider) == (DATA_GO_KR.base_url, ["a", "b"], KTO)


def test_a_base_url_that_is_set_with_a_key_is_used_as_it_is(environment: pytest.MonkeyPatch) -> None:
    url = "http://127.0.0.1:8080/mirror"
    found = access(environment, "naver", NAVER_API_KEY="id:secret", NAVER_BASE_URL=url)
    assert (found.base_url, keys_of(found)) == (url, ["id:secret"])


def test_a_daily_limit_replaces_the_declared_quota(environment: pytest.MonkeyPatch) -> None:
    found = access(environment, KTO_API_KEY="a", KTO_API_DAILY_LIMIT="50")
    assert found.provider.quota == replace(KTO.quota, calls=50)


def test_a_provider_without_keys_is_not_answered_by_the_sandbox_on_a_live_platform(
    environment: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(NoKeysError) as caught:
        access(environment, GOOGLE_PLACES_API_KEY="secret-one", WEATHERFLICK_SANDBOX_URL="http://sandbox")
    assert str(caught.value) == (
        "kto is skipped: no API key for it is set. Set KTO_API_KEY or DATA_GO_KR_API_KEY to collect from it."
    )
    with pytest.raises(NoKeysError, match=r"naver is skipped: .* Set NAVER_API_KEY to collect from it\."):
        access(environment, "naver")


def test_a_key_that_is_no_pair_is_refused_by_the_name_of_its_variable(environment: pytest.MonkeyPatch) -> None:
    with pytest.raises(KeyFormError) as caught:
        access(environment, "naver", NAVER_API_KEY="id:secret,lonely")
    assert (
        str(caught.value) == "A key in NAVER_API_KEY is not a pair. Write it as id:secret, several separated by commas."
    )


@pytest.mark.parametrize(("provider", "key"), [("kto", "sandbox"), ("naver", "sandbox:sandbox")])
def test_without_any_key_every_provider_is_the_sandbox(
    environment: pytest.MonkeyPatch, provider: str, key: str
) -> None:
    found = access(environment, provider, WEATHERFLICK_SANDBOX_URL="http://sandbox", NAVER_BASE_URL="http://unused")
    assert (found.base_url, keys_of(found)) == ("http://sandbox", [key])


def test_with_neither_keys_nor_a_sandbox_the_error_says_what_to_set(environment: pytest.MonkeyPatch) -> None:
    with pytest.raises(NoUpstreamError, match="Set NAVER_API_KEY, or start with `weatherflick up`"):
        access(environment, "naver")
