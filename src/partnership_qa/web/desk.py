"""What a visitor is answered from: the `QA` in use, and how another takes its place while questions go on."""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from ..answering.confidence import load_calibration
from ..errors import (
    CorpusError,
    CorpusIndexError,
    CorpusTooLargeError,
    EmptyCorpusError,
    IndexBusyError,
    IndexCorruptError,
    LabelError,
    PartnershipQAError,
    QuestionError,
    ReadOnlyError,
    UnsignedChangeError,
)
from ..evaluation.card import card_threshold
from ..index import build, corpus_changes, open_index, open_signed, read_original, rollback
from ..index.generations import pointer
from ..qa import QA, READ_PASSAGES
from ..sources import TEXT_SUFFIXES, file_of
from .examples import SHOWN, candidates, examples
from .failures import public_message
from .intake import MAX_KEPT_BYTES, write_corpus
from .labels import Labels, labels_of
from .own_texts import OwnTexts, own_texts
from .turns import Turn, history, shown_question

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping, Sequence

    from ..index import BuildReport, Progress, Source, Store
    from ..trace import Stage

_log = logging.getLogger(__name__)

MAX_PASSAGES = 20
TEXTS = "texts"


@dataclass(frozen=True)
class Loaded:
    """One generation ready to be asked, with questions to begin with."""

    qa: QA
    examples: tuple[str, ...]


