"""Conversations that are kept on this machine: listed, searched by words, opened again, renamed, deleted.

They lie in one SQLite file: that of the collection, or, of indexes that stand alone, one in the home folder that tells
them apart by the index's folder. Every call opens the file anew, so that any thread and any process may make it, and
readers do not wait for a writer (WAL). Nothing is sent anywhere.
"""

from __future__ import annotations

import json
import sqlite3
import time
import uuid
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..errors import ConversationError
from ..library import Library, collection_of
from ..text import fold

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

FILE = "conversations.sqlite"
MAX_LISTED = 200
MAX_TITLE_CHARS = 120
_VERSION = 1
_PATIENCE = 10.0  # seconds that another writer is waited for
_SCHEMA = f"""
CREATE TABLE conversation (
    id TEXT PRIMARY KEY, place TEXT NOT NULL, title TEXT NOT NULL, words TEXT NOT NULL, changed REAL NOT NULL
);
CREATE INDEX by_time ON conversation (place, changed);
CREATE TABLE turn (
    conversation TEXT NOT NULL REFERENCES conversation (id) ON DELETE CASCADE,
    number INTEGER NOT NULL, body TEXT NOT NULL, words TEXT NOT NULL, PRIMARY KEY (conversation, number)
) WITHOUT ROWID;
PRAGMA user_version = {_VERSION};
"""


@dataclass(frozen=True, slots=True)
class Kept:
    """A conversation in the list.

    Attributes:
        id: 32 hexadecimal digits.
        title: its first question, or what it was renamed to.
        changed: when it was last changed, in seconds since 1970.
        turns: how many questions it has.

    """

    id: str
    title: str
    changed: float
    turns: int


class Conversations:
    """The conversations about one index."""

    def __init__(self, file: Path, place: str = "") -> None:
        """Name the file; it is made with the first conversation.

        Args:
            file: of SQLite.
            place: tells the indexes apart whose conversations lie in one file.

        """
        self.file, self._place = file, place

    def keep(self, conversation: str, turns: Sequence[tuple[Mapping[str, Any], str]]) -> str:
        """Keep a conversation as it is now, in the place of what was kept of it; one that is the same keeps its time.

        Args:
            conversation: its id; empty for a new one.
            turns: values for JSON of each turn, and the words that it is found by; the first words are the title of
                a new conversation.

        Returns:
            Its id.

        Raises:
            ConversationError: it cannot be written.

        """
        name = conversation or uuid.uuid4().hex
        title = " ".join(turns[0][1].split("\n")[0].split())[:MAX_TITLE_CHARS] if turns else ""
        wanted = {number: json.dumps(values, ensure_ascii=False) for number, (values, _) in enumerate(turns)}
        with self._open(write=True) as base:
            there = dict(base.execute("SELECT number, body FROM turn WHERE conversation = ?", (name,)))
            if there == wanted:
                return name
            base.execute(
                "INSERT INTO conversation VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT (id) DO UPDATE SET changed = excluded.changed",
                (name, self._place, title, fold(title), time.time()),
            )
            for number, (_, words) in enumerate(turns):
                if there.get(number) != wanted[number]:
                    row = (name, number, wanted[number], fold(words))
                    base.execute("INSERT OR REPLACE INTO turn VALUES (?, ?, ?, ?)", row)
            base.execute("DELETE FROM turn WHERE conversation = ? AND number >= ?", (name, len(turns)))
        return name

    def listed(self, words: str = "") -> tuple[Kept, ...]:
        """The newest 200 first; with words, those that hold each of them in a title, a question, an answer or a quote.

        Raises:
            ConversationError: the file cannot be read.

        """
        where, values = "", [self._place]
        for word in fold(words).split():
            like = "%" + word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
            where += (
                " AND (conversation.words LIKE ? ESCAPE '\\' OR EXISTS"
                " (SELECT 1 FROM turn WHERE conversation = id AND turn.words LIKE ? ESCAPE '\\'))"
            )
            values += [like, like]
        query = (
            "SELECT id, title, changed, (SELECT count(*) FROM turn WHERE conversation = id) FROM conversation"  # noqa: S608 - `where` is ours
            f" WHERE place = ?{where} ORDER BY changed DESC LIMIT {MAX_LISTED}"
        )
        with self._open() as base:
            return tuple(Kept(*row) for row in base.execute(query, values)) if base is not None else ()

    def turns(self, conversation: str) -> list[dict[str, Any]]:
        """Values of each turn, in order; none where there is no such conversation.

        Raises:
            ConversationError: the file cannot be read, or is damaged.

        """
        query = (
            "SELECT body FROM turn JOIN conversation ON id = conversation WHERE id = ? AND place = ? ORDER BY number"
        )
        with self._open() as base:
            rows = base.execute(query, (conversation, self._place)).fetchall() if base is not None else []
            return [json.loads(body) for (body,) in rows]

    def rename(self, conversation: str, title: str) -> None:
        """Give a conversation another title; nothing happens where it is empty or there is no such conversation.

        Raises:
            ConversationError: it cannot be written.

        """
        title = " ".join(title.split())[:MAX_TITLE_CHARS]
        if title:
            with self._open(write=True) as base:
                base.execute(
                    "UPDATE conversation SET title = ?, words = ? WHERE id = ? AND place = ?",
                    (title, fold(title), conversation, self._place),
                )

    def delete(self, conversation: str) -> None:
        """Delete a conversation for good; its words are overwritten in the file.

        Raises:
            ConversationError: it cannot be written.

        """
        with self._open(write=True) as base:
            base.execute("DELETE FROM conversation WHERE id = ? AND place = ?", (conversation, self._place))

    @contextmanager
    def _open(self, *, write: bool = False) -> Iterator[Any]:
        """A connection whose work is done at the end, or not at all; `None` where there is no file to read."""
        try:
            if not write and not self.file.is_file():
                yield None
                return
            self.file.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self.file, timeout=_PATIENCE, isolation_level=None)) as base:
                _set_up(base)
                base.execute("BEGIN IMMEDIATE" if write or not _version(base) else "BEGIN")
                try:
                    if not _version(base):
                        for statement in _SCHEMA.split(";"):
                            base.execute(statement)
                    if _version(base) != _VERSION:
                        raise ConversationError(f"{self.file} was written by a newer version; move it away.")
                    yield base
                    base.execute("COMMIT")
                finally:
                    if base.in_transaction:
                        base.execute("ROLLBACK")
        except (sqlite3.Error, OSError, ValueError) as error:
            raise ConversationError(
                f"The conversations in {self.file} cannot be read or written ({error}). Free some space, or move the "
                "file away to begin anew."
            ) from error


def _set_up(base: sqlite3.Connection) -> None:
    """Set what every connection needs.

    A change of the journal is one of the few steps for which SQLite does not wait itself while another connection
    is in the file (https://www.sqlite.org/wal.html#activating_and_configuring_wal_mode), and every connection to a
    new file makes it.
    """
    end = time.monotonic() + _PATIENCE
    for setting in ("journal_mode = WAL", "foreign_keys = ON", "secure_delete = ON"):
        while True:
            try:
                base.execute(f"PRAGMA {setting}")
                break
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) or time.monotonic() > end:
                    raise
                time.sleep(0.01)


def _version(base: sqlite3.Connection) -> int:
    return int(base.execute("PRAGMA user_version").fetchone()[0])


def conversations_of(root: Path, library: Library | None = None) -> Conversations:
    """Where conversations about the index in a folder are kept."""
    collection = collection_of(root)
    if collection is not None:
        return Conversations(collection.folder / FILE)
    return Conversations((library or Library()).home / FILE, str(root.resolve()))
