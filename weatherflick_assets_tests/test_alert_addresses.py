"""Addresses of `ALERT_URLS`: read as people write them, named without a secret, and secret in all that is one."""

import pytest

from weatherflick_assets.alert_addresses import addresses, secrets_of

MAIL = "mailtos://me:pass%40word1@mail.example.org?to=a@x.org,b@y.org"
SMS = "twilio://AC0123456789:token0123@15551234567/+821012345678"
KAKAO = "kakaotalk://clientid12/refreshtoken12"


@pytest.mark.parametrize("between", [" ", ",", ", ", "\n", ",\n ", ";", "  \t"])
def test_addresses_are_separated_by_blanks_lines_or_commas_and_keep_their_own(between: str) -> None:
    assert [one.url for one in addresses(between.join([MAIL, SMS, KAKAO]))] == [MAIL, SMS, KAKAO]


def test_words_before_an_address_say_who_hears_of_what() -> None:
    text = f"critical={SMS}, error,team:data-platform={KAKAO} {MAIL}"
    assert [(one.url, set(one.words)) for one in addresses(text)] == [
        (SMS, {"critical"}), (KAKAO, {"error", "team:data-platform"}), (MAIL, set()),
    ]  # fmt: skip


def test_an_address_is_called_by_its_service_and_host_and_like_ones_are_numbered() -> None:
    text = f"{MAIL} {MAIL} {SMS} {KAKAO} json://127.0.0.1:8080/x {MAIL}"
    assert [one.name for one in addresses(text)] == [
        "mailtos mail.example.org", "mailtos mail.example.org 2", "twilio", "kakaotalk", "json 127.0.0.1",
        "mailtos mail.example.org 3",
    ]  # fmt: skip
    assert "token" not in repr(addresses(text))


@pytest.mark.parametrize("text", ["me@example.org", "mailto://a b", "://x", "critical=", "mailto:me@example.org"])
def test_what_is_no_address_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(ValueError, match=r"^address \d is not written as scheme://…$"):
        addresses(text)


def test_no_address_is_none() -> None:
    assert addresses(" , \n") == []


@pytest.mark.parametrize(
    ("text", "secrets"),
    [
        (MAIL, ["pass%40word1", "pass@word1", "a@x.org", "b@y.org"]),
        (SMS, ["AC0123456789", "token0123", "15551234567", "+821012345678"]),
        (f"critical={KAKAO}", ["clientid12", "refreshtoken12"]),
        ("jsons://hooks.example.org/services/T0AB/xyz123", ["T0AB", "xyz123"]),
        ("discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js", ["4174216298", "JHMHI8qBe7bk2ZwO5U711o3dV_js"]),
        ("mailto//me:secret1@x", ["mailto//me:secret1@x"]),
    ],
)  # fmt: skip
def test_what_is_secret_in_an_address_is_known_as_written_and_decoded(text: str, secrets: list[str]) -> None:
    assert set(secrets) <= set(secrets_of(text))


def test_hosts_of_mail_and_everyday_words_are_no_secrets() -> None:
    known = set(secrets_of(f"critical={MAIL} jsons://hooks.example.org/notifications/weather-data critical"))
    assert known.isdisjoint({"mail.example.org", "hooks.example.org", "notifications", "weather-data", "critical"})
