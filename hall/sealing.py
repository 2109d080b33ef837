"""Keys and sealed values: one master key outside the database, AES-GCM bound to the row it belongs to."""

import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
NONCE_BYTES = 12
LAYOUT = b"\x01"


class KeyFileMissing(Exception):
    """There is no master key at the configured place."""


class KeyFileUnreadable(Exception):
    """The master key file does not hold 32 bytes in hexadecimal, or others may read it."""


class SealBroken(Exception):
    """A sealed value was changed, moved to another row, or sealed with another key."""


@dataclass(frozen=True, slots=True)
class Keys:
    """All keys of a hall, each derived from the master key for one purpose (HKDF, RFC 5869)."""

    master: bytes = field(repr=False)

    def derive(self, purpose: str) -> bytes:
        """Return the 32-byte key for `purpose`."""
        return _derived(self.master, purpose)

    def digest(self, purpose: str, text: str) -> str:
        """Return the HMAC-SHA256 of `text` in hexadecimal: a value to look up by, useless without the key."""
        return hmac.new(self.derive(purpose), text.encode(), hashlib.sha256).hexdigest()


@lru_cache(maxsize=64)  # every request needs several; there are about ten purposes
def _derived(master: bytes, purpose: str) -> bytes:
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=f"ip-service-hall {purpose}".encode()).derive(master)


def new_key() -> bytes:
    """Return a fresh random key of 32 bytes."""
    return secrets.token_bytes(KEY_BYTES)


def write_key_file(path: Path) -> None:
    """Write a new master key to `path`, readable by its owner alone; FileExistsError where one stands."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(new_key().hex() + "\n")
        file.flush()
        os.fsync(file.fileno())


def read_keys(path: Path) -> Keys:
    """Return the keys of the master key file; KeyFileMissing or KeyFileUnreadable when there is no good one."""
    if not path.exists():
        raise KeyFileMissing(str(path))
    if path.stat().st_mode & 0o077:
        raise KeyFileUnreadable(f"{path} may be read by others; run: chmod 600 {path}")
    try:
        master = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except ValueError as error:
        raise KeyFileUnreadable(f"{path} does not hold a key") from error
    if len(master) != KEY_BYTES:
        raise KeyFileUnreadable(f"{path} does not hold a key of {KEY_BYTES} bytes")
    return Keys(master)


def seal(key: bytes, plain: bytes, *, bound_to: str) -> bytes:
    """Encrypt `plain` with AES-256-GCM (NIST SP 800-38D), bound to a place such as 'fact|<id>'."""
    nonce = os.urandom(NONCE_BYTES)
    return LAYOUT + nonce + AESGCM(key).encrypt(nonce, plain, LAYOUT + bound_to.encode())


def unseal(key: bytes, sealed: bytes, *, bound_to: str) -> bytes:
    """Decrypt what `seal` made for the same place; SealBroken for anything else."""
    layout, nonce, body = sealed[:1], sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
    if layout != LAYOUT:
        raise SealBroken(bound_to)
    try:
        return AESGCM(key).decrypt(nonce, body, LAYOUT + bound_to.encode())
    except InvalidTag as error:
        raise SealBroken(bound_to) from error


def seal_text(key: bytes, text: str, *, bound_to: str) -> bytes:
    """Encrypt `text` as UTF-8."""
    return seal(key, text.encode(), bound_to=bound_to)


def unseal_text(key: bytes, sealed: bytes, *, bound_to: str) -> str:
    """Decrypt a text; SealBroken when it was changed or moved."""
    return unseal(key, sealed, bound_to=bound_to).decode()
