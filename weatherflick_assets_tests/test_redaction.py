"""Redaction: a secret is found however it is written, and what holds none stays byte for byte."""

import base64
import quopri
import random
import string
from collections.abc import Callable
from urllib.parse import quote

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from weatherflick_assets.redaction import REDACTED, Redactor
from weatherflick_assets.upstream.bodies import unpacked
from weatherflick_assets_tests.key_forms import TEXTS, WHOLE, bodies, leaks

KEY = "aB3+x/Yz9Qk7LmN0pR5sTuVwXyZ12345/+q=="
HEX_KEY = "9f8e7d6c5b4a39281706f5e4d3c2b1a0ffeeddccbbaa99887766554433221100"
PORTAL_KEY = "Qz7+k2/Y9Xw4Lm8Np2Rt6Vy0Bd3Fh5Jk1Ms+AcEgIiKoQq/uSwUQz1TjXvb8ZcLe4Gh6Nr3Pf5Wd9Ka7Yx2Hs0/MtOw=="
PAIR = ("Nq7ClientId0fTwenty", "s3cr3tTEN_")
PASSWORD = "p@ss w/ör?d:1#&%"  # noqa: S105
KEYS = (KEY, HEX_KEY, *PAIR)

keys = st.text(st.characters(codec="ascii", categories=["Ll", "Lu", "Nd"]), min_size=12, max_size=60).flatmap(
    lambda text: st.lists(st.sampled_from("+/=-_.~"), max_size=6).map(
        lambda signs: text[:7] + "".join(signs) + text[7:]
    )
)


def redacted(body: bytes, *secrets: str) -> bytes:
    """What is kept of a body."""
    return Redactor(secrets or KEYS).content(unpacked(body, 1_000_000))


@pytest.mark.fault("Keys and passwords", "a key comes back in another form", "it is replaced before anything is kept")
@pytest.mark.parametrize("key", [KEY, HEX_KEY], ids=["base64", "hex"])
@pytest.mark.parametrize("form", [*TEXTS, *WHOLE])
def test_a_key_is_found_in_every_form(form: str, key: str) -> None:
    body = dict(bodies(key))[form]
    assert leaks(body, key), "the search must be able to find it"
    kept = redacted(body)
    assert leaks(kept, key) == []
    assert REDACTED.encode() in kept.replace(b"\0", b"")


@pytest.mark.parametrize(
    "form", [form for form in TEXTS if not form.startswith(("base64", "as a header", "in an address"))]
)
def test_nothing_but_the_key_is_replaced(form: str) -> None:
    kept = redacted(dict(bodies(KEY))[form]).decode()
    assert kept.startswith('{"title":"before ')
    assert kept.endswith(' after"}')


@given(key=keys, form=st.sampled_from([*TEXTS.values()]))
def test_whatever_the_key_nothing_of_it_is_left(key: str, form: Callable[[str], str]) -> None:
    body = f"<title>{form(key)}</title>".encode()
    assert leaks(redacted(body, key), key) == []


