"""API keys: normalised, known by fingerprint, never shown.

A key appears in plain only in the query or the headers of a request. Everything else, from tables to exception texts, has
its fingerprint.
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
"""A shorter key is none that a portal issues, and could be part of any text: it is not looked for in bodies."""

NO_KEY = "no_key"
"""Code of the error that says no key is left."""


@dataclass(frozen=True)
class ApiKey:
    """One key in its decoded form. The portal issues keys percent-encoded as well; one that is encoded twice is refused."""

    secret: SecretStr
    fingerprint: str

    @classmethod
    def of(cls, given: SecretStr) -> "ApiKey":
        """The key that was configured, in either form."""
        text = "".join(given.get_secret_value().split())
        decoded = unquote(text) if "%" in text else text
        return cls(SecretStr(decoded), hashlib.sha256(decoded.encode()).hexdigest()[:12])

    def parts(self, number: int) -> list[str]:
        """The key as calls carry it: whole, or in so many parts that colons separate."""
        return self.secret.get_secret_value().split(":", number - 1)


@dataclass(frozen=True)
class _Secret:
    """A text that must not be seen anywhere."""

    text: str = field(repr=False)

    @cached_property
    def pattern(self) -> re.Pattern[bytes]:
        """Finds it in every form in which a text could hold it: plain, percent-encoded, escaped in JSON or XML."""
        return re.compile(b"".join(map(_any_spelling, self.text)))

    @cached_property
    def landmark(self) -> bytes:
        """Its longest part that is the same in every form: where this is absent, so is the secret. Cheap to look for."""
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
    """The keys of one provider, each of so many parts. Which of them may be used when is decided in `admission.py`."""

    provider_name: str
    keys: tuple[ApiKey, ...]
    parts: int = 1

    @classmethod
    def of(cls, provider_name: str, keys: Iterable[SecretStr], *, parts: int = 1) -> "KeyRing":
        """A ring of the configured keys; the same key twice counts once, a blank one not at all."""
        unique = {key.fingerprint: key for key in map(ApiKey.of, keys) if key.secret.get_secret_value()}
        return cls(provider_name, tuple(unique.values()), parts)

    def redact(self, content: bytes) -> bytes:
        """`content` without any key or half of one, should the upstream have echoed it."""
        for secret in self._secrets:
            if secret.landmark in content:
                content = secret.pattern.sub(REDACTED.encode(), content)
        return content

    @cached_property
    def _secrets(self) -> list[_Secret]:
        texts = {part for key in self.keys for part in key.parts(self.parts) if len(part) >= SHORTEST_SECRET}
        # Longest first: what is left of a secret that contains another one would be seen.
        return [_Secret(text) for text in sorted(texts, key=len, reverse=True)]
