"""Model Context Protocol: tools that ask, search, read and verify, and the documents as resources.

make_server(load("my_index/")).run("stdio")

Results are text with addresses, and once: clients that are given both text and structure show both. What each hit and
citation carries as its metadata rides along in the result's `_meta`, which clients do not show.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from .. import __version__
from ..errors import OptionalDependencyError, PartnershipQAError, ProofError, QuestionError, ServerBusyError
from .keyed import LOOPBACK, Keyed, only_reads
from .lane import Lane
from .mcp_tools import LISTER, NAME, ReadingTools, result
from .opening import MAX_READ, text_of

try:
    from mcp.server.mcpserver import Context, MCPServer
    from mcp.server.mcpserver.exceptions import ResourceError, ToolError
    from mcp.server.mcpserver.resources import FunctionResource
    from mcp.server.transport_security import TransportSecuritySettings
    from mcp_types import CallToolResult, ToolAnnotations
    from starlette.concurrency import run_in_threadpool
except ImportError as error:
    raise OptionalDependencyError("mcp", "mcp", "Serving the Model Context Protocol") from error

if TYPE_CHECKING:
    from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
    from starlette.applications import Starlette

    from ..keys import Keys
    from ..qa import QA

_log = logging.getLogger(__name__)

SCHEME = "partnership-qa"
REBUILD = "rebuild"
_READS = ToolAnnotations(read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False)
_WRITES = ToolAnnotations(read_only_hint=False, destructive_hint=False, idempotent_hint=False, open_world_hint=False)
_INSTRUCTIONS = (
    "Answers questions from an indexed set of documents, only in the documents' own words, or declines. "
    "Each quote has its address: document, line or page, and characters. Cite these; add nothing that is not quoted."
)

# Of each tool that only reads, what it is called and does.
_TOOLS = {
    "ask": "Answer a question in the documents' own words, with the address of each, or decline.",
    "search": "Find the passages that fit a query best, with their addresses.",
    "read": f"Read a document's text by characters, at most {MAX_READ:,} at once.",
    "verify": "Check the quotes of an answer, given as JSON, against the documents.",
    "list_documents": "List the documents.",
}


def make_server(
    current: Callable[[], QA],
    *,
    rebuild: Callable[[], str] | None = None,
    public: bool = False,
    lane: Lane | None = None,
) -> MCPServer[Any]:
    """A server over what `current` gives, which is asked anew by each call, so that a rebuild is seen.

    Args:
        current: gives what answers.
        rebuild: indexes the texts as they are now, and says what was built; without it there is no such tool. To a key
            that only reads it is neither shown nor given.
        public: for other machines, which are not told of the folders of this one.
        lane: how many calls are worked on at once, and how many more wait; the rest are sent away.

    """
    server: MCPServer[Any] = MCPServer(
        NAME, instructions=_INSTRUCTIONS, version=__version__, log_level="WARNING", middleware=[_hide_from_readers]
    )
    lane, tools = lane or Lane(), ReadingTools(current)
    for name, words in _TOOLS.items():
        _add(server, _safely(getattr(tools, name), lane, public), name, words, _READS)
    if rebuild is not None:
        _add(server, _safely(_written(rebuild), lane, public), REBUILD, "Store the texts as they are now.", _WRITES)
    for source in current().index.generation.manifest.sources:
        server.add_resource(
            FunctionResource(
                uri=f"{SCHEME}:///{quote(source.name)}", name=source.name, mime_type="text/plain",
                description=f"{source.characters:,} characters", fn=_reader(current, source.name, lane),
            )
        )  # fmt: skip
    return server


def _written(rebuild: Callable[[], str]) -> Callable[[Context], CallToolResult]:
    """The tool that indexes the texts again, for whoever may write."""

    def written(context: Context) -> CallToolResult:
        if _only_reads(context.request_context):
            raise ToolError(
                "This key only reads. The owner makes one that writes with: partnership-qa keys make NAME --writes"
            )
        return result(rebuild())

    return written


def _only_reads(context: ServerRequestContext[Any, Any]) -> bool:
    request = context.request
    return only_reads(None if request is None else request.scope)


async def _hide_from_readers(context: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
    """Middleware: whoever only reads is not shown the tools that write."""
    given = await call_next(context)
    if context.method == "tools/list" and isinstance(given, dict) and _only_reads(context):
        return given | {"tools": [tool for tool in given["tools"] if tool["name"] != REBUILD]}
    return given


def _reader(current: Callable[[], QA], name: str, lane: Lane) -> Callable[[], Awaitable[str]]:
    """What reads a document as a resource, when its turn comes."""

    async def read() -> str:
        try:
            async with lane.turn():
                return await run_in_threadpool(lambda: text_of(current().index, name, LISTER))
        except ServerBusyError as error:
            raise ResourceError(str(error)) from error

    return read


def _safely(work: Callable[..., CallToolResult], lane: Lane, public: bool) -> Callable[..., Awaitable[CallToolResult]]:
    """The work of a tool in a thread when its turn comes, and what goes wrong in words that its caller may read."""

    @functools.wraps(work)
    async def told(*args: Any, **kwargs: Any) -> CallToolResult:
        try:
            async with lane.turn():
                return await run_in_threadpool(work, *args, **kwargs)
        except ToolError:
            raise
        except PartnershipQAError as error:
            if not public or isinstance(error, (QuestionError, ProofError, ServerBusyError)):
                raise ToolError(str(error)) from error
            _log.warning("A tool did not answer: %s", error)
            raise ToolError("This cannot be done at the moment; the server's terminal says more.") from error
        except Exception as error:
            _log.exception("A tool did not answer")
            raise ToolError("Something went wrong on this side; the server's terminal says more.") from error

    return told


def _add(
    server: MCPServer[Any], work: Callable[..., Awaitable[CallToolResult]], name: str, words: str,
    annotations: ToolAnnotations,
) -> None:  # fmt: skip
    server.add_tool(work, name=name, description=words, annotations=annotations, structured_output=False)


def http_app(
    server: MCPServer[Any], hosts: tuple[str, ...] = (), keys: Keys | None = None, *, required: bool = True
) -> Starlette:
    """Streamable HTTP at `/mcp`, for requests that name this machine (DNS rebinding).

    Args:
        server: as `make_server` gives it.
        hosts: further names and addresses that it is reached by.
        keys: whoever gives none of these is refused, where they are `required`; without them, serve this machine alone.
        required: whether a key is needed at all; one that only reads never writes.

    """
    app = server.streamable_http_app(stateless_http=True, json_response=True, transport_security=security(hosts))
    if keys is not None:
        app.add_middleware(Keyed, keys=keys, required=required)
    return app


def security(hosts: tuple[str, ...] = ()) -> TransportSecuritySettings:
    """The check of `Host` and `Origin`, with or without a port: this machine's own names, and those of `hosts`."""
    bare = [host.strip("[]").lower() for host in (*LOOPBACK, *hosts)]
    names = [
        name for host in bare for whole in [f"[{host}]" if ":" in host else host] for name in (whole, f"{whole}:*")
    ]
    origins = [f"{scheme}://{name}" for name in names for scheme in ("http", "https")]
    return TransportSecuritySettings(enable_dns_rebinding_protection=True, allowed_hosts=names, allowed_origins=origins)
