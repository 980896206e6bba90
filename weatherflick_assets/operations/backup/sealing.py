"""How an object of a backup is named, compressed and, with a key, encrypted. docs/backup.md describes the format.

Without a key an object is deflated (zlib), and its name is the SHA-256 of its content. With one, the name is a keyed digest
(HMAC-SHA256), so that it tells nothing of the content, and the deflated bytes are encrypted and authenticated with
AES-256-GCM under a random nonce. The name is authenticated too, so no object can stand in for another.
"""

import hmac
import os
import zlib
from base64 import b64decode, b64encode
from hashlib import sha256
from typing import Any

from weatherflick_assets.operations.backup.errors import BackupError

_LEVEL = 2
"""Of zlib: 100 MB a second; the next ones take much longer for little."""

_NONCE = 12
_COST = {"n": 1 << 15, "r": 8, "p": 1}
"""Of scrypt: 32 MB and a tenth of a second."""

_CHECK = b"weatherflick"


class WrongKeyError(BackupError):
    """The key does not open the backups."""


class DamagedError(BackupError):
    """An object is not what was stored."""


class Seal:
    """Names, closes and opens objects. Made by `new` for a new place of backups, and by `of` for one that exists."""

    def __init__(self, key: bytes | None) -> None:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        self._naming = None if key is None else hmac.digest(key, b"names", "sha256")
        self._cipher = None if key is None else AESGCM(hmac.digest(key, b"content", "sha256"))

    def name(self, content: bytes) -> str:
        """The name of an object with this content: 64 hexadecimal digits."""
        return (
            sha256(content).hexdigest() if self._naming is None else hmac.digest(self._naming, content, "sha256").hex()
        )

    def close(self, name: str, content: bytes) -> bytes:
        """What is stored under a name."""
        deflated = zlib.compress(content, _LEVEL)
        if self._cipher is None:
            return deflated
        nonce = os.urandom(_NONCE)
        return nonce + self._cipher.encrypt(nonce, deflated, name.encode())

    def open(self, name: str, stored: bytes) -> bytes:
        """The content again.

        Raises:
            DamagedError: it was changed, or is another's.
        """
        from cryptography.exceptions import InvalidTag

        try:
            if self._cipher is not None:
                stored = self._cipher.decrypt(stored[:_NONCE], stored[_NONCE:], name.encode())
            return zlib.decompress(stored)
        except (InvalidTag, ValueError, zlib.error):
            raise DamagedError(
                f"The object {name} of the backups is damaged. Restore from another backup or copy."
            ) from None


def new(passphrase: str | None) -> tuple[Seal, dict[str, Any] | None]:
    """A seal for a new place, and what has to be kept there, in the clear, to make it again; None if it needs no key."""
    if passphrase is None:
        return Seal(None), None
    parameters = {"kdf": "scrypt", **_COST, "salt": b64encode(os.urandom(16)).decode()}
    seal = Seal(_derived(passphrase, parameters))
    return seal, {**parameters, "check": b64encode(seal.close("check", _CHECK)).decode()}


def of(passphrase: str | None, kept: dict[str, Any] | None, place: str) -> Seal:
    """The seal of a place with the parameters that were kept there.

    Raises:
        WrongKeyError: another key, or one where none is needed, or none where one is.
    """
    if kept is None and passphrase is not None:
        raise WrongKeyError(
            f"The backups in {place} are not encrypted, and WEATHERFLICK_BACKUP_KEY is set. Unset it for these, or name an empty "
            "place for encrypted ones."
        )
    if kept is None or passphrase is None:
        if kept is not None:
            raise WrongKeyError(
                f"The backups in {place} are encrypted. Set WEATHERFLICK_BACKUP_KEY to the key they were made with."
            )
        return Seal(None)
    seal = Seal(_derived(passphrase, kept))
    try:
        seal.open("check", b64decode(kept["check"]))
    except DamagedError:
        raise WrongKeyError(
            f"WEATHERFLICK_BACKUP_KEY is not the key that the backups in {place} were made with. Without that key they can't be read."
        ) from None
    return seal


def _derived(passphrase: str, parameters: dict[str, Any]) -> bytes:
    from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

    cost = {name: int(parameters[name]) for name in _COST}
    return Scrypt(salt=b64decode(parameters["salt"]), length=32, **cost).derive(passphrase.encode())
