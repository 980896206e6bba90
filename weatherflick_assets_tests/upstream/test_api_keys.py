"""API keys: one form whatever was configured, a fingerprint for everyone, and nowhere the key itself."""

import html
import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from weatherflick_assets.redaction import REDACTED
from weatherflick_assets.upstream.api_keys import ApiKey, KeyRing

DECODED = "aB3+x/Yz9Qk7LmN0pR5sTuVwXyZ12345=="
ENCODED = quote(DECODED, safe="")

keys = st.text(st.characters(codec="ascii", categories=["Ll", "Lu", "Nd"]), min_size=4).flatmap(
    lambda text: st.lists(st.sampled_from("+/=-_.~"), max_size=4).map(lambda signs: text + "".join(signs) + text[::-1])
)


def key_of(text: str) -> ApiKey:
    return ApiKey.of(SecretStr(text))


def ring_of(*texts: str) -> KeyRing:
    return KeyRing.of("kto", map(SecretStr, texts))


def test_a_key_given_encoded_and_decoded_is_the_same_key() -> None:
    assert key_of(ENCODED) == key_of(DECODED)
    assert key_of(ENCODED).secret.get_secret_value() == DECODED


@given(keys)
def test_every_key_survives_being_encoded(text: str) -> None:
    assert key_of(quote(text, safe="")) == key_of(text)


@pytest.mark.parametrize(
    "copied", [f" {DECODED}", f"{DECODED}\n", f"{DECODED[:9]}\n {DECODED[9:]}\t", f"\r\n{ENCODED} "]
)
def test_spaces_and_newlines_that_were_copied_along_do_not_count(copied: str) -> None:
    assert key_of(copied) == key_of(DECODED)


def test_a_plus_sign_in_a_decoded_key_stays_a_plus_sign() -> None:
    assert key_of("a+b").secret.get_secret_value() == "a+b"


def test_a_fingerprint_tells_keys_apart_and_does_not_hold_them() -> None:
    first, second = key_of(DECODED), key_of(DECODED[::-1])
    assert first.fingerprint != second.fingerprint
    assert len(first.fingerprint) == 12
    assert int(first.fingerprint, 16) >= 0


def test_neither_a_key_nor_a_ring_shows_a_key_when_printed() -> None:
    ring = ring_of(DECODED)
    for shown in (str(ring), repr(ring), f"{ring.keys[0]}", repr(ring.keys[0]), repr(ring.keys)):
        assert DECODED not in shown
        assert DECODED[:8] not in shown


def test_the_same_key_in_two_forms_counts_once_and_a_blank_one_not_at_all() -> None:
    assert len(ring_of(DECODED, ENCODED, " ", "").keys) == 1


def test_a_key_too_short_to_be_one_of_the_portals_is_not_taken_out_of_bodies() -> None:
    body = '{"title": "서울 test 공원"}'.encode()
    assert ring_of("test").redact(body) == body


def lower_case_escapes(text: str) -> str:
    return "".join(f"%{ord(c):02x}" if not c.isalnum() else c for c in text)


SPELLINGS = {
    "plain": DECODED,
    "as the client sends it": quote(DECODED),
    "encoded": ENCODED,
    "encoded in lower case": lower_case_escapes(DECODED),
    "encoded twice": quote(ENCODED, safe=""),
    "in JSON": json.dumps(DECODED)[1:-1],
    "in JSON of PHP": json.dumps(DECODED)[1:-1].replace("/", "\\/"),
    "in JSON of a careful server": DECODED.replace("+", "\\u002B").replace("=", "\\u003d"),
    "in XML": html.escape(DECODED),
    "in XML by numbers": DECODED.replace("+", "&#43;").replace("=", "&#x3D;"),
}


@pytest.mark.parametrize("spelling", SPELLINGS.values(), ids=SPELLINGS)
def test_a_key_is_redacted_in_every_spelling(spelling: str) -> None:
    redacted = ring_of("another-key", DECODED).redact(f"before {spelling} after {spelling}".encode())
    assert redacted.decode() == f"before {REDACTED} after {REDACTED}"


@given(keys, st.sampled_from([str, quote, lower_case_escapes, lambda text: quote(quote(text, safe=""), safe="")]))
def test_no_key_survives_redaction(key: str, spell: object) -> None:
    content = f"<a>{spell(key)}</a>".encode()  # type: ignore[operator]
    assert ring_of(key).redact(content) == f"<a>{REDACTED}</a>".encode()


def test_what_holds_no_key_stays_byte_for_byte() -> None:
    content = bytes(range(256)) * 10
    assert ring_of(DECODED, "another+key").redact(content) == content
