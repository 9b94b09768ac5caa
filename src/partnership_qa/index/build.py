"""A corpus into an index: read, cut, embed what is new, count words, commit."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from .. import notebook
from ..chunking import MAX_PASSAGE_TOKENS
from ..errors import CorpusIndexError
from .assembling import counts_of, embed, files_of, new_keys, stretches
from .blobs import sha256_of, side_by_side, size_of
from .cutting import Cut, cut_corpus, stamp
from .generations import Generation, commit, pointer, read_commits, read_generation, sweep, switch, write_lock
from .manifest import FORMAT, FileEntry, Manifest, RefusedEntry
from .originals import keep_originals
from .pending import pending_embeddings
from .store import Index, index_of, open_index

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..embedding import Encoder
    from ..sources import Skipped
    from .blobs import Pieces

# Stage, done, total: passages for "embedding", files for "reading".
Progress = Callable[[str, int, int], None]
# Looks at a new index before it takes the place of the one that was there; it refuses by raising.
Accept = Callable[[Index], None]


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did.

    Attributes:
        added, changed, removed, unchanged: names of documents, against the index that was there.
        skipped: files left out, with the reason.
        notes: names of documents and what their owner should know of how they were read.
        passages: how many the index holds; `embedded` of them had to be embedded, the others were known.
        truncated: passages longer than the encoder reads; 0 by construction.
        seconds: by stage (`opening` the index that was there, `reading`, `embedding`, `lexical`, `originals`,
            `writing`).
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

    def _repr_html_(self) -> str:
        changes = {name: getattr(self, name) for name in ("added", "changed", "removed", "unchanged")}
        values = {name: f"{len(names):,}: {', '.join(names[:5])}{', …' * (len(names) > 5)}" if names else "0"
                  for name, names in changes.items()}  # fmt: skip
        left = "; ".join(f"{one.name} ({one.reason})" for one in self.skipped[:5])
        values |= {
            "left out": f"{len(self.skipped):,}: {left}" if left else "0", "passages": f"{self.passages:,}",
            "seconds": f"{sum(self.seconds.values()):.1f}", "generation": self.generation,
        }  # fmt: skip
        return notebook.boxed(notebook.facts(values))


class _Clock:
    """Seconds by stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, stage: str) -> None:
        now = time.perf_counter()
        self.seconds[stage] = self.seconds.get(stage, 0.0) + now - self._last
        self._last = now


def build(
    corpus: Path, root: Path, encoder: Encoder, progress: Progress | None = None, accept: Accept | None = None
) -> BuildReport:  # fmt: skip
    """Index a corpus; the index that was there answers until the new one is whole.

    Files that are already in the index that was there are not read again, whatever their name; passages whose text is
    in it, or that a build which was stopped has embedded, are not embedded again. `accept` is given the new index
    before it takes the place of the one that was there, unless they are the same; what it raises leaves the old one.

    Raises:
        CorpusNotFoundError, EmptyCorpusError: there is nothing to index.
        IndexBusyError: another build is at work for longer than a minute.
        CorpusIndexError: the index cannot be written, or there is not enough memory.

    """
    try:
        return _build(corpus, root, encoder, progress, accept)
    except MemoryError as error:
        raise CorpusIndexError(
            f"There is not enough memory to index {corpus}; the index that was there still answers. "
            "Index fewer texts, or on a machine with more memory."
        ) from error


def _build(
    corpus: Path, root: Path, encoder: Encoder, progress: Progress | None, accept: Accept | None
) -> BuildReport:  # fmt: skip
    clock = _Clock()
    tell = progress or _silent
    before = _usable(root, encoder)
    clock.lap("opening")
    cuts, skipped = cut_corpus(corpus, root, encoder, before, tell, pack=True)
    clock.lap("reading")
    found, known = stretches(cuts, before), before
    with write_lock(root):
        if _moved(root, before):  # another build was faster; what was read is right whatever it did
            before = _usable(root, encoder)
        with pending_embeddings(root, encoder, new_keys(found)) as pending:
            blocks, embedded = embed(found, encoder, known, before, pending, tell)
            clock.lap("embedding")
            tell("lexical", 0, 1)
            files = files_of(cuts, found, blocks, lambda: counts_of(found, known), encoder.dimension)
            clock.lap("lexical")
            cuts = keep_originals(root, corpus, cuts)
            clock.lap("originals")
            manifest = _manifest(cuts, skipped, encoder, files)
            tell("writing", 0, 1)
            generation = _committed(root, manifest, files, str(corpus.resolve()), before, accept)
            pending.done = True
        clock.lap("writing")
    tell("done", 1, 1)
    old = before.generation.manifest if before else None
    return report_of(old, manifest, skipped, embedded, generation, clock.seconds)


