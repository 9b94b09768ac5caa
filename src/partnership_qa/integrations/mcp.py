"""Model Context Protocol: tools that ask, search, read and verify, and the documents as resources.

make_server(load("my_index/")).run("stdio")

Results are text with addresses, and once: clients that are given both text and structure show both. What each hit and
citation carries as its metadata rides along in the result's `_meta`, which clients do not show.
"""

from __future__ import annotations

import functools
import json
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote

from .. import __version__
from ..errors import OptionalDependencyError, PartnershipQAError, ProofError, QuestionError
from ..index import Originals
from ..proof import verify as check
from ..proof.given import parse
from .keyed import LOOPBACK, Keyed, only_reads
from .metadata import citation_metadata, hit_metadata
from .opening import shown_citations

try:
    from mcp.server.mcpserver import Context, MCPServer
    from mcp.server.mcpserver.exceptions import ToolError
    from mcp.server.mcpserver.resources import FunctionResource
    from mcp.server.transport_security import TransportSecuritySettings
    from mcp_types import CallToolResult, TextContent, ToolAnnotations
    from pydantic import Field
except ImportError as error:
    raise OptionalDependencyError("mcp", "mcp", "Serving the Model Context Protocol") from error

if TYPE_CHECKING:
    from starlette.applications import Starlette

    from ..answering.citing import Citation
    from ..index import Store
    from ..keys import Keys
    from ..qa import QA

_log = logging.getLogger(__name__)

NAME = "partnership_qa"
SCHEME = "partnership-qa"
MAX_K = 20
MAX_READ = 20_000
_READS = ToolAnnotations(read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False)
_WRITES = ToolAnnotations(read_only_hint=False, destructive_hint=False, idempotent_hint=False, open_world_hint=False)
_INSTRUCTIONS = (
    "Answers questions from an indexed set of documents, only in the documents' own words, or declines. "
    "Each quote has its address: document, line or page, and characters. Cite these; add nothing that is not quoted."
)

Documents = Annotated[
    list[str] | None, Field(description="Names, folders or patterns of the documents to look in; all if left out.")
]
Passages = Annotated[int, Field(ge=1, le=MAX_K, description="How many passages.")]


def make_server(
    current: Callable[[], QA], *, rebuild: Callable[[], str] | None = None, public: bool = False
) -> MCPServer[Any]:
    """A server over what `current` gives, which is asked anew by each call, so that a rebuild is seen.

    Args:
        current: gives what answers.
        rebuild: indexes the texts as they are now, and says what was built; without it there is no such tool. It is
            refused to a key that only reads.
        public: for other machines, which are not told of the folders of this one.

    """
    server: MCPServer[Any] = MCPServer(NAME, instructions=_INSTRUCTIONS, version=__version__, log_level="WARNING")
    _reading(server, current, public)
    if rebuild is not None:

        def written(context: Context) -> CallToolResult:
            request = context.request_context.request
            if only_reads(None if request is None else request.scope):
                raise ToolError(
                    "This key only reads. The owner makes one that writes with: partnership-qa keys make NAME --writes"
                )
            return _result(rebuild())

        _tool(server, written, "rebuild", "Store the texts as they are now.", public, _WRITES)
    return server


