"""API keys: normalised, known by fingerprint, never shown.

A key appears in plain only in the query string of a request. Everything else, from tables to exception texts, has its
fingerprint.
"""

import hashlib
import html
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import unquote

from pydantic import SecretStr

REDACTED = "[key]"

SHORTEST_SECRET = 8
"""A shorter key is none that a portal hands out, and could be part of any text: it is not looked for in bodies."""

NO_KEY = "no_key"
"""Code of the error that says no key is left."""


@dataclass(frozen=True)
class ApiKey:
    """One key in its decoded form. The portal hands out keys percent-encoded as well; encoding one twice gets it refused."""

    secret: SecretStr
    fingerprint: str

    @classmethod
    def of(cls, given: SecretStr) -> "ApiKey":
        """The key that was configured, in either form."""
        text = "".join(given.get_secret_value().split())
        decoded = unquote(text) if "%" in text else text
        return cls(SecretStr(decoded), hashlib.sha256(decoded.encode()).hexdigest()[:12])

    @cached_property
    def pattern(self) -> re.Pattern[bytes]:
        """Finds the key in every form in which a text could hold it: plain, percent-encoded, escaped in JSON or XML."""
        return re.compile(b"".join(_any_spelling(character) for character in self.secret.get_secret_value()))

    @cached_property
    def landmark(self) -> bytes:
        """The longest part of the key that is the same in every form: where it isn't, the key isn't. Cheap to look for."""
        return max(re.findall(r"[0-9A-Za-z]*", self.secret.get_secret_value()), key=len).encode()


def _any_spelling(character: str) -> bytes:
    plain = re.escape(character)
    if character.isascii() and character.isalnum():
        return plain.encode()
    code = ord(character)
    percent = "".join(rf"%(?:25)*{byte:02x}" for byte in character.encode())
    name = html.escape(character) if character in "<>&\"'" else f"&#{code};"
    return rf"(?:\\?{plain}|(?i:{percent}|\\u{code:04x}|&#0*{code};|&#x0*{code:x};|{name}))".encode()


@dataclass(frozen=True)
class KeyRing:
    """The keys of one provider. Which of them may be used when is decided in `admission.py`."""

    provider_name: str
    keys: tuple[ApiKey, ...]

    @classmethod
    def of(cls, provider_name: str, keys: Iterable[SecretStr]) -> "KeyRing":
        """A ring of the configured keys; the same key twice counts once, a blank one not at all."""
        unique = {key.fingerprint: key for key in map(ApiKey.of, keys) if key.secret.get_secret_value()}
        return cls(provider_name, tuple(unique.values()))

    def redact(self, content: bytes) -> bytes:
        """`content` without any of the keys, should the upstream have echoed one."""
        for key in self.keys:
            if len(key.secret) >= SHORTEST_SECRET and key.landmark in content:
                content = key.pattern.sub(REDACTED.encode(), content)
        return content
