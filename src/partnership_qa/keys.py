"""Keys for programs that ask over HTTP: made, found and revoked; `HOME/keys.json` holds their hashes and never a key.

A key is 256 random bits, so that one SHA-256 is enough to store it by: nobody can try that many, and a slow hash, which
protects words that people think of, would only make every request slow. Hashes are compared in constant time.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
import secrets
import tempfile
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from .errors import AccessKeyError
from .library import Library

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

FILE = "keys.json"
MAX_NAME_CHARS = 100
_TOKEN = re.compile(r"pqa_([0-9a-f]{8})_[0-9a-f]{64}")
_SECONDS = 10.0  # that are waited for another command to finish writing


@dataclass(frozen=True, slots=True)
class Key:
    """What is kept of a key.

    Attributes:
        id: eight hexadecimal digits, which the key itself begins with; by this it is listed and revoked.
        name: what its owner calls it.
        writes: whether it may change the texts; else it only reads.
        made: when, in UTC, as ISO 8601.
        sha256: of the whole key, in hexadecimal.

    """

    id: str
    name: str
    writes: bool
    made: str
    sha256: str


class Keys:
    """The keys of one home folder. Each look reads the file, so that a revoked key is refused at once."""

    def __init__(self, home: str | os.PathLike[str] | None = None) -> None:
        """Name the home folder; `library.Library` says which one is meant by default."""
        self.file = Library(home).home / FILE

    def all(self) -> tuple[Key, ...]:
        """Every key, oldest first; none where there is no file.

        Raises:
            AccessKeyError: the file is damaged, cannot be read, or others may read or write it.

        """
        try:
            mode = self.file.stat().st_mode
            data = self.file.read_bytes()
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise AccessKeyError(f"The keys in {self.file} cannot be read ({error.strerror}).") from None
        if os.name == "posix" and mode & 0o077:
            raise AccessKeyError(
                f"Others may read or write {self.file}, so that no key in it can be trusted: chmod 600 {self.file}"
            )
        try:
            return tuple(_key(values) for values in json.loads(data)["keys"])
        except (ValueError, KeyError, TypeError, RecursionError):
            raise AccessKeyError(f"{self.file} does not hold keys. Move it away, and make new keys.") from None

    def make(self, name: str, *, writes: bool = False) -> tuple[Key, str]:
        """A new key, and the words that its owner gives with each request; these are shown once and kept nowhere.

        Raises:
            AccessKeyError: the name is empty, too long or taken, or the file cannot be used.

        """
        name = " ".join(name.split())
        if not 0 < len(name) <= MAX_NAME_CHARS:
            raise AccessKeyError(f"A key has a name of 1 to {MAX_NAME_CHARS} characters, such as who uses it.")
        with self._locked():
            there = self.all()
            if any(key.name == name for key in there):
                raise AccessKeyError(f"There is a key “{name}” already: give another name, or revoke it first.")
            number = secrets.token_hex(4)
            token = f"pqa_{number}_{secrets.token_hex(32)}"
            made = datetime.now(timezone.utc).isoformat(timespec="seconds")
            key = Key(number, name, writes, made, _hash(token))
            self._write([*there, key])
        return key, token

    def revoke(self, which: str) -> Key:
        """Remove a key, by its id or its name; whoever gives it is refused from now on.

        Raises:
            AccessKeyError: there is none, or the file cannot be used.

        """
        with self._locked():
            there = self.all()
            found = next((key for key in there if which in (key.id, key.name)), None)
            if found is None:
                raise AccessKeyError(f"There is no key “{which}”: partnership-qa keys list")
            self._write([key for key in there if key is not found])
        return found

    def find(self, token: str) -> Key | None:
        """The key that was given; `None` where it is none of these.

        Raises:
            AccessKeyError: the file cannot be used.

        """
        form = _TOKEN.fullmatch(token)
        given = _hash(token)
        found = None
        for key in self.all():
            if hmac.compare_digest(key.sha256, given) and form is not None:
                found = key
        return found

    def bearer(self, given: str) -> Key | None:
        """The key in the header `Authorization: Bearer KEY`; `None` where there is none of these.

        Raises:
            AccessKeyError: a key is given, and the file cannot be used.

        """
        scheme, _, token = given.partition(" ")
        return self.find(token.strip()) if scheme.lower() == "bearer" else None

    @contextmanager
    def _locked(self) -> Iterator[None]:
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            lock = FileLock(self.file.with_name(f"{FILE}.lock"), timeout=_SECONDS, mode=0o600)
            lock.acquire()
        except Timeout:
            raise AccessKeyError(f"Another command is writing {self.file}. Try again when it has ended.") from None
        except OSError as error:
            raise AccessKeyError(f"{self.file} cannot be written ({error.strerror}).") from None
        try:
            yield
        finally:
            lock.release()

    def _write(self, keys: Sequence[Key]) -> None:
        values = json.dumps({"keys": [asdict(key) for key in keys]}, ensure_ascii=False, indent=1)
        try:
            # mkstemp makes a file that nobody else may open.
            number, draft = tempfile.mkstemp(dir=self.file.parent, prefix=f".{FILE}.")
            with os.fdopen(number, "w", encoding="utf-8") as file:
                file.write(values + "\n")
                file.flush()
                os.fsync(file.fileno())
            os.replace(draft, self.file)
        except OSError as error:
            raise AccessKeyError(f"{self.file} cannot be written ({error.strerror}). Free some space.") from None


def _key(values: dict[str, object]) -> Key:
    key = Key(**values)  # type: ignore[arg-type]
    texts = (key.id, key.name, key.made, key.sha256)
    if not all(isinstance(text, str) for text in texts) or not isinstance(key.writes, bool):
        raise TypeError
    return key


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
