"""`.env` files and variables as people write them: any encoding, and what copying brings along."""

import codecs
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weatherflick_assets.env_text import bare, decoded, joined
from weatherflick_assets.settings import EnvFileError, Mode, Settings

KEY = "aB3/x+Yz9Qk7LmN0pR5sT=="
TEXT = f"# 인증키, 샵\nKTO_API_KEY={KEY}\nKTO_API_DAILY_LIMIT=7\n"

ENCODED = {
    "UTF-8": TEXT.encode(),
    "UTF-8 with a mark": TEXT.encode("utf-8-sig"),
    "UTF-16": TEXT.encode("utf-16"),
    "UTF-16, big end first": codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
    "UTF-16 without a mark": TEXT.encode("utf-16-le"),
    "UTF-16, big end first, without a mark": TEXT.encode("utf-16-be"),
    "UTF-32": TEXT.encode("utf-32"),
    "CP949": TEXT.encode("cp949"),
    "CRLF": TEXT.replace("\n", "\r\n").encode(),
    "CR": TEXT.replace("\n", "\r").encode(),
    "UTF-16 with CRLF": TEXT.replace("\n", "\r\n").encode("utf-16"),
    "CP949 with CRLF": TEXT.replace("\n", "\r\n").encode("cp949"),
}

WRITTEN = {
    "quotes": f'"{KEY}"',
    "single quotes": f"'{KEY}'",
    "typographic quotes": f"“{KEY}”",
    "quotes in quotes": f"'\"{KEY}\"'",
    "blanks": f"  {KEY}\t ",
    "no-break spaces": f"\u00a0{KEY}\u00a0",
    "wide blanks": f"\u3000{KEY}\u2003",
    "a line break": f"{KEY}\n",
    "a line break within": f"{KEY[:9]}\n{KEY[9:]}",
    "CRLF": f"{KEY}\r\n",
    "a mark": f"\ufeff{KEY}",
    "a zero-width space": f"{KEY[:5]}\u200b{KEY[5:]}",
    "a soft hyphen": f"{KEY[:5]}\u00ad{KEY[5:]}",
    "a word joiner": f"{KEY}\u2060",
    "directions": f"\u202a{KEY}\u202c",
    "a line separator": f"{KEY}\u2028",
    "a control": f"\x1b{KEY}\x07",
}


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setitem(Settings.model_config, "env_file", tmp_path / ".env")
    return tmp_path / ".env"


def keys() -> list[str]:
    return [key.get_secret_value() for key in Settings().api_keys("kto")]


@pytest.mark.fault("Odd machines", "`.env` was saved in another encoding, with a mark or other line ends", "it is read")
@pytest.mark.parametrize("content", ENCODED.values(), ids=ENCODED)
def test_an_env_file_is_read_whatever_its_encoding(content: bytes, file: Path) -> None:
    file.write_bytes(content)
    assert (keys(), Settings().daily_limit("kto"), Settings().mode) == ([KEY], 7, Mode.LIVE)


@pytest.mark.fault(
    "Odd machines",
    "a key was copied with quotes, blanks, line breaks or characters that nobody sees",
    "they are left out",
)
@pytest.mark.parametrize("written", WRITTEN.values(), ids=WRITTEN)
def test_what_a_copied_key_brings_along_is_left_out(written: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KTO_API_KEY", written)
    assert keys() == [KEY]
    monkeypatch.setenv("KTO_API_KEY", f"{written},{written}")
    assert keys() == [KEY, KEY]


@pytest.mark.parametrize(
    "line",
    [
        f"KTO_API_KEY\u200b={KEY}",
        f"\u200bKTO_API_KEY = “{KEY}”",
        f"\u00a0KTO_API_KEY\u00a0={KEY}",
        f"export KTO_API_KEY='{KEY}'",
    ],
)
def test_names_in_the_file_may_have_invisible_characters_too(line: str, file: Path) -> None:
    file.write_text(line, encoding="utf-8")
    assert keys() == [KEY]


@pytest.mark.fault(
    "Odd machines", "`.env` is no text, or can't be read", "a sentence names the file and says how to save it"
)
@pytest.mark.parametrize("content", [b"KTO_API_KEY=\xff\xfe\xff", b"\xff\xfeK", b"\x89PNG\r\n\x1a\nPLANTED\xff\xff"])
def test_a_file_that_is_no_text_is_refused_in_a_sentence(content: bytes, file: Path) -> None:
    file.write_bytes(content)
    with pytest.raises(EnvFileError) as caught:
        Settings()
    assert str(caught.value) == f"{file} is not text in UTF-8. Save it as UTF-8, with lines of the form NAME=value."


@pytest.mark.parametrize(
    "variables",
    [
        {"KTO_API_DAILY_LIMIT": " '7'\u200b\n"},
        {"KTO_API_DAILY_LIMIT": "\u00a07\r\n", "WEATHERFLICK_HOME": '""', "WEATHERFLICK_DATABASE_URL": " \u200b"},
    ],
)
def test_other_variables_are_read_without_what_is_around_them(
    variables: Mapping[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    found = Settings()
    assert (found.daily_limit("kto"), found.home, found.database_url) == (7, Path(".weatherflick"), None)


@given(st.text(st.characters(codec="ascii", categories=["Lu", "Ll", "Nd"]), min_size=1))
def test_what_is_visible_stays_as_it_is(key: str) -> None:
    assert joined(key) == bare(key) == key


@given(st.text(st.characters(blacklist_categories=["Cs"])))
def test_any_text_in_utf_8_is_decoded(text: str) -> None:
    decoded(text.encode("utf-8-sig"))
