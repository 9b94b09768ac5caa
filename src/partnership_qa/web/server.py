"""The page on an address: opens the index, guards the door, and answers until it is stopped."""

from __future__ import annotations

import atexit
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastapi.routing import APIRoute
from starlette.middleware import Middleware
from starlette.responses import Response
from starlette.routing import Mount

from ..embedding import load_encoder
from ..errors import CorpusIndexError, IndexCorruptError, IndexMismatchError
from ..home import build_index, default_index
from ..index import open_index, open_signed
from ..index.generations import CURRENT, pointer
from ..integrations.keyed import ANY, LOOPBACK
from ..keys import Keys
from ..library import library_of
from ..qa import QA
from ..reading import load_reader
from . import page, sessions
from .api.access import Access
from .api.app import PREFIX as API
from .api.app import make_api
from .api.service import Service
from .conversations import Conversations, conversations_of
from .desk import TEXTS, Desk
from .desks import Desks
from .environment import prepare
from .gate import Gate
from .intake import MAX_FILE_BYTES, MAX_TOTAL_BYTES
from .page_images import PREFIX, BusyError, PageImages, can_be_drawn

if TYPE_CHECKING:
    import os
    from collections.abc import Callable

    import gradio as gr
    from gradio.routes import App
    from starlette.requests import Request

    from ..index import Store

_OVERHEAD = 2**20
NOW = "pq-now"  # where the page asks which generation is in use


def run(
    index: str | os.PathLike[str] | None,
    host: str,
    port: int | None,
    auth: tuple[str, str] | None,
    open_browser: bool,
    keep: bool = True,
    allowed_signers: Path | None = None,
    threshold: float | str | None = None,
) -> None:
    """See `serve`."""
    # Whoever opens the page sees what is kept and the names of other collections: neither is where others may open it.
    own = keep and host in LOOPBACK
    opened = _open(index) if allowed_signers is None else open_signed(_root(index), allowed_signers)
    first = Desk(opened, _assemble, allowed_signers=allowed_signers, threshold=threshold)
    desk = Desks(first, choosable=own)
    store = partial(_conversations, desk) if own else None
    start(desk, host, port, auth, open_browser, block=True, store=store)


def _conversations(desk: Desk) -> Conversations:
    return conversations_of(desk.root)


def start(
    desk: Desk,
    host: str,
    port: int | None,
    auth: tuple[str, str] | None = None,
    open_browser: bool = False,
    *,
    block: bool,
    store: Callable[[], Conversations] | None = None,
) -> gr.Blocks:
    """Open the page; with `block`, answer until it is stopped."""
    # Who is not known must not write where other machines reach this.
    desk.read_only = auth is None and host not in LOOPBACK
    blocks = page.build(desk, store)
    blocks.queue(max_size=64, default_concurrency_limit=2, api_open=None)
    app, address, _ = blocks.launch(**_options(host, port, auth, open_browser, read_only=desk.read_only))
    sessions.keep_visitors_only(app, blocks)
    _serve_pages(app, desk)
    _serve_programs(app, desk, host, password=auth is not None)
    _tell(f"Open {address}  (stop with Ctrl-C)")
    if block:
        blocks.block_thread()
    return blocks


def _serve_pages(app: App, desk: Desk) -> None:
    """Serve the pictures of pages behind the same password as gradio's own routes."""
    images = PageImages()
    atexit.register(images.close)

    def warm(index: Store) -> None:
        if any(map(can_be_drawn, index.sources)):
            threading.Thread(target=images.warm, daemon=True, name="pages").start()

    desk.on_index = warm
    warm(desk.index)

    def page_image(generation: str, document: str, page: str) -> Response:
        try:
            picture = images.picture(desk.index_of(generation), generation, document, page)
        except BusyError as error:
            return Response(str(error), 503, {"retry-after": "2"}, "text/plain")
        if picture is None:
            return Response("There is no such page.", 404, media_type="text/plain")
        return Response(picture, headers={"cache-control": "private, max-age=600"}, media_type="image/png")

    def generation(collection: str = "") -> Response:
        now = desk.named(collection).index.generation.name
        return Response(now, headers={"cache-control": "no-store"}, media_type="text/plain")

    guards = next(route.dependencies for route in app.routes if isinstance(route, APIRoute) and route.path == "/config")
    address = f"/{PREFIX}/{{generation}}/{{document}}/{{page}}"
    app.add_api_route(f"/{NOW}", generation, dependencies=guards, include_in_schema=False)
    app.add_api_route(address, page_image, dependencies=guards, include_in_schema=False)


