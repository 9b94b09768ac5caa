"""The functions that users call, and where the index stands that they mean: a folder, a collection, or the default."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from importlib import resources
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

import platformdirs

from .embedding import DEFAULT_ENCODER, PRECISIONS, load_encoder
from .errors import (
    CollectionError,
    CorpusError,
    CorpusIndexError,
    IndexNotFoundError,
    IndexSignatureError,
    ModelError,
)
from .index import build, check_signature, corpus_changes, open_index, open_signed
from .index.generations import CURRENT, pointer, read_manifest
from .library import Collection, Library, collection_of
from .qa import QA
from .reading import load_reader

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping, Sequence

    from .answering.outcome import Answer, NoAnswer
    from .embedding import Encoder
    from .index import Accept, BuildReport, Progress, Store
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


def index_folder(
    index: str | os.PathLike[str] | None = None,
    collection: str | None = None,
    home: str | os.PathLike[str] | None = None,
) -> Path | None:
    """Folder of the index that is meant; `None` where it is the default one.

    Args:
        index: its folder.
        collection: name of a collection, which has an index of its own.
        home: the home folder of collections; see `library`.

    Raises:
        CollectionError: both are given, or there is no such collection, or it has not been built.

    """
    if collection is None:
        return Path(index).expanduser() if index is not None else None
    if index is not None:
        raise CollectionError("Give an index or a collection, not both.")
    found = Library(home).collection(collection)
    if not found.built:
        command = f"build {'' if found.folders else 'FOLDER '}--collection {quote(collection)}"
        raise CollectionError(f"The collection “{collection}” has not been built: partnership-qa {command}")
    return found.index


def build_index(
    corpus: str | os.PathLike[str] | None = None,
    index: str | os.PathLike[str] | None = None,
    *,
    collection: str | None = None,
    home: str | os.PathLike[str] | None = None,
    encoder: Encoder | None = None,
    progress: Progress | None = None,
    accept: Accept | None = None,
    precision: str | None = None,
) -> BuildReport:
    """Build an index from a folder of texts, or one file; the one that was there answers until the new one is whole.

    Args:
        corpus: folder with files of the kinds in `sources.SUFFIXES`, or one of them. With a collection, a
            folder that it follows from now on beside those that it has; it may be left out.
        index: folder to write, made if missing; the default is `index`. Or an address of Milvus: `milvus:FILE.db`,
            `milvus:http://HOST:19530#NAME`.
        collection: name of the collection to build instead, made if missing; its documents' names begin with their
            folder's. What was deleted before is then removed for good.
        home: the home folder of collections; see `library`.
        encoder: what embeds the passages; the default is all-MiniLM-L6-v2.
        progress: called with stage, done and total.
        accept: given the new index before it takes the place of the one that was there; what it raises keeps that one.
        precision: of the default encoder, `fp32` or `int8` (faster, and its vectors are near the others); `None` takes
            that of the index that was there, or `fp32`.

    Raises:
        CorpusNotFoundError, EmptyCorpusError: there is nothing to index.
        ModelError: there is no such precision, or an encoder is given too.
        CollectionError: the collection cannot be made, or an index is given too.
        IndexBusyError: another build is at work.
        CorpusIndexError: the index cannot be written.

    """
    if precision is not None and encoder is not None:
        raise ModelError("Give an encoder or a precision of the default one, not both.")
    if collection is None:
        if corpus is None:
            raise CorpusError("Nothing to build from: give a folder of texts, or the name of a collection.")
        root = Path("index" if index is None else index).expanduser()
        if _in_milvus(index):
            if accept is not None:
                raise CorpusIndexError("An index in Milvus is not tested before it is taken: build without the test.")
            from .milvus import build_milvus

            embedding = encoder or default_encoder(None, precision)
            return build_milvus(Path(corpus).expanduser(), str(index), embedding, progress)
        embedding = encoder or default_encoder(root, precision)
        return build(Path(corpus).expanduser(), root, embedding, progress, accept)
    if index is not None:
        raise CollectionError("Give an index or a collection, not both.")
    library = Library(home)
    place = following(library, collection, corpus)
    embedding = encoder or default_encoder(place.index, precision)
    report = build(place.corpus, place.index, embedding, progress, accept)
    library.forget_deleted()
    return report


def encoder_name(root: Path | None, precision: str | None = None) -> str:
    """Name of the default encoder to build with: in a precision, or else in that of the index at `root`, if any.

    Raises:
        ModelError: there is no such precision.

    """
    if precision is not None:
        if precision not in PRECISIONS:
            raise ModelError(f"No precision is called {precision!r}: give {' or '.join(PRECISIONS)}.")
        return PRECISIONS[precision]
    if root is None:
        return DEFAULT_ENCODER
    try:
        current = pointer(root)
        name = read_manifest(root, current.name, current.digest).encoder
    except CorpusIndexError:  # there is none, or the build says what is wrong with it
        return DEFAULT_ENCODER
    return name if name in PRECISIONS.values() else DEFAULT_ENCODER


def default_encoder(root: Path | None, precision: str | None = None) -> Encoder:
    """The default encoder to build with; arguments and errors are those of `encoder_name`."""
    name = encoder_name(root, precision)
    return load_encoder() if name == DEFAULT_ENCODER else load_encoder(name)


def following(library: Library, name: str, folder: str | os.PathLike[str] | None) -> Collection:
    """The collection of that name, which follows a folder from now on if one is given; made if there is none.

    Raises:
        CollectionError: the folder or the name cannot be used, or there is neither such a collection nor a folder.

    """
    if folder is None:
        return library.collection(name)
    known = [one for one in library.collections() if one.name == name]
    if not known:
        return library.create(name, [Path(folder)])
    known[0].add(Path(folder))
    return known[0]


def load(
    index: str | os.PathLike[str] | None = None,
    *,
    collection: str | None = None,
    home: str | os.PathLike[str] | None = None,
    encoder: Encoder | None = None,
    reader: Reader | None = None,
    progress: Progress | None = None,
    allowed_signers: str | os.PathLike[str] | None = None,
) -> QA:
    """Load an index.

    Args:
        index: its folder; `None` takes the default one, and builds it where it is missing. Or an address of Milvus,
            as in `build_index`.
        collection: name of a collection to load instead.
        home: the home folder of collections; see `library`.
        encoder: the one it was built with; the default is all-MiniLM-L6-v2.
        reader: points at answers; the default is the one that ships.
        progress: of a build, should one be needed.
        allowed_signers: a file of those who may have signed it, as `ssh-keygen` reads it; `None` asks for no signature.
            Nothing is built then.

    Raises:
        IndexNotFoundError, IndexCorruptError, IndexMismatchError: there is none, or it cannot be used.
        IndexSignatureError: its signature is missing, wrong or by another key.
        CollectionError: there is no such collection, it has not been built, or an index is given too.
        ModelError: weights are missing or damaged.

    """
    root = index_folder(index, collection, home)
    # Side by side, as most of each is done outside Python: hashes of the weights, and what onnxruntime makes of them.
    with ThreadPoolExecutor(2, thread_name_prefix="loading") as workers:
        loaded_reader = workers.submit(lambda: reader or load_reader())
        loaded_encoder = workers.submit(lambda: encoder or load_encoder())
        if _in_milvus(index):
            from .milvus import open_milvus

            if allowed_signers is not None:
                raise _no_signatures(index)
            return QA.assemble(open_milvus(str(index)), loaded_encoder.result(), loaded_reader.result())
        if root is None:
            root, corpus = default_index()
            if allowed_signers is None and not (root / CURRENT).is_file():
                build(corpus, root, loaded_encoder.result(), progress)
        signers = None if allowed_signers is None else Path(allowed_signers).expanduser()
        opened = open_index(root) if signers is None else open_signed(root, signers)
        return QA.assemble(opened, loaded_encoder.result(), loaded_reader.result())


def answer(
    question: str,
    *,
    index: str | os.PathLike[str] | None = None,
    collection: str | None = None,
    home: str | os.PathLike[str] | None = None,
    history: Sequence[Mapping[str, object]] = (),
    no_answer_threshold: float | None = None,
    documents: Sequence[str] = (),
    allowed_signers: str | os.PathLike[str] | None = None,
) -> Answer | NoAnswer:
    """Answer one question; see `QA.answer`. The index stays loaded until another generation takes its place.

    `allowed_signers` are those who may have signed it, as `load` takes them; its signature is checked at each question.

    Raises:
        QuestionError: the question is empty, too long or holds no text, or there is no such document.
        IndexNotFoundError, IndexCorruptError, IndexMismatchError: there is no index, or it cannot be used.
        IndexSignatureError: its signature is missing, wrong or by another key.
        CollectionError: there is no such collection, it has not been built, or an index is given too.

    """
    given = index_folder(index, collection, home)
    if _in_milvus(index):
        from .milvus import current_generation

        if allowed_signers is not None:
            raise _no_signatures(index)

        qa = _loaded(Path(str(index)), current_generation(str(index)))
        return qa.answer(question, history=history, no_answer_threshold=no_answer_threshold, documents=documents)
    root = given if given is not None else default_index()[0]
    if allowed_signers is not None:
        digest = check_signature(root, Path(allowed_signers).expanduser()).digest
    elif given is None and not (root / CURRENT).is_file():
        load()
    qa = _loaded(root.resolve(), pointer(root)[0])
    if allowed_signers is not None and qa.index.generation.manifest.digest != digest:  # another one came meanwhile
        raise IndexSignatureError(root, "missing", "it was built again meanwhile")
    return qa.answer(question, history=history, no_answer_threshold=no_answer_threshold, documents=documents)


def renewed(qa: QA, allowed_signers: Path | None = None) -> QA:
    """The same over the newest generation of its index; itself where it stands over that.

    Raises:
        IndexNotFoundError, IndexCorruptError, IndexMismatchError: the index is gone, or cannot be used.
        IndexSignatureError: signers are named, and none of them signed the newest generation.

    """
    root, generation = qa.index.root, qa.index.generation.name
    if _in_milvus(root):
        from .milvus import current_generation, open_milvus

        if current_generation(str(root)) == generation:
            return qa
        return QA.assemble(open_milvus(str(root)), qa.encoder, qa.reader, qa.calibration)
    if pointer(root)[0] == generation:
        return qa
    opened = open_index(root) if allowed_signers is None else open_signed(root, allowed_signers)
    return QA.assemble(opened, qa.encoder, qa.reader, qa.calibration)


def _no_signatures(index: str | os.PathLike[str] | None) -> IndexSignatureError:
    return IndexSignatureError(Path(str(index)), "unusable", "an index in Milvus has no signatures")


def _in_milvus(index: str | os.PathLike[str] | None) -> bool:
    """Whether an index is named that stands in Milvus and not in a folder."""
    return index is not None and str(index).startswith("milvus:")


@lru_cache(maxsize=4)
def _loaded(root: Path, generation: str) -> QA:
    """A loaded index, by its folder and generation: a rebuild is seen by the next question."""
    del generation
    return load(root)


def stale(index: Store) -> str:
    """In one sentence, how the corpus differs from what was indexed; empty where it does not or is gone."""
    corpus = Path(index.generation.corpus)
    if not corpus.exists():
        return ""
    collection = collection_of(index.root)
    name = f"the collection “{collection.name}”" if collection else str(corpus)
    try:
        changes = corpus_changes(index, corpus)
    except CorpusError as error:  # a folder of several is gone
        return f"{name} cannot be compared with what was indexed: {error}"
    counts = ", ".join(f"{len(names)} {kind}" for kind, names in changes.items() if names)
    if not counts:
        return ""
    command = f"build --collection {quote(collection.name)}" if collection else f"build {corpus} --index {index.root}"
    return f"{name} has changed since it was indexed ({counts}): partnership-qa {command}"