class Desk:
    """Shared by all visitors; every method may be called from any thread.

    The index is opened at once, so that the page can show what it holds; encoder and reader come in a thread of their
    own, and the first question waits for them.
    """

    def __init__(
        self,
        index: Store,
        assemble: Callable[[Store], QA],
        labels: Labels | None = None,
        allowed_signers: Path | None = None,
        threshold: float | str | None = None,
    ) -> None:
        """Start to load what answers from an index.

        Args:
            index: opened.
            assemble: gives the `QA` that answers from it; called once, in a thread.
            labels: where judgements are kept; by default in the user's data folder, or with the index's collection.
            allowed_signers: a file of those who must have signed every generation that is taken up; the page then
                changes no texts, as it cannot sign.
            threshold: least confidence in [0, 1]; `"card"` takes that of the risk card of each index; `None` the
                calibrated one.

        Raises:
            CorpusIndexError: the card is meant, and there is none that can be used.

        """
        self._root, self._allowed_signers, self.threshold = index.root, allowed_signers, threshold
        least = card_threshold(index, allowed_signers) if isinstance(threshold, str) else threshold
        self._shown = load_calibration().threshold if least is None else least
        self.read_only = False  # nobody may write but who is known by a key
        self.on_index: Callable[[Store], None] | None = None  # told of every index that comes into use
        self._labels = labels or labels_of(index.root)
        self._opened: Store | None = index
        self._ready: Future[None] = Future()
        self._loaded: Loaded | None = None
        self._swap = threading.Lock()
        self._write = threading.Lock()
        threading.Thread(target=self._load, args=(assemble, index), daemon=True, name="load").start()

    def _load(self, assemble: Callable[[Store], QA], index: Store) -> None:
        try:
            self._take(assemble(index))
        except BaseException as error:  # noqa: BLE001 - whatever it is, the one who asks must learn of it
            _log.error("The models cannot be loaded: %s", error)
            self._ready.set_exception(error)
        else:
            self._opened = None
            self._ready.set_result(None)

    @property
    def threshold_shown(self) -> float:
        """The threshold that is used where a visitor sets none, as the slider shows it."""
        return round(self._shown, 2)

    def _take(self, qa: QA) -> None:
        if isinstance(self.threshold, str):
            try:
                self._shown = card_threshold(qa.index, self.allowed_signers)
            except CorpusIndexError as error:
                _log.warning("The threshold stays at %.2f. %s", self._shown, error)
        if self.threshold is not None:
            qa = replace(qa, calibration=replace(qa.calibration, threshold=self._shown))
        self._loaded = Loaded(qa, tuple(examples(qa)))
        if self.on_index is not None:
            self.on_index(qa.index)

    @property
    def root(self) -> Path:
        """Folder of the index."""
        return self._root

    @property
    def allowed_signers(self) -> Path | None:
        """File of those who must have signed what is answered from; `None` asks for no signature."""
        return self._allowed_signers

    @property
    def writes(self) -> bool:
        """Whether a build is at work here."""
        return self._write.locked()

    def read(self, root: Path) -> Store:
        """Open an index as it is opened here, with its signature checked where one is asked for."""
        return open_index(root) if self.allowed_signers is None else open_signed(root, self.allowed_signers)

    def named(self, collection: str) -> Desk:  # noqa: ARG002 - there is only this one
        """The desk of a collection if it is open; else the first one."""
        return self

    def index_of(self, generation: str) -> Store:  # noqa: ARG002
        """The open index that has this generation; else the first one's."""
        return self.index

    @property
    def index(self) -> Store:
        """The index in use."""
        opened = self._opened  # read first: it is only let go once something is loaded
        loaded = self._loaded
        if loaded is not None:
            return loaded.qa.index
        assert opened is not None
        return opened

    @property
    def examples(self) -> tuple[str, ...]:
        """Questions to begin with; while the models are still coming, those that the corpus suggests."""
        loaded = self._loaded
        return loaded.examples if loaded is not None else tuple(candidates(self.index)[:SHOWN])

    def qa(self, *, newest: bool = False) -> QA:
        """The `QA` in use; a generation that another process has built is taken up by one of the next questions.

        Args:
            newest: wait until the current generation is loaded, instead of answering from the one before meanwhile.

        Raises:
            PartnershipQAError: encoder or reader could not be loaded.

        """
        self._ready.result()
        assert self._loaded is not None
        try:
            if pointer(self.root)[0] != self._loaded.qa.index.generation.name and self._swap.acquire(blocking=newest):
                try:
                    self._reopen(self._loaded.qa)
                finally:
                    self._swap.release()
        except CorpusIndexError as error:
            # What is in memory is whole, whatever has become of the folder.
            _log.warning("The index on disk cannot be opened; the one in memory still answers. %s", error)
        return self._loaded.qa

    def _reopen(self, qa: QA) -> None:
        if pointer(self.root)[0] != qa.index.generation.name:
            self._take(QA.assemble(self.read(self.root), qa.encoder, qa.reader, qa.calibration))

    def ask(
        self, question: str, turns: Sequence[Turn] = (), *, k: int = READ_PASSAGES, threshold: float | None = None
    ) -> Turn:
        """As `asking`, from begin to end."""
        try:
            steps = self.asking(question, turns, k=k, threshold=threshold)
            while True:
                next(steps)
        except StopIteration as end:
            turn: Turn = end.value
            return turn

    def asking(
        self, question: str, turns: Sequence[Turn] = (), *, k: int = READ_PASSAGES, threshold: float | None = None,
        documents: Sequence[str] = (),
    ) -> Generator[Stage | None, None, Turn]:  # fmt: skip
        """Answer a question of a conversation; what went wrong on purpose becomes a turn that says so.

        `documents` are those to ask within, as `QA.answer` takes them; all where there are none.
        Each stage is yielded before it begins, first of all `None` where the models are still coming.
        """
        shown = shown_question(question)
        try:
            if not self._ready.done():
                yield None
            qa = self.qa()
            trace = yield from qa.steps(
                question, history=history(turns), no_answer_threshold=threshold,
                k=max(1, min(int(k), MAX_PASSAGES)), documents=documents,
            )  # fmt: skip
        except QuestionError as error:
            return Turn(shown, None, error=str(error), within=tuple(documents))
        except PartnershipQAError as error:
            _log.warning("A question was not answered: %s", error)
            return Turn(shown, None, error=public_message(error))
        except Exception:  # noqa: BLE001 - a visitor is told that it failed, never how
            _log.exception("A question was not answered")
            return Turn(shown, None, error="Something went wrong on this side; the terminal says more. Try again.")
        index = qa.index
        within = qa.catalogue.select(documents) if documents else None
        counts = (len(within.numbers), len(within.documents)) if within else (len(index.passages), len(index.sources))
        return Turn(trace.outcome.question, trace, index.generation.name, *counts, within=tuple(documents))

    def judge(self, turn: Turn, rating: str, note: str) -> Turn:
        """Keep what a visitor thinks of an outcome; the turn with it.

        Raises:
            LabelError: the texts have changed since the outcome, or it cannot be written.
            ReadOnlyError: nobody may write here.

        """
        if self.read_only:
            raise ReadOnlyError
        index = self.index
        if turn.generation != index.generation.name:
            raise LabelError("The texts have changed since this answer. Ask again, then judge what comes.")
        self._labels.keep(turn, index, rating, note)
        return replace(turn, rating=rating, note=note if rating else "")

    def go_back(self) -> None:
        """Make the generation before current; done twice, all is as it was.

        Raises:
            PartnershipQAError: there is none, it is damaged, or a build is at work.

        """
        with self._writing():
            rollback(self.root)
            index = self.qa(newest=True).index
            own = own_texts(self.root)
            if Path(index.generation.corpus) == own.corpus.resolve():
                self._keep(own.folder, dict(_kept_own(index, own).values()))

    def change(
        self,
        texts: Mapping[str, bytes],
        *,
        replace: bool = False,
        drop: Sequence[str] = (),
        progress: Progress | None = None,
        permitted: bool = False,
    ) -> BuildReport:
        """Build the index from other texts; the one in use answers until the new one is whole.

        They are kept in `texts` in the index's folder: what is indexed now, less `drop`, and the new ones. The folder
        that the index was first built from is left as it is. A collection has its texts beside the folders that it
        follows; it goes on to follow them, and only its own texts are replaced or left out.

        Args:
            texts: by name; one of the same name takes its place.
            replace: take only these.
            drop: names to leave out.
            progress: called with stage, done and total.
            permitted: whoever asks for it gave a key that writes.

        Raises:
            ReadOnlyError: nobody may write, and it is not permitted.
            EmptyCorpusError: nothing would be left.
            FollowedDocumentError: a name to leave out lies in a folder that a collection follows.
            CorpusTooLargeError: they would take up more than `MAX_KEPT_BYTES`.
            IndexBusyError: another build is at work.
            PartnershipQAError: the index cannot be written.

        """
        with self._writing(permitted=permitted):
            index = self.qa(newest=True).index
            own = own_texts(self.root)
            own.check_dropped(drop)
            folder, there = own.folder, _kept_own(index, own)
            wanted = {} if replace else dict(kept for name, kept in there.items() if name not in drop)
            wanted |= texts
            if not wanted and not own.prefix:
                raise EmptyCorpusError(folder)
            if sum(map(len, wanted.values())) > MAX_KEPT_BYTES:
                raise CorpusTooLargeError(folder, MAX_KEPT_BYTES)
            self._keep(folder, wanted)
            try:
                report = self._build(own.corpus, progress)
            except BaseException:
                self._keep(folder, dict(there.values()))  # the folder keeps saying what is indexed
                raise
            for skipped in filter(own.holds, (skipped.name for skipped in report.skipped)):
                (folder / own.name(skipped)).unlink(missing_ok=True)
            return report

    def _keep(self, folder: Path, texts: Mapping[str, bytes]) -> None:
        try:
            write_corpus(folder, texts)
        except OSError as error:
            raise CorpusIndexError(f"The texts cannot be written ({error.strerror}). Free some space.") from error

    def read_again(self, progress: Progress | None = None) -> BuildReport:
        """Build the index from its own corpus folder as it is now.

        Raises:
            PartnershipQAError: the folder is gone or empty, or the index cannot be written.

        """
        with self._writing():
            return self._build(Path(self.index.generation.corpus), progress)

    @contextmanager
    def _writing(self, *, permitted: bool = False) -> Iterator[None]:
        if self.allowed_signers is not None:
            raise UnsignedChangeError(self.root)
        if self.read_only and not permitted:
            raise ReadOnlyError
        if not self._write.acquire(blocking=False):
            raise IndexBusyError(self.root)
        try:
            yield
        finally:
            self._write.release()

    def _build(self, corpus: Path, progress: Progress | None) -> BuildReport:
        report = build(corpus, self.root, self.qa().encoder, progress)
        self.qa(newest=True)
        return report

    def outdated(self) -> dict[str, list[str]]:
        """How the corpus folder differs from what is indexed; nothing where it cannot be read."""
        corpus = Path(self.index.generation.corpus)
        try:
            changes = corpus_changes(self.index, corpus) if corpus.exists() else {}
        except (OSError, CorpusError):
            return {}
        return {kind: names for kind, names in changes.items() if names}