def _reading(server: MCPServer[Any], current: Callable[[], QA], public: bool) -> None:
    def ask(question: str, documents: Documents = None, k: Passages = 4) -> CallToolResult:
        qa = current()
        trace = qa.trace(question, k=k, documents=documents or ())
        outcome = trace.outcome
        cited = shown_citations(trace)
        lines = [outcome.text, getattr(outcome, "note", "")]
        if not outcome.answered and cited:
            lines.append("Not certain; the closest quotes:")
        lines += [f"[{number}] {_cited(one)}" for number, one in enumerate(cited, 1)]
        if outcome.answered:
            lines.append(f"Probability that this is right: {outcome.confidence:.2f}")
        quotes = [citation_metadata(one, qa.index, trace.hits) for one in cited]
        meta = {"answered": outcome.answered, "confidence": round(outcome.confidence, 6), "citations": quotes}
        return _result("\n".join(filter(None, lines)), meta)

    def search(query: str, k: Passages = 5, documents: Documents = None) -> CallToolResult:
        qa = current()
        hits = qa.search(query, k=k, documents=documents or ())
        told = []
        for number, hit in enumerate(hits, 1):
            where = hit_metadata(hit, qa.index)
            place = _address(where["document"], where["line"], where["page"], where["start"], where["end"])
            told.append(f"[{number}] {place}\n{hit.passage.text}")
        return _result("\n\n".join(told) or "Nothing was found.", {"hits": [hit_metadata(h, qa.index) for h in hits]})

    def read(document: str, start: int = 0, end: int | None = None) -> CallToolResult:
        text = _text(current().index, document)
        last = min(len(text), start + MAX_READ if end is None else end, start + MAX_READ)
        if not 0 <= start < max(1, len(text)) or last < start:
            raise QuestionError(f"{document} has characters 0 to {len(text)}: give start and end within them.")
        more = f"\n(read on from start={last})" if last < len(text) else ""
        return _result(f"{document}, characters {start} to {last} of {len(text)}:\n{text[start:last]}{more}")

    def verify(answers: str) -> CallToolResult:
        verdicts = check(parse(answers.encode("utf-8", "replace")), Originals(current().index))
        lines = [f"[{one.citation}] {one.text}" for one in verdicts]
        return _result("\n".join(lines) or "Nothing is quoted.", {"verdicts": [one.to_dict() for one in verdicts]})

    def list_documents() -> CallToolResult:
        index = current().index
        lines = [f"{one.name}  ({one.characters:,} characters)" for one in index.generation.manifest.sources]
        return _result("\n".join(lines), {"generation": index.generation.name})

    _tool(
        server,
        ask,
        "ask",
        "Answer a question in the documents' own words, with the address of each, or decline.",
        public,
    )
    _tool(server, search, "search", "Find the passages that fit a query best, with their addresses.", public)
    _tool(server, read, "read", f"Read a document's text by characters, at most {MAX_READ:,} at once.", public)
    _tool(server, verify, "verify", "Check the quotes of an answer, given as JSON, against the documents.", public)
    _tool(server, list_documents, "list_documents", "List the documents.", public)
    for source in current().index.generation.manifest.sources:
        server.add_resource(
            FunctionResource(
                uri=f"{SCHEME}:///{quote(source.name)}", name=source.name, mime_type="text/plain",
                description=f"{source.characters:,} characters", fn=_reader(current, source.name),
            )
        )  # fmt: skip


def _reader(current: Callable[[], QA], name: str) -> Callable[[], str]:
    return lambda: _text(current().index, name)


def _tool(
    server: MCPServer[Any], work: Callable[..., CallToolResult], name: str, words: str, public: bool,
    annotations: ToolAnnotations = _READS,
) -> None:  # fmt: skip
    @functools.wraps(work)
    def told(*args: Any, **kwargs: Any) -> CallToolResult:
        try:
            return work(*args, **kwargs)
        except ToolError:
            raise
        except PartnershipQAError as error:
            if not public or isinstance(error, (QuestionError, ProofError)):
                raise ToolError(str(error)) from error
            _log.warning("A tool did not answer: %s", error)
            raise ToolError("This cannot be done at the moment; the server's terminal says more.") from error
        except Exception as error:
            _log.exception("A tool did not answer")
            raise ToolError("Something went wrong on this side; the server's terminal says more.") from error

    server.add_tool(told, name=name, description=words, annotations=annotations, structured_output=False)


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


def _result(text: str, meta: dict[str, Any] | None = None) -> CallToolResult:
    own = {NAME: json.loads(json.dumps(meta))} if meta else None
    return CallToolResult(content=[TextContent(type="text", text=text)], _meta=own)


def _cited(one: Citation) -> str:
    return f"“{one.quote}” ({_address(one.document, one.line, one.page, one.start, one.end)})"


def _address(document: str, line: int, page: int | None, start: int, end: int) -> str:
    where = f"line {line}" if page is None else f"page {page}"
    return f"{document}, {where}, characters {start}-{end}"


def _text(index: Store, name: str) -> str:
    source = index.sources.get(name)
    if source is None:
        raise QuestionError(f"There is no document “{name}”: list_documents names them.")
    return source.text
