"""A corpus that is indexed again whenever its files change; the only user of watchfiles."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from .errors import CorpusError, CorpusNotFoundError, IndexBusyError, OptionalDependencyError, PartnershipQAError
from .home import default_encoder
from .index import build
from .sources.folders import is_folders, read_folders

if TYPE_CHECKING:
    import os
    import threading
    from collections.abc import Callable, Iterator

    from watchfiles import Change

    from .embedding import Encoder
    from .index import BuildReport, Progress

QUIET_MS = 300
_WAIT_MS = 1000


def watch(
    corpus: str | os.PathLike[str],
    index: str | os.PathLike[str],
    tell: Callable[[BuildReport | PartnershipQAError], None],
    *,
    encoder: Encoder | None = None,
    progress: Progress | None = None,
    stop: threading.Event | None = None,
) -> None:
    """Build an index, and again whenever the corpus has changed and been quiet for a moment, until told to stop.

    Whoever has the index open, a chat page among them, moves to the new generation with one of its next questions. A
    build that fails leaves the index as it is, and the watching goes on.

    Args:
        corpus: folder of texts, one file, or a list of folders (`sources.folders`), which may change meanwhile.
        index: folder to write.
        tell: called with the report of each build, or with the error that it ended in.
        encoder: what embeds the passages; the default is all-MiniLM-L6-v2.
        progress: called with stage, done and total.
        stop: ends the watching when it is set; so does Ctrl-C.

    Raises:
        CorpusNotFoundError: there is nothing to watch.
        OptionalDependencyError: watchfiles is not installed.

    """
    try:
        import watchfiles  # noqa: F401 - said at once, and not when the encoder is loaded
    except ImportError as error:
        raise OptionalDependencyError("watchfiles", "watch", "Watching a corpus") from error
    place, root = Path(corpus).expanduser().absolute(), Path(index).expanduser().resolve()
    if not place.exists():
        raise CorpusNotFoundError(place)
    encoder = encoder or default_encoder(root)
    due = True
    for changed in _changes(place, root, stop):
        if due or changed:
            try:
                tell(build(place.resolve(), root, encoder, progress))
                due = False
            except PartnershipQAError as error:
                due = isinstance(error, IndexBusyError)
                tell(error)


class _Target(NamedTuple):
    """A corpus, links followed, and the folder that is watched for it, with its number in the file system.

    The folder is the corpus itself or the nearest one above it: an editor puts a new file in the place of the old one,
    and a folder that is deleted may come back.
    """

    place: Path
    folder: Path
    number: int


def _target(corpus: Path) -> _Target:
    place = corpus.resolve()
    folder = next(folder for folder in (place, *place.parents) if folder.is_dir())
    return _Target(place, folder, folder.stat().st_ino)


def _targets(corpus: Path) -> tuple[_Target, ...]:
    """What is watched for a corpus: itself, or the folders that it lists."""
    try:
        folders = tuple(read_folders(corpus).values()) if is_folders(corpus) else ()
    except CorpusError:  # a build will say what is wrong with the list
        folders = ()
    return tuple(map(_target, folders or (corpus,)))


def _changes(corpus: Path, root: Path, stop: threading.Event | None) -> Iterator[bool]:
    """Whether the corpus has changed, about once a second; at first it has, and again when it comes or goes."""
    from watchfiles import Change, watch

    while True:
        changed = True
        try:
            targets = _targets(corpus)
            # One made again may have the same number.
            lost = {(Change.deleted, str(target.folder)) for target in targets}
            for changes in watch(
                *(target.folder for target in targets), watch_filter=partial(_counts, targets, root, lost),
                debounce=10 * QUIET_MS, step=QUIET_MS, rust_timeout=_WAIT_MS, stop_event=stop, yield_on_timeout=True,
                raise_interrupt=False, recursive=all(target.folder == target.place for target in targets),
            ):  # fmt: skip
                if lost & changes or _targets(corpus) != targets:
                    break
                yield changed or bool(changes)
                changed = False
            else:
                return
        except FileNotFoundError:  # it went while it was looked at
            continue


def _counts(targets: tuple[_Target, ...], root: Path, lost: set[tuple[Change, str]], change: Change, path: str) -> bool:
    """Whether what happened to a path is a change of the corpus, or the loss of a folder that is watched."""
    changed = Path(path)
    if changed.is_relative_to(root):
        return False
    if (change, path) in lost:
        return True
    return any(_concerns(target, changed) for target in targets if changed.is_relative_to(target.folder))


def _concerns(target: _Target, changed: Path) -> bool:
    return not _hidden(changed, target.place) if target.folder == target.place else changed == target.place


def _hidden(path: Path, root: Path) -> bool:
    """Whether the corpus passes over the file, as `sources.files` does."""
    return path.is_relative_to(root) and any(part.startswith(".") for part in path.relative_to(root).parts)
