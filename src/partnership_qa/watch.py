"""A corpus that is indexed again whenever its files change; the only user of watchfiles."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from .embedding import load_encoder
from .errors import CorpusNotFoundError, IndexBusyError, OptionalDependencyError, PartnershipQAError
from .index import build

if TYPE_CHECKING:
    import os
    import threading
    from collections.abc import Callable

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
        corpus: folder of texts, or one file.
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
        import watchfiles
    except ImportError as error:
        raise OptionalDependencyError("watchfiles", "watch", "Watching a corpus") from error
    place, root = Path(corpus).expanduser().resolve(), Path(index).expanduser().resolve()
    if not place.exists():
        raise CorpusNotFoundError(place)
    encoder = encoder or load_encoder()

    def counts(_: object, path: str) -> bool:
        changed = Path(path)
        if changed.is_relative_to(root):
            return False
        return changed == place if place.is_file() else not _hidden(changed, place)

    # An editor puts a new file in the place of the old one, so that of one file its folder is watched.
    folder = place if place.is_dir() else place.parent
    due = True
    for changes in watchfiles.watch(
        folder, watch_filter=counts, debounce=10 * QUIET_MS, step=QUIET_MS, rust_timeout=_WAIT_MS, stop_event=stop,
        yield_on_timeout=True, raise_interrupt=False, recursive=place.is_dir(),
    ):  # fmt: skip
        # The first time round nothing has changed, but whatever changes from now on is seen.
        if due or changes:
            try:
                tell(build(place, root, encoder, progress))
                due = False
            except PartnershipQAError as error:
                due = isinstance(error, IndexBusyError)
                tell(error)


def _hidden(path: Path, root: Path) -> bool:
    """Whether the corpus passes over the file, as `sources.files` does."""
    return path.is_relative_to(root) and any(part.startswith(".") for part in path.relative_to(root).parts)