def report_of(
    before: Manifest | None,
    now: Manifest,
    skipped: Sequence[Skipped],
    embedded: int,
    generation: str,
    seconds: dict[str, float],
) -> BuildReport:
    """What a build did, from the manifests of the generations before and after it."""
    old = {entry.name: entry.sha256 for entry in before.sources} if before else {}
    new = {entry.name: entry.sha256 for entry in now.sources}
    return BuildReport(
        added=tuple(sorted(new.keys() - old.keys())),
        changed=tuple(sorted(name for name in new.keys() & old.keys() if new[name] != old[name])),
        removed=tuple(sorted(old.keys() - new.keys())),
        unchanged=tuple(sorted(name for name in new.keys() & old.keys() if new[name] == old[name])),
        skipped=tuple(skipped), notes=tuple((entry.name, entry.note) for entry in now.sources if entry.note),
        passages=now.passages, embedded=embedded, truncated=now.truncated,
        generation=generation, digest=now.digest, seconds=seconds,
    )  # fmt: skip


def manifest_of(
    cuts: Sequence[Cut], skipped: Sequence[Skipped], encoder: Encoder, entries: dict[str, FileEntry]
) -> Manifest:  # fmt: skip
    """What an index says of itself; `entries` are its files."""
    refused = tuple(RefusedEntry(entry.name, entry.sha256, entry.reason) for entry in skipped if entry.sha256)
    return Manifest(
        FORMAT, encoder.name, encoder.fingerprint, encoder.dimension, MAX_PASSAGE_TOKENS, encoder.max_pieces,
        tuple(cut.entry for cut in cuts), refused, sum(cut.entry.passages for cut in cuts),
        sum(cut.truncated for cut in cuts), entries,
    )  # fmt: skip


def _usable(root: Path, encoder: Encoder) -> Index | None:
    """The index that was there, if it is whole and its vectors are this encoder's; a damaged one is built anew."""
    try:
        index = open_index(root)
    except CorpusIndexError:
        return None
    return index if index.generation.manifest.fingerprint == encoder.fingerprint else None


def _moved(root: Path, before: Index | None) -> bool:
    """Whether another generation than the one that was opened is current."""
    try:
        return pointer(root).name != (before.generation.name if before is not None else "")
    except CorpusIndexError:
        return before is not None


def _committed(
    root: Path, manifest: Manifest, files: dict[str, Pieces], corpus: str, before: Index | None, accept: Accept | None
) -> str:  # fmt: skip
    """Name of the generation that is current afterwards: a new one, unless nothing changed."""
    if before is None or before.generation.manifest != manifest:
        look = None if accept is None else lambda generation: accept(_opened(root, generation))
        return commit(root, manifest, files, corpus, stamp(), look).name
    commits = read_commits(root)
    sweep(root, commits)  # a build that was stopped may have left something
    if before.generation.reading != stamp():  # another program came to the same
        switch(root, (commits[0]._replace(reading=stamp()), *commits[1:]))
    return before.generation.name


def _opened(root: Path, generation: Generation) -> Index:
    """A generation that is written and not yet current, as `open_index` would give it."""
    return index_of(root, generation, read_generation(root, generation.name, generation.manifest.digest)[1])


def _silent(stage: str, done: int, total: int) -> None:
    del stage, done, total


def _manifest(
    cuts: Sequence[Cut], skipped: Sequence[Skipped], encoder: Encoder, files: dict[str, Pieces]
) -> Manifest:  # fmt: skip
    names = sorted(files)
    sizes = {name: size_of(files[name]) for name in names}
    hashes = side_by_side(lambda name: sha256_of(files[name]), names, sum(sizes.values()))
    entries = {name: FileEntry(sizes[name], sha256) for name, sha256 in zip(names, hashes, strict=True)}
    return manifest_of(cuts, skipped, encoder, entries)
