"""A corpus into an index: read, cut, embed what is new, count words, commit."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..chunking import MAX_PASSAGE_TOKENS, Passage, split_document
from ..errors import CorpusIndexError
from ..sources import Skipped, load_corpus
from .dense import DenseIndex
from .generations import commit, write_lock
from .lexical import LexicalIndex
from .manifest import FORMAT, FileEntry, Manifest, SourceEntry
from .store import PASSAGES, VECTORS, Index, dump_passages, open_index, source_file

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..document import Document
    from ..embedding import Encoder, Vectors

# Stage, done, total: passages for "embedding", documents else.
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did.

    Attributes:
        added, changed, removed, unchanged: names of documents, against the index that was there.
        skipped: files left out, with the reason.
        passages: how many the index holds; `embedded` of them had to be embedded, the others were known.
        truncated: passages longer than the encoder reads; 0 by construction.
        seconds: by stage (`reading`, `cutting`, `embedding`, `lexical`, `writing`).
        generation: name of the generation that is now current.
        digest: of its manifest.

    """

    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    unchanged: tuple[str, ...]
    skipped: tuple[Skipped, ...]
    passages: int
    embedded: int
    truncated: int
    generation: str
    digest: str
    seconds: dict[str, float] = field(default_factory=dict)

    def to_dict(self) -> dict[str, object]:
        """Plain values for JSON."""
        return asdict(self)


class _Clock:
    """Seconds by stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, stage: str) -> None:
        now = time.perf_counter()
        self.seconds[stage] = self.seconds.get(stage, 0.0) + now - self._last
        self._last = now


def build(corpus: Path, root: Path, encoder: Encoder, progress: Progress | None = None) -> BuildReport:
    """Index a corpus; the index that was there answers until the new one is whole.

    Passages whose text is already in the index that was there are not embedded again.

    Raises:
        CorpusNotFoundError, EmptyCorpusError: there is nothing to index.
        IndexBusyError: another build is at work for longer than a minute.
        CorpusIndexError: the index cannot be written.

    """
    clock = _Clock()
    tell = progress or (lambda stage, done, total: None)
    tell("reading", 0, 1)
    documents, skipped = load_corpus(corpus)
    clock.lap("reading")
    passages: list[Passage] = []
    for number, document in enumerate(documents):
        tell("cutting", number, len(documents))
        passages += split_document(document, count_pieces=encoder.count_pieces, max_pieces=encoder.max_pieces)
    texts = [passage.indexed_text for passage in passages]
    truncated = sum(encoder.count_pieces(text) > encoder.max_pieces for text in texts)
    clock.lap("cutting")
    with write_lock(root):
        before = _usable(root, encoder)
        vectors, embedded = _embed(texts, encoder, before, tell)
        clock.lap("embedding")
        tell("lexical", 0, 1)
        files = _files(documents, passages, vectors, texts)
        clock.lap("lexical")
        manifest = _manifest(documents, passages, truncated, encoder, files)
        if before is not None and before.generation.manifest == manifest:
            generation = before.generation
        else:
            tell("writing", 0, 1)
            generation = commit(root, manifest, files, str(corpus.resolve()))
        clock.lap("writing")
    tell("done", 1, 1)
    old = {entry.name: entry.sha256 for entry in before.generation.manifest.sources} if before else {}
    new = {document.name: document.sha256 for document in documents}
    return BuildReport(
        added=tuple(sorted(new.keys() - old.keys())),
        changed=tuple(sorted(name for name in new.keys() & old.keys() if new[name] != old[name])),
        removed=tuple(sorted(old.keys() - new.keys())),
        unchanged=tuple(sorted(name for name in new.keys() & old.keys() if new[name] == old[name])),
        skipped=tuple(skipped), passages=len(passages), embedded=embedded, truncated=truncated,
        generation=generation.name, digest=manifest.digest, seconds=clock.seconds,
    )  # fmt: skip


def _usable(root: Path, encoder: Encoder) -> Index | None:
    """The index that was there, if it is whole and its vectors are this encoder's; a damaged one is built anew."""
    try:
        index = open_index(root)
    except CorpusIndexError:
        return None
    return index if index.generation.manifest.fingerprint == encoder.fingerprint else None


def _embed(texts: Sequence[str], encoder: Encoder, before: Index | None, tell: Progress) -> tuple[Vectors, int]:
    """Vectors of the texts, taken from the index that was there where it has them; and how many were made."""
    known: dict[str, int] = {}
    if before is not None:
        known = {_key(passage.indexed_text): number for number, passage in enumerate(before.passages)}
    keys = [_key(text) for text in texts]
    missing = [number for number, key in enumerate(keys) if key not in known]
    vectors = np.zeros((len(texts), encoder.dimension), dtype=np.float32)
    tell("embedding", 0, len(missing))
    if missing:
        made = encoder.encode([texts[n] for n in missing], lambda done, total: tell("embedding", done, total))
        vectors[missing] = made
    taken = [number for number, key in enumerate(keys) if key in known]
    if taken and before is not None:
        vectors[taken] = before.dense.vectors(np.array([known[keys[n]] for n in taken], dtype=np.int64))
    return vectors, len(missing)


def _key(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def _files(
    documents: Sequence[Document], passages: Sequence[Passage], vectors: Vectors, texts: Sequence[str]
) -> dict[str, bytes]:
    files = {VECTORS: DenseIndex(vectors).to_bytes(), PASSAGES: dump_passages(passages)}
    files |= {f"lexical/{name}": data for name, data in LexicalIndex(texts).to_files().items()}
    files |= {source_file(number): document.text.encode("utf-8") for number, document in enumerate(documents)}
    return files


def _manifest(
    documents: Sequence[Document],
    passages: Sequence[Passage],
    truncated: int,
    encoder: Encoder,
    files: dict[str, bytes],
) -> Manifest:
    counts: dict[str, int] = {}
    for passage in passages:
        counts[passage.document] = counts.get(passage.document, 0) + 1
    sources = tuple(
        SourceEntry(d.name, d.sha256, len(d.text), len(d.sections), counts.get(d.name, 0)) for d in documents
    )
    entries = {name: FileEntry(len(data), hashlib.sha256(data).hexdigest()) for name, data in sorted(files.items())}
    return Manifest(
        FORMAT, encoder.name, encoder.fingerprint, encoder.dimension, MAX_PASSAGE_TOKENS, encoder.max_pieces,
        sources, len(passages), truncated, entries,
    )  # fmt: skip
