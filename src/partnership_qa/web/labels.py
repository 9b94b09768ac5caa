"""Judgements of visitors, kept on this machine as SQuAD files that `partnership-qa evaluate` reads.

They lie in `labels/` in the user's data folder, one file for each state of the texts, so that a label always stands
beside the very text that it was given for; a rebuild or another index never takes them away. Nothing is sent anywhere.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import platformdirs

from ..errors import LabelError
from ..evaluation import squad
from ..library import collection_of

if TYPE_CHECKING:
    from ..index import Store
    from .turns import Turn

MAX_NOTE_CHARS = 500
MAX_LABELS = 2000


def default_folder() -> Path:
    """Where labels lie: `labels` in the data folder that the system gives this user."""
    return Path(platformdirs.user_data_dir("partnership_qa")) / "labels"


def labels_of(root: Path) -> Labels:
    """The labels of an index: of its collection, or those of this user where it stands alone."""
    collection = collection_of(root)
    return Labels(collection.labels if collection is not None else None)


class Labels:
    """The files of one folder; every method may be called from any thread."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder if folder is not None else default_folder()
        self._lock = threading.Lock()

    def file(self, index: Store) -> Path:
        """The file of an index's texts; it is there once something of them has been judged."""
        return self.folder / f"{index.generation.manifest.digest[:16]}.json"

    def content(self, index: Store) -> dict[str, Any]:
        """What has been judged of an index's texts, as a SQuAD file holds it.

        Raises:
            LabelError: the file is damaged.

        """
        with self._lock:
            return self._read(self.file(index), index)

    def keep(self, turn: Turn, index: Store, rating: str, note: str) -> None:
        """Keep what a visitor thinks of an outcome, in the place of what was thought of it before.

        Args:
            turn: question and outcome.
            index: the one that it came from.
            rating: `up`, `down`, or empty to take a judgement back.
            note: what else is to be said.

        Raises:
            LabelError: the file is damaged or full, or cannot be written.

        """
        assert turn.result is not None
        key = hashlib.sha256(turn.asked.encode("utf-8")).hexdigest()[:12]
        file = self.file(index)
        with self._lock:
            content = self._read(file, index)
            if rating and squad.count(content) >= MAX_LABELS:
                full = f"{file} holds {MAX_LABELS:,} labels and is full. Move it away to begin another."
                raise LabelError(full)
            if rating:
                note = " ".join(note.split())[:MAX_NOTE_CHARS]
                squad.judged(content, key, turn.asked, turn.result, right=rating == "up", note=note)
            else:
                squad.taken_back(content, key)
            self._write(file, content)

    def _read(self, file: Path, index: Store) -> dict[str, Any]:
        try:
            content: dict[str, Any] = json.loads(file.read_text("utf-8"))
            squad.count(content)  # goes through all of it
        except FileNotFoundError:
            return squad.empty(index.sources.values())
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise LabelError(f"The labels in {file} cannot be read ({error}). Move the file away.") from error
        else:
            return content

    def _write(self, file: Path, content: dict[str, Any]) -> None:
        draft = file.with_suffix(".new")
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            draft.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")
            os.replace(draft, file)
        except OSError as error:
            raise LabelError(f"The label cannot be written to {file} ({error.strerror}).") from error