def _kept_own(index: Store, own: OwnTexts) -> dict[str, tuple[str, bytes]]:
    """Name in their folder and bytes of the texts that the page may change, by their names in the index."""
    sources = [index.sources[name] for name in index.sources if own.holds(name)]
    kept = {source.name: _kept(source, index) for source in sources}
    return {name: (own.name(file), data) for name, (file, data) in kept.items()}


def _kept(source: Source, index: Store) -> tuple[str, bytes]:
    """Name and bytes of the file that a source was read from: as the index keeps it, as its folder has it, or its text.

    The text of a PDF is no PDF, so that it is kept under a name of its own.
    """
    data = _original(source, index)
    if data is not None:
        return source.name, data
    is_text = PurePosixPath(source.name).suffix.lower() in TEXT_SUFFIXES
    return source.name if is_text else f"{source.name}.txt", source.text.encode("utf-8")


def _original(source: Source, index: Store) -> bytes | None:
    """The file that a source was read from; `None` where neither the index nor its corpus has it as it was."""
    try:
        data = read_original(index, source)
        if data is not None:
            return data
    except IndexCorruptError as error:
        _log.warning("An original is damaged. %s", error)
    try:
        data = file_of(Path(index.generation.corpus), source.name).read_bytes()
    except (OSError, CorpusError):
        return None
    return data if hashlib.sha256(data).hexdigest() == source.sha256 else None