def _serve_programs(app: App, desk: Desk, host: str, *, password: bool) -> None:
    """Serve plain JSON beside gradio's own protocol."""

    def signed_in(request: Request) -> bool:
        names = (f"access-token-{app.cookie_id}", f"access-token-unsecure-{app.cookie_id}")
        tokens = [request.cookies.get(name) for name in names]
        return any(token is not None and app.tokens.get(token) is not None for token in tokens)

    local = host in LOOPBACK
    access = Access(Keys(library_of(desk.root).home), local, password, signed_in)
    # Collections are chosen on this machine alone, as in the page.
    service = Service(desk, library_of(desk.root) if local else None)
    # First, as gradio has routes that fit any address.
    app.router.routes.insert(0, Mount(API, make_api(service, access)))


def _options(
    host: str, port: int | None, auth: tuple[str, str] | None, open_browser: bool, *, read_only: bool
) -> dict[str, Any]:
    static = Path(str(resources.files(__package__) / "static"))
    gate = Middleware(
        Gate, hosts=() if host in ANY else (*LOOPBACK, host), max_body=MAX_TOTAL_BYTES + _OVERHEAD,
        uploads=prepare(), max_uploads=0 if read_only else 4 * MAX_TOTAL_BYTES,
    )  # fmt: skip
    return {
        "server_name": host, "server_port": port, "auth": auth, "inbrowser": open_browser, "prevent_thread_lock": True,
        "quiet": True, "share": False, "ssr_mode": False, "run_history": False, "enable_monitoring": False,
        "show_error": False, "max_file_size": MAX_FILE_BYTES, "footer_links": [], "strict_cors": True,
        "mcp_server": False, "pwa": False, "i18n": page.words(), "app_kwargs": {"middleware": [gate]},
        "theme": page.theme(), "css": page.style(), "head": f"<script>{page.script()}</script>",
        "favicon_path": static / "icon.svg", "allowed_paths": [], "state_session_capacity": 1000,
    }  # fmt: skip


def _open(index: str | os.PathLike[str] | None) -> Store:
    """The index; one that is missing by default, or that cannot be used, is built from its texts where they are."""
    corpus: Path | None = None
    if index is None:
        root, corpus = default_index()
        if not (root / CURRENT).is_file():
            _build(corpus, root)
    else:
        root = Path(index).expanduser()
    try:
        return open_index(root)
    except (IndexCorruptError, IndexMismatchError) as error:
        corpus = _corpus_of(root) or corpus
        if corpus is None:
            raise
        _tell(str(error))
        _build(corpus, root)
        return open_index(root)


def _root(index: str | os.PathLike[str] | None) -> Path:
    """Folder of the index, of the default one where none is given; nothing is built."""
    return default_index()[0] if index is None else Path(index).expanduser()


def _corpus_of(root: Path) -> Path | None:
    """The texts that an index was built from, as it says itself, or else those that the page keeps for it."""
    try:
        corpus = Path(pointer(root).corpus)
    except CorpusIndexError:
        corpus = root / TEXTS
    return corpus if corpus.exists() else None


def _build(corpus: Path, root: Path) -> None:
    _tell(f"Building the index of {corpus}")
    report = build_index(corpus, root, progress=_on_terminal)
    _tell(f"{report.passages:,} passages, ready in {sum(report.seconds.values()):.1f} s")


def _assemble(index: Store) -> QA:
    with ThreadPoolExecutor(1) as worker:
        encoder = worker.submit(load_encoder)
        reader = load_reader()
        return QA.assemble(index, encoder.result(), reader)


def _on_terminal(stage: str, done: int, total: int) -> None:
    if sys.stderr.isatty() or done == total:
        end = "\r" if sys.stderr.isatty() and done < total else "\n"
        sys.stderr.write(
            f"  {stage} {done}/{total}\x1b[K{end}" if sys.stderr.isatty() else f"  {stage} {done}/{total}\n"
        )
        sys.stderr.flush()


def _tell(words: str) -> None:
    sys.stdout.write(words + "\n")
    sys.stdout.flush()
