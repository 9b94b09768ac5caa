"""`partnership-qa mcp`: an index for assistants that speak the Model Context Protocol."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import PartnershipQAError
from .terminal import CollectionOption, HomeOption, IndexOption, SignersOption, counted

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..keys import Keys
    from ..qa import QA

_HERE = "127.0.0.1"


def mcp(
    index: IndexOption = None,
    collection: CollectionOption = None,
    home: HomeOption = None,
    http: Annotated[bool, typer.Option("--http", help="Streamable HTTP at /mcp, in the place of stdio.")] = False,
    host: Annotated[
        str, typer.Option(help="With --http, address to listen on; beyond this machine, each request needs a key.")
    ] = _HERE,
    name: Annotated[
        list[str] | None,
        typer.Option(
            "--name", metavar="HOST", help="With --http, a name that others reach it by; each request then needs a key."
        ),
    ] = None,
    port: Annotated[int, typer.Option(min=1, max=65535, help="With --http, the port.")] = 8000,
    allow_writes: Annotated[
        bool, typer.Option("--allow-writes", help="Offer a tool that indexes the texts as they are now.")
    ] = False,
    allowed_signers: SignersOption = None,
) -> None:
    """Serve an index to assistants (Model Context Protocol), over standard input and output or over HTTP."""
    from ..integrations.keyed import LOOPBACK
    from ..integrations.mcp import http_app, make_server

    names = tuple(name or ())
    if (names or host != _HERE) and not http:
        raise PartnershipQAError("Over standard input and output there is no address: add --http, or leave it out.")
    if allowed_signers is not None and allow_writes:
        raise PartnershipQAError(
            "With --allowed-signers, what is indexed anew would be refused until it is signed, which cannot be done "
            "here: leave out --allow-writes, and build and sign on the command line."
        )
    public, keys = bool(names or host not in LOOPBACK), _keys(index, collection, home)
    if public:
        names = _checked(host, names, keys)
    current, rebuild = _opened(index, collection, home, allowed_signers)
    server = make_server(current, rebuild=rebuild if allow_writes else None, public=public)
    if not http:
        server.run("stdio")
        return
    import uvicorn

    uvicorn.run(http_app(server, names, keys, required=public), host=host, port=port, log_level="warning")


def _keys(index: Path | None, collection: str | None, home: Path | None) -> Keys:
    """Those that the page over the same index takes."""
    from ..home import index_folder
    from ..keys import Keys
    from ..library import library_of

    root = index_folder(index, collection, home)
    return Keys(home if root is None or home is not None else library_of(root).home)


def _checked(host: str, names: tuple[str, ...], keys: Keys) -> tuple[str, ...]:
    """The names that others reach this by."""
    from ..integrations.keyed import ANY, LOOPBACK

    if host in ANY and not names:
        raise PartnershipQAError(
            f"At {host} this machine has several names: say with --name which of them others use, such as "
            "--name texts.example.org. A request by another name is refused."
        )
    if not keys.all():
        raise PartnershipQAError(
            "Other machines ask with a key, and there is none: make one first with: partnership-qa keys make NAME"
        )
    return names if host in (*ANY, *LOOPBACK) else (*names, host)


def _opened(
    index: Path | None, collection: str | None, home: Path | None, signers: Path | None = None
) -> tuple[Callable[[], QA], Callable[[], str]]:
    """What answers, of the newest generation each time it is asked for, and what indexes the texts again."""
    from ..home import build_index, load, renewed

    held = [load(index, collection=collection, home=home, allowed_signers=signers)]
    who = None if signers is None else signers.expanduser()

    def current() -> QA:
        held[0] = qa = renewed(held[0], who)
        return qa

    def rebuild() -> str:
        qa = current()
        report = build_index(qa.index.generation.corpus, qa.index.root, encoder=qa.encoder)
        return f"Indexed: {counted(report.passages, 'passage')}."

    return current, rebuild