@pytest.mark.fault("Keys and passwords", "a part of a key comes back", "it is replaced like the whole key")
@pytest.mark.parametrize("key", [PORTAL_KEY, HEX_KEY], ids=["base64", "hex"])
@pytest.mark.parametrize(
    "part",
    [
        lambda key: key[:-3],
        lambda key: key[3:],
        lambda key: key[:-10],
        lambda key: key[: len(key) // 2],
        lambda key: key[len(key) // 2 :],
        lambda key: key[:20],
        lambda key: key[9:41],
        lambda key: f"{key[:20]}****{key[-22:]}",
        lambda key: quote(key[:50], safe=""),
        lambda key: f"{key[:30]}****{key[-30:]}",
        lambda key: f"{key[:30]}?{key[31:]}",
    ],
)
def test_a_part_of_a_key_is_found(part: Callable[[str], str], key: str) -> None:
    kept = redacted(f'{{"title":"before {part(key)} after"}}'.encode(), key).decode()
    assert kept.startswith('{"title":"before [key]')
    assert kept.endswith('[key] after"}')
    assert len(kept) < 45


@pytest.mark.fault(
    "Keys and passwords", "a key comes back in two encodings, or broken up", "it is replaced before anything is kept"
)
@pytest.mark.parametrize(
    "form",
    [
        lambda key: base64.b64encode(key.encode("utf-16-le")).decode(),
        lambda key: base64.b64encode(key.replace("+", " ").encode()).decode(),
        lambda key: key.encode("utf-16-le").hex(),
        lambda key: str(list(key.encode())),
        "\\u200b".join,
        "&#8203;".join,
        "&#x200b;".join,
        "&shy;".join,
        "\x1b[0m\x1b[1;31m".join,
    ],
)
def test_a_key_in_two_encodings_or_broken_up_is_found(form: Callable[[str], str]) -> None:
    assert len(redacted(f"before {form(PORTAL_KEY)} after".encode(), PORTAL_KEY)) < 50


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def url64(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def each(template: str) -> Callable[[str], str]:
    return lambda text: "".join(template.format(ord(character)) for character in text)


NUMBERED = each("\\u{:04x}")

NESTED: dict[str, Callable[[str], str]] = {
    "base64 of percent": lambda key: b64(quote(key, safe="")),
    "base64 of percent in lower case": lambda key: b64(key.replace("+", "%2b").replace("/", "%2f").replace("=", "%3d")),
    "base64 of percent twice": lambda key: b64(quote(quote(key, safe=""), safe="")),
    "base64 of every character in percent": lambda key: b64(each("%{:02X}")(key)),
    "base64 for addresses, without padding, of an address": lambda key: url64(f"?a=1&serviceKey={quote(key, safe='')}"),
    "base64 of base64": lambda key: b64(b64(key)),
    "base64 of base64 of base64": lambda key: b64(b64(b64(key))),
    "base64 for addresses twice": lambda key: url64(url64(key)),
    "base64 in JSON in base64": lambda key: b64(orjson.dumps({"k": b64(f"x{key}")}).decode()),
    "base64 in JSON as PHP writes it, in base64": lambda key: b64(f'{{"k":"{b64(key)}"}}'.replace("/", "\\/")),
    "JSON in base64 in an address": lambda key: quote(b64(orjson.dumps({"serviceKey": key}).decode()), safe=""),
    "a token of three parts": lambda key: ".".join(map(url64, ('{"alg":"HS256"}', f'{{"sub":"{key}"}}', "signature"))),
    "hex of percent": lambda key: quote(key, safe="").encode().hex(),
    "hex of base64": lambda key: b64(key).encode().hex(),
    "hex in capitals of base64": lambda key: b64(key).encode().hex().upper(),
    "hex of mixed case": lambda key: "".join(c.upper() if n % 3 else c for n, c in enumerate(key.encode().hex())),
    "base64 of hex": lambda key: b64(key.encode().hex()),
    "base64 of hex in capitals": lambda key: b64(key.encode().hex().upper()),
    "base32": lambda key: base64.b32encode(key.encode()).decode(),
    "base32 in small letters without padding": lambda key: base64.b32encode(f"k={key}".encode()).decode().lower().rstrip("="),
    "base64 of base32": lambda key: b64(base64.b32encode(key.encode()).decode()),
    "base64 of JSON with numbered characters": lambda key: b64(f'"{NUMBERED(key)}"'),
    "base64 of characters as HTML": lambda key: b64(each("&#{};")(key)),
    "base64 in lines in JSON": lambda key: orjson.dumps(base64.encodebytes(f"{'x' * 40}{b64(key)}".encode()).decode()).decode(),
    "characters as HTML in percent": lambda key: quote(each("&#x{:x};")(key), safe=""),
    "names of characters in percent twice": lambda key: quote(
        quote(key.replace("+", "&plus;").replace("/", "&sol;").replace("=", "&equals;"), safe=""), safe=""
    ),
    "percent as HTML": lambda key: each("&#{};")(quote(key, safe="")),
    "JSON in JSON in JSON": lambda key: orjson.dumps(
        orjson.dumps(orjson.dumps(key.replace("/", "\\/")).decode()).decode()
    ).decode(),
    "numbered characters in JSON in JSON": each("\\\\u{:04x}"),
    "quoted-printable of every character": each("={:02X}"),
    "quoted-printable of base64 in lines": lambda key: quopri.encodestring(f"{'x' * 30}{b64(key)}".encode()).decode(),
    "quoted-printable in percent": lambda key: quote(each("={:02X}")(key), safe=""),
    "UTF-16 in base64 in percent": lambda key: quote(base64.b64encode(key.encode("utf-16")).decode(), safe=""),
}  # fmt: skip


@pytest.mark.fault(
    "Keys and passwords", "a key comes back encoded within another encoding", "it is replaced before anything is kept"
)
@pytest.mark.parametrize("key", [KEY, PORTAL_KEY, HEX_KEY, PAIR[0]], ids=["base64", "portal", "hex", "pair"])
@pytest.mark.parametrize("form", NESTED.values(), ids=NESTED)
def test_a_key_encoded_within_another_encoding_is_found(form: Callable[[str], str], key: str) -> None:
    assert len(redacted(f'{{"title":"before {form(key)} after"}}'.encode(), key)) < 120


@pytest.mark.fault(
    "Keys and passwords", "a key comes back encoded twice in a page of a thousand rows", "it is replaced, too"
)
@pytest.mark.parametrize(
    "form",
    [
        "base64 of percent",
        "base64 of base64",
        "base64 in JSON in base64",
        "base32",
        "percent as HTML",
        "hex of percent",
    ],
)
def test_a_key_encoded_twice_is_found_in_a_long_page(form: str) -> None:
    rows = [{"contentid": str(number), "overview": "가나다라마바사 " * 20} for number in range(1000)]
    rows[700]["overview"] = NESTED[form](PORTAL_KEY)
    body = orjson.dumps(rows)
    kept = redacted(body, PORTAL_KEY)
    assert len(body) > 400_000
    assert REDACTED.encode() in kept
    assert len(kept) <= len(body) - len(rows[700]["overview"]) + 120


def test_what_is_replaced_in_utf_16_stays_utf_16() -> None:
    for encoding in ("utf-16-le", "utf-16-be", "utf-32-le"):
        body = f"가나 {KEY} 다라".encode(encoding)
        assert redacted(body).decode(encoding) == f"가나 {REDACTED} 다라"


def test_both_halves_of_a_pair_and_several_keys_in_one_body_are_found() -> None:
    body = orjson.dumps([{"first": PAIR[0], "second": PAIR[1]}, {KEY: HEX_KEY}])
    assert redacted(body) == orjson.dumps([{"first": REDACTED, "second": REDACTED}, {REDACTED: REDACTED}])


@pytest.mark.fault("Keys and passwords", "a message holds the database password", "it is replaced like a key")
@pytest.mark.parametrize(
    "spell", [str, lambda text: quote(text, safe=""), lambda text: quote(text.upper(), safe="")[:0] + text]
)
def test_a_password_of_signs_is_found_where_it_is_written_out(spell: Callable[[str], str]) -> None:
    said = f"connection to postgresql://weather:{spell(PASSWORD)}@db/weatherflick failed"
    assert Redactor([PASSWORD]).text(said) == f"connection to postgresql://weather:{REDACTED}@db/weatherflick failed"


@given(st.binary(max_size=2000))
def test_what_holds_no_key_stays_byte_for_byte(content: bytes) -> None:
    assert Redactor(KEYS).content(content) is content


def test_a_page_of_a_thousand_places_is_no_key() -> None:
    chance = random.Random(1)
    rows = [
        {
            "contentid": str(chance.randrange(10**7)),
            "title": "".join(chance.choices("가나다라마바사 &<>%+=\\\n\t\"'", k=30)),
            "firstimage": f"http://tong.visitkorea.or.kr/cms/resource/{''.join(chance.choices(string.hexdigits, k=40))}.jpg",
        }
        for _ in range(1000)
    ]
    body = orjson.dumps(rows)
    assert Redactor(KEYS).content(body) is body


@pytest.mark.parametrize(
    "hostile",
    [
        b"QUFB",
        b"A",
        b"UUFBQUFB",
        b"3A",
        b"%",
        b"\\",
        b"&#",
        b"<",
        b"=\0",
        b"%25",
        KEY[:12].encode(),
        KEY[2:-2].encode(),
        b"aB3+ ",
    ],
)
def test_a_hostile_body_is_searched_in_good_time(hostile: bytes) -> None:
    body = hostile * (100_000 // len(hostile))
    assert leaks(redacted(body)[:2000], KEY) == []


def test_surrogates_in_a_message_stay() -> None:
    assert Redactor(KEYS).text(f"\ud800 {KEY} \udcff") == f"\ud800 {REDACTED} \udcff"
