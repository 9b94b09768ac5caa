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
from .dense import DenseIndex, is_unit
from .generations import commit, read_commits, sweep, write_lock
from .lexical import LexicalIndex
from .manifest import FORMAT, FileEntry, Manifest, SourceEntry
from .pending import PendingEmbeddings, pending_embeddings
from .store import PASSAGES, SOURCES, VECTORS, Index, dump_passages, dump_sources, open_index

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..document import Document
    from ..embedding import Encoder, Vectors

# Stage, done, total: passages for "embedding", documents else.
Progress = Callable[[str, int, int], None]
_KEPT_AT_ONCE = 32


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did.

    Attributes:
        added, changed, removed, unchanged: names of documents, against the index that was there.
        skipped: files left out, with the reason.
        notes: names of documents and what their owner should know of how they were read.
        passages: how many the index holds; `embedded` of them had to be embedded, the others were known.
        truncated: passages longer than the encoder reads; 0 by construction.
        seconds: by stage (`reading`, `cutting`, `opening` the index that was there, `embedding`, `lexical`, `writing`).
        generation: name of the generation that is now current.
        digest: of its manifest.

    """

    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    unchanged: tuple[str, ...]
    skipped: tuple[Skipped, ...]
    notes: tuple[tuple[str, str], ...]
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

    Passages whose text is already in the index that was there, or that a build which was stopped has embedded, are not
    embedded again.

    Raises:
        CorpusNotFoundError, EmptyCorpusError: there is nothing to index.
        IndexBusyError: another build is at work for longer than a minute.
        CorpusIndexError: the index cannot be written.

    """
    clock = _Clock()
    tell = progress or _silent
    tell("reading", 0, 1)
    documents, skipped = load_corpus(corpus, leave_out=root)
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
        clock.lap("opening")
        keys = [_key(text) for text in texts]
        with pending_embeddings(root, encoder, set(keys)) as pending:
            vectors, embedded = _embed(texts, keys, encoder, before, pending, tell)
            clock.lap("embedding")
            tell("lexical", 0, 1)
            files, sizes = _files(documents, passages, vectors, texts)
            clock.lap("lexical")
            manifest = _manifest(documents, sizes, passages, truncated, encoder, files)
            if before is not None and before.generation.manifest == manifest:
                generation = before.generation
                sweep(root, read_commits(root))  # a build that was stopped may have left something
            else:
                tell("writing", 0, 1)
                generation = commit(root, manifest, files, str(corpus.resolve()))
            pending.done = True
        clock.lap("writing")
    tell("done", 1, 1)
    old = {entry.name: entry.sha256 for entry in before.generation.manifest.sources} if before else {}
    new = {document.name: document.sha256 for document in documents}
    return BuildReport(
        added=tuple(sorted(new.keys() - old.keys())),
        changed=tuple(sorted(name for name in new.keys() & old.keys() if new[name] != old[name])),
        removed=tuple(sorted(old.keys() - new.keys())),
        unchanged=tuple(sorted(name for name in new.keys() & old.keys() if new[name] == old[name])),
        skipped=tuple(skipped),
        notes=tuple((document.name, document.note) for document in documents if document.note),
        passages=len(passages), embedded=embedded, truncated=truncated,
        generation=generation.name, digest=manifest.digest, seconds=clock.seconds,
    )  # fmt: skip


def _usable(root: Path, encoder: Encoder) -> Index | None:
    """The index that was there, if it is whole and its vectors are this encoder's; a damaged one is built anew."""
    try:
        index = open_index(root)
    except CorpusIndexError:
        return None
    return index if index.generation.manifest.fingerprint == encoder.fingerprint else None


def _embed(
    texts: Sequence[str],
    keys: Sequence[bytes],
    encoder: Encoder,
    before: Index | None,
    pending: PendingEmbeddings,
    tell: Progress,
) -> tuple[Vectors, int]:
    """Vectors of the texts, and how many were made: none that the index that was there or a stopped build has."""
    vectors = np.zeros((len(texts), encoder.dimension), dtype=np.float32)
    places: dict[bytes, list[int]] = {}
    for number, key in enumerate(keys):
        places.setdefault(key, []).append(number)
    if before is not None:
        known = {_key(passage.indexed_text): number for number, passage in enumerate(before.passages)}
        taken = [key for key in places if key in known]
        rows = before.dense.vectors(np.array([known[key] for key in taken], dtype=np.int64))
        for key, row in zip(taken, rows, strict=True):
            vectors[places.pop(key)] = row
    for key in [key for key in places if key in pending.found]:
        vectors[places.pop(key)] = pending.found[key]
    missing = list(places)
    tell("embedding", 0, len(missing))
    for at in range(0, len(missing), _KEPT_AT_ONCE):
        part = missing[at : at + _KEPT_AT_ONCE]
        made = encoder.encode(
            [texts[places[key][0]] for key in part],
            lambda done, _, at=at: tell("embedding", at + done, len(missing)),  # type: ignore[misc]
        )
        if is_unit(made):  # of anything else the index that is made of it will complain
            pending.add(part, made)
        for key, row in zip(part, made, strict=True):
            vectors[places[key]] = row
    return vectors, len(missing)


def _silent(stage: str, done: int, total: int) -> None:
    del stage, done, total


def _key(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8")).digest()


def _files(
    documents: Sequence[Document], passages: Sequence[Passage], vectors: Vectors, texts: Sequence[str]
) -> tuple[dict[str, bytes], tuple[int, ...]]:
    """Files of the generation, and the bytes of each source in the one that holds them all."""
    stored, sizes = dump_sources([document.text for document in documents])
    files = {VECTORS: DenseIndex(vectors).to_bytes(), PASSAGES: dump_passages(passages), SOURCES: stored}
    files |= {f"lexical/{name}": data for name, data in LexicalIndex(texts).to_files().items()}
    return files, sizes


def _manifest(
    documents: Sequence[Document],
    sizes: Sequence[int],
    passages: Sequence[Passage],
    truncated: int,
    encoder: Encoder,
    files: dict[str, bytes],
) -> Manifest:
    counts: dict[str, int] = {}
    for passage in passages:
        counts[passage.document] = counts.get(passage.document, 0) + 1
    sources = tuple(
        SourceEntry(d.name, d.sha256, len(d.text), len(d.sections), counts.get(d.name, 0), size, d.pages)
        for d, size in zip(documents, sizes, strict=True)
    )
    entries = {name: FileEntry(len(data), hashlib.sha256(data).hexdigest()) for name, data in sorted(files.items())}
    return Manifest(
        FORMAT, encoder.name, encoder.fingerprint, encoder.dimension, MAX_PASSAGE_TOKENS, encoder.max_pieces,
        sources, len(passages), truncated, entries,
    )  # fmt: skip
