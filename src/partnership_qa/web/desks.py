"""Several desks at once: one for each collection that somebody has chosen, and for each visitor the one that is theirs.

A visitor is a session of gradio, which is one open page. What a page chose stands in its address too
(`?collection=NAME`), so that it is chosen again when the page is loaded again, or opened from a bookmark.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from contextlib import suppress
from typing import TYPE_CHECKING

from ..errors import CollectionError, PartnershipQAError
from ..library import collection_of, library_of
from ..qa import QA, READ_PASSAGES
from .desk import Desk
from .failures import public_message
from .sessions import visitor
from .turns import Turn, shown_question

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping, Sequence
    from pathlib import Path

    from ..index import BuildReport, Progress, Store
    from ..trace import Stage

_log = logging.getLogger(__name__)
ALONE = "This index alone"
MAX_OPEN = 8  # indexes that are held in memory; the one that has not been asked for longest is let go
MAX_VISITORS = 1000  # as many sessions as gradio keeps


class Desks(Desk):
    """A desk for whoever asks: each call goes to that of the visitor whose request is being answered.

    Outside a visitor's request, and for one who has chosen nothing, it is the first one.
    """

    def __init__(self, first: Desk, *, choosable: bool = True) -> None:
        """Begin with one desk.

        Args:
            first: what the page was opened with.
            choosable: whether visitors may choose among the collections of its library.

        """
        self.choosable = choosable
        self._first = first
        self._library = library_of(first.root)
        self._alone = first.root if collection_of(first.root) is None else None
        self._told: Callable[[Store], None] | None = None
        self._open: OrderedDict[Path, Desk] = OrderedDict({first.root: first})
        self._chosen: OrderedDict[str, Path] = OrderedDict()
        self._lock, self._opening = threading.Lock(), threading.Lock()

    def names(self) -> list[str]:
        """What can be chosen: the collections that have been built, and before them the index that stands alone."""
        named = [one.name for one in self._library.collections() if one.built]
        return [*([ALONE] if self._alone is not None else []), *named]

    def chosen(self) -> str:
        """The name of what answers this visitor."""
        collection = collection_of(self.root)
        return ALONE if collection is None else collection.name

    def choose(self, name: str) -> None:
        """Answer this visitor from another collection from now on; on an error from what answered before.

        Raises:
            PartnershipQAError: there is none, it cannot be opened, or it was built with another encoder.

        """
        root = self._root_of(name)
        desk = self._desk(root)
        try:
            desk.qa()
        except PartnershipQAError:
            self._let_go(desk)
            raise
        self._choose(visitor()[0], root)

    def here(self) -> Desk:
        """The desk of the visitor whose request is being answered.

        Raises:
            PartnershipQAError: it had to be opened again and cannot be.

        """
        session, wanted = visitor()
        root = self._chosen.get(session)
        if root is None and wanted and self.choosable:
            root = self._named_in_address(wanted)
            self._choose(session, root)
        return self._desk(root) if root is not None else self._first

    def _named_in_address(self, name: str) -> Path:
        """The index that a page's address names; that of the first desk where there is none, or it cannot be opened."""
        try:
            if name in self.names():
                return self._desk(self._root_of(name)).root
        except PartnershipQAError as error:
            _log.warning("What a page's address names was not opened. %s", error)
        return self._first.root

    def named(self, collection: str) -> Desk:
        """The desk of a collection if it is open; else the first one."""
        if collection and self.choosable:
            with suppress(CollectionError):
                return self._open.get(self._root_of(collection), self._first)
        return self._first

    def index_of(self, generation: str) -> Store:
        """The open index that has this generation; else the first one's."""
        indexes = [desk.index for desk in (self._first, *list(self._open.values()))]
        return next((index for index in indexes if index.generation.name == generation), indexes[0])

    def _root_of(self, name: str) -> Path:
        return self._alone if name == ALONE and self._alone is not None else self._library.collection(name).index

    def _choose(self, session: str, root: Path) -> None:
        with self._lock:
            self._chosen[session] = root
            self._chosen.move_to_end(session)
            while len(self._chosen) > MAX_VISITORS:
                self._chosen.popitem(last=False)

    def _desk(self, root: Path) -> Desk:
        """The desk of an index, opened if it is not open; its models are those of the first one."""
        desk = self._known(root)
        if desk is not None:
            return desk
        with self._opening:  # who asks at an open desk does not wait
            desk = self._known(root)  # somebody may have waited for the same one
            if desk is None:
                first = self._first
                desk = Desk(
                    first.read(root), self._assemble, allowed_signers=first.allowed_signers, threshold=first.threshold
                )
                desk.on_index, desk.read_only = self._told, self.read_only
                self._keep_open(desk)
                if self._told is not None:
                    self._told(desk.index)
            return desk

    def _known(self, root: Path) -> Desk | None:
        with self._lock:
            if root in self._open:
                self._open.move_to_end(root)
            return self._open.get(root)

    def _keep_open(self, desk: Desk) -> None:
        """Hold a desk in memory, and let go of those that have not been asked for longest, but of none that writes."""
        with self._lock:
            self._open[desk.root] = desk
            idle = [one for one in self._open.values() if one not in (self._first, desk) and not one.writes]
            for one in idle[: max(0, len(self._open) - MAX_OPEN)]:
                del self._open[one.root]

    def _assemble(self, index: Store) -> QA:
        known = self._first.qa()
        return QA.assemble(index, known.encoder, known.reader, known.calibration)

    def _let_go(self, desk: Desk) -> None:
        with self._lock:
            if desk is not self._first:
                self._open.pop(desk.root, None)

    # What follows is `Desk`, at the desk of this visitor.

    @property
    def root(self) -> Path:
        """As `Desk.root`."""
        return self.here().root

    @property
    def allowed_signers(self) -> Path | None:
        """As `Desk.allowed_signers`."""
        return self._first.allowed_signers

    @property
    def threshold_shown(self) -> float:
        """As `Desk.threshold_shown`, of the first desk: the slider is the same for all."""
        return self._first.threshold_shown

    @property
    def read_only(self) -> bool:
        """As `Desk.read_only`, of every desk."""
        return self._first.read_only

    @read_only.setter
    def read_only(self, value: bool) -> None:
        for desk in (self._first, *list(self._open.values())):
            desk.read_only = value

    @property
    def on_index(self) -> Callable[[Store], None] | None:
        """Told of every index that comes into use at any desk."""
        return self._told

    @on_index.setter
    def on_index(self, told: Callable[[Store], None] | None) -> None:
        self._told = told
        for desk in list(self._open.values()):
            desk.on_index = told

    @property
    def index(self) -> Store:
        """As `Desk.index`."""
        return self.here().index

    @property
    def examples(self) -> tuple[str, ...]:
        """As `Desk.examples`."""
        return self.here().examples

    @property
    def writes(self) -> bool:
        """As `Desk.writes`."""
        return self.here().writes

    def read(self, root: Path) -> Store:
        """As `Desk.read`."""
        return self._first.read(root)

    def qa(self, *, newest: bool = False) -> QA:
        """As `Desk.qa`."""
        return self.here().qa(newest=newest)

    def asking(
        self, question: str, turns: Sequence[Turn] = (), *, k: int = READ_PASSAGES, threshold: float | None = None,
        documents: Sequence[str] = (),
    ) -> Generator[Stage | None, None, Turn]:  # fmt: skip
        """As `Desk.asking`; all of it at one desk, whatever is chosen meanwhile."""
        try:
            desk = self.here()
        except PartnershipQAError as error:
            _log.warning("What was chosen cannot be opened. %s", error)
            return Turn(shown_question(question), None, error=public_message(error))
        turn = yield from desk.asking(question, turns, k=k, threshold=threshold, documents=documents)
        return turn

    def judge(self, turn: Turn, rating: str, note: str) -> Turn:
        """As `Desk.judge`."""
        return self.here().judge(turn, rating, note)

    def go_back(self) -> None:
        """As `Desk.go_back`."""
        self.here().go_back()

    def change(
        self, texts: Mapping[str, bytes], *, replace: bool = False, drop: Sequence[str] = (),
        progress: Progress | None = None, permitted: bool = False,
    ) -> BuildReport:  # fmt: skip
        """As `Desk.change`."""
        return self.here().change(texts, replace=replace, drop=drop, progress=progress, permitted=permitted)

    def read_again(self, progress: Progress | None = None) -> BuildReport:
        """As `Desk.read_again`."""
        return self.here().read_again(progress)

    def outdated(self) -> dict[str, list[str]]:
        """As `Desk.outdated`."""
        return self.here().outdated()
