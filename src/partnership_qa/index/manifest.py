"""What an index says of itself: its sources, its settings, and the hash of each of its files.

The manifest holds no time and no path of a machine: the same corpus, encoder and settings give the same bytes.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Any

FORMAT = 1


@dataclass(frozen=True, slots=True)
class SourceEntry:
    """A source file: its name in the corpus, the hash of its bytes, its characters and its passages."""

    name: str
    sha256: str
    characters: int
    sections: int
    passages: int


@dataclass(frozen=True, slots=True)
class FileEntry:
    """A file of the generation: size in bytes and SHA-256."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """All that must fit before an index is used.

    Attributes:
        format: version of the layout.
        encoder: name of the encoder; `fingerprint` is the hash of its weights, `dimension` the length of its vectors.
        max_tokens, max_pieces: limits that passages were cut to.
        sources: in the order of their names.
        passages: how many; `truncated` of them are longer than the encoder reads (0 by construction).
        files: by their path in the generation's folder, with `/`.

    """

    format: int
    encoder: str
    fingerprint: str
    dimension: int
    max_tokens: int
    max_pieces: int
    sources: tuple[SourceEntry, ...]
    passages: int
    truncated: int
    files: dict[str, FileEntry]

    def to_bytes(self) -> bytes:
        """Canonical JSON."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True, indent=1).encode("utf-8")

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical JSON: equal for equal indexes, on any machine."""
        return hashlib.sha256(self.to_bytes()).hexdigest()

    @classmethod
    def from_bytes(cls, data: bytes) -> Manifest:
        """Read what `to_bytes` wrote.

        Raises:
            ValueError: it is no manifest, of another format, or names a file outside its folder.

        """
        values: Any = json.loads(data)
        if not isinstance(values, dict) or values.get("format") != FORMAT:
            found = values.get("format") if isinstance(values, dict) else None
            raise ValueError(f"format {found} is not {FORMAT}")
        try:
            values["sources"] = tuple(SourceEntry(**entry) for entry in values["sources"])
            values["files"] = {name: FileEntry(**entry) for name, entry in values["files"].items()}
            manifest = cls(**values)
        except (TypeError, KeyError, AttributeError) as error:
            raise ValueError("it is not a manifest") from error
        for name in manifest.files:
            if name.startswith("/") or "\\" in name or ":" in name or ".." in name.split("/"):
                raise ValueError(f"it names the file {name!r}, which is outside its folder")
        return manifest
