"""Where the default index stands, and how it comes to be there."""

from __future__ import annotations

from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

from .embedding import load_encoder
from .errors import IndexNotFoundError
from .index import build, corpus_changes, open_index
from .index.generations import CURRENT, pointer
from .qa import QA
from .reading import load_reader

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping, Sequence

    from .answering.outcome import Answer, NoAnswer
    from .embedding import Encoder
    from .index import BuildReport, Index, Progress
    from .reading import Reader


def default_places() -> list[tuple[Path, Path]]:
    """Where an index is looked for, as (index, corpus): here, in the project's own folder, in the user's cache."""
    here = Path.cwd()
    project = Path(__file__).resolve().parents[2]
    packaged = Path(str(resources.files("partnership_qa") / "corpus"))
    places = [(here / "index", here / "corpus")]
    if (project / "pyproject.toml").is_file():
        places.append((project / "index", project / "corpus"))
    places.append((Path(platformdirs.user_cache_dir("partnership_qa")) / "index", packaged))
    return places


def default_index() -> tuple[Path, Path]:
    """The first place that holds an index, or the texts to build one from.

    Raises:
        IndexNotFoundError: there is none; the message names the command that builds one.

    """
    places = default_places()
    for index, corpus in places:
        # A folder that merely happens to be called `index` is not ours: it has CURRENT, or a corpus beside it.
        if (index / CURRENT).is_file() or (index.is_dir() and corpus.is_dir()):
            return index, corpus
        if corpus.is_dir() and (index, corpus) != places[0]:
            return index, corpus
    raise IndexNotFoundError(Path.cwd() / "index")


def build_index(
    corpus: str | os.PathLike[str],
    index: str | os.PathLike[str] = "index",
    *,
    encoder: Encoder | None = None,
    progress: Progress | None = None,
) -> BuildReport:
    """Build an index from a folder of texts, or one file; the one that was there answers until the new one is whole.

    Args:
        corpus: folder with `.txt`, `.md`, `.html`, `.pdf` and `.docx` files, or one of them.
        index: folder to write, made if missing.
        encoder: what embeds the passages; the default is all-MiniLM-L6-v2.
        progress: called with stage, done and total.

    Raises:
        CorpusNotFoundError, EmptyCorpusError: there is nothing to index.
        IndexBusyError: another build is at work.
        CorpusIndexError: the index cannot be written.

    """
    return build(Path(corpus).expanduser(), Path(index).expanduser(), encoder or load_encoder(), progress)


def load(
    index: str | os.PathLike[str] | None = None,
    *,
    encoder: Encoder | None = None,
    reader: Reader | None = None,
    progress: Progress | None = None,
) -> QA:
    """Load an index.

    Args:
        index: its folder; `None` takes the default one, and builds it where it is missing.
        encoder: the one it was built with; the default is all-MiniLM-L6-v2.
        reader: points at answers; the default is the one that ships.
        progress: of a build, should one be needed.

    Raises:
        IndexNotFoundError, IndexCorruptError, IndexMismatchError: there is none, or it cannot be used.
        ModelError: weights are missing or damaged.

    """
    encoder = encoder or load_encoder()
    if index is None:
        root, corpus = default_index()
        if not (root / CURRENT).is_file():
            build(corpus, root, encoder, progress)
    else:
        root = Path(index).expanduser()
    return QA.assemble(open_index(root), encoder, reader or load_reader())


def answer(
    question: str,
    *,
    index: str | os.PathLike[str] | None = None,
    history: Sequence[Mapping[str, object]] = (),
    no_answer_threshold: float | None = None,
) -> Answer | NoAnswer:
    """Answer one question; see `QA.answer`. The index stays loaded until another generation takes its place.

    Raises:
        QuestionError: the question is empty, too long or holds no text.
        IndexNotFoundError, IndexCorruptError, IndexMismatchError: there is no index, or it cannot be used.

    """
    root = Path(index).expanduser() if index is not None else default_index()[0]
    if index is None and not (root / CURRENT).is_file():
        load()
    qa = _loaded(root.resolve(), pointer(root)[0])
    return qa.answer(question, history=history, no_answer_threshold=no_answer_threshold)


@lru_cache(maxsize=4)
def _loaded(root: Path, generation: str) -> QA:
    """A loaded index, by its folder and generation: a rebuild is seen by the next question."""
    del generation
    return load(root)


def stale(index: Index) -> str:
    """In one sentence, how the corpus differs from what was indexed; empty where it does not or is gone."""
    corpus = Path(index.generation.corpus)
    if not corpus.exists():
        return ""
    changes = corpus_changes(index, corpus)
    counts = ", ".join(f"{len(names)} {kind}" for kind, names in changes.items() if names)
    if not counts:
        return ""
    return f"{corpus} has changed since it was indexed ({counts}): partnership-qa build {corpus} --index {index.root}"
