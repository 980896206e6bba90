"""API keys: normalised, identified by fingerprint, never shown.

A key appears in plain text only in the query or the headers of a request. Everything else, from tables to exception
texts, uses its fingerprint.
"""

import hashlib
import html
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import unquote

from pydantic import SecretStr

REDACTED = "[key]"

SHORTEST_SECRET = 8
"""No portal issues shorter keys. A shorter text could be part of any body, so it is not searched for."""

NO_KEY = "no_key"
"""Code of the error for having no key left."""


@dataclass(frozen=True)
class ApiKey:
    """One key in decoded form. The portal also issues keys percent-encoded; a doubly encoded key is refused."""

    secret: SecretStr
    fingerprint: str

    @classmethod
    def of(cls, given: SecretStr) -> "ApiKey":
        """The configured key, given in either form."""
        text = "".join(given.get_secret_value().split())
        decoded = unquote(text) if "%" in text else text
        return cls(SecretStr(decoded), hashlib.sha256(decoded.encode()).hexdigest()[:12])

    def parts(self, number: int) -> list[str]:
        """The key as calls carry it: whole, or in this many parts separated by colons."""
        return self.secret.get_secret_value().split(":", number - 1)


@dataclass(frozen=True)
class _Secret:
    """A text that must not appear anywhere."""

    text: str = field(repr=False)

    @cached_property
    def pattern(self) -> re.Pattern[bytes]:
        """Matches it in every form that a text could hold: plain, percent-encoded, escaped in JSON or XML."""
        return re.compile(b"".join(map(_any_spelling, self.text)))

    @cached_property
    def landmark(self) -> bytes:
        """Its longest part that is the same in every form. If this is absent, so is the secret. Cheap to search for."""
        return max(re.findall(r"[0-9A-Za-z]*", self.text), key=len).encode()


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
    """The keys of one provider, each with this many parts. `admission.py` decides which of them may be used when."""

    provider_name: str
    keys: tuple[ApiKey, ...]
    parts: int = 1

    @classmethod
    def of(cls, provider_name: str, keys: Iterable[SecretStr], *, parts: int = 1) -> "KeyRing":
        """A ring of the configured keys; a duplicate counts once, and a blank key is ignored."""
        unique = {key.fingerprint: key for key in map(ApiKey.of, keys) if key.secret.get_secret_value()}
        return cls(provider_name, tuple(unique.values()), parts)

    def redact(self, content: bytes) -> bytes:
        """`content` without any key or half of one, in case the upstream echoed it."""
        for secret in self._secrets:
            if secret.landmark in content:
                content = secret.pattern.sub(REDACTED.encode(), content)
        return content

    @cached_property
    def _secrets(self) -> list[_Secret]:
        texts = {part for key in self.keys for part in key.parts(self.parts) if len(part) >= SHORTEST_SECRET}
        # Longest first: replacing a secret inside a longer one would leave the rest of the longer one visible.
        return [_Secret(text) for text in sorted(texts, key=len, reverse=True)]
