"""API keys: normalised, identified by fingerprint, never shown.

A key appears in plain text only in the query or the headers of a request. Everything else, from tables to exception
texts, uses its fingerprint.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import unquote

from pydantic import SecretStr

from weatherflick_assets.redaction import Redactor

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
        return self._redactor.content(content)

    @cached_property
    def _redactor(self) -> Redactor:
        return Redactor(part for key in self.keys for part in key.parts(self.parts))
