"""The endpoints under `/v1`, their OpenAPI document, and a page that shows it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, TypeVar
from urllib.parse import quote, urlencode

from fastapi import Depends, FastAPI, Query, Request
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response, StreamingResponse
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from ... import __version__
from ...errors import PartnershipQAError
from ...integrations.lane import Lane
from ...integrations.metadata import outcome_values
from ..html.api_page import api_page
from . import chat, failures
from .limits import LimitedBody
from .schemas import Ask, Chat, NewText, Search, Verify  # noqa: TC001 - FastAPI reads these types

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from ...answering.citing import Citation
    from .access import Access
    from .service import Service

T = TypeVar("T")
_log = logging.getLogger(__name__)

PREFIX = "/v1"
OfCollection = Annotated[str | None, Query(max_length=100, description="A collection of this server.")]
MAX_BODY = 4 * 2**20


class _Error(BaseModel):
    """What went wrong."""

    type: str
    message: str
    param: str | None
    hint: str
    code: str


class Refused(BaseModel):
    """A request that was not answered: what happened (message), where (param), and what to do (hint)."""

    error: _Error


_STATUS = {
    400: "the body is not JSON", 401: "a key is needed", 403: "the key only reads, or another page sent this",
    404: "no such document, collection or model", 413: "the body is too large", 422: "a field does not fit",
    429: "too many questions at once",
}  # fmt: skip
_RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {"model": Refused, "description": words.capitalize()} for status, words in _STATUS.items()
}


def make_api(service: Service, access: Access, lane: Lane | None = None) -> ASGIApp:
    """The app that is mounted at `PREFIX`."""
    app = FastAPI(
        title="partnership_qa", version=__version__, docs_url=None, redoc_url=None, openapi_url=None,
        redirect_slashes=False, servers=[{"url": PREFIX}],
        description="Questions answered in a text's own words, with the address of every word, or declined.",
    )  # fmt: skip
    failures.add(app)
    read, write = _needing(access, writes=False), _needing(access, writes=True)
    lane = lane or Lane()
    _questions(app, service, lane, read)
    _documents(app, service, lane, read, write)
    _openai(app, service, lane, read)
    _described(app)
    return LimitedBody(app, MAX_BODY)


async def _worked(lane: Lane, work: Callable[[], T]) -> T:
    """What the work gives, done in a thread when its turn comes."""
    try:
        async with lane.turn():
            return await run_in_threadpool(work)
    except failures.ApiError:
        raise
    except PartnershipQAError as error:
        raise failures.told(error) from error
    except Exception as error:
        _log.exception("A request was not answered")
        raise failures.broken() from error


def _needing(access: Access, *, writes: bool) -> dict[str, Any]:
    """What FastAPI is told of an endpoint that a key may be needed for."""

    def checked(request: Request) -> None:
        access.check(request, writes=writes)

    return {"dependencies": [Depends(checked)], "responses": _RESPONSES}


def _questions(app: FastAPI, service: Service, lane: Lane, read: dict[str, Any]) -> None:
    """What is asked of the texts."""

    @app.post("/ask", summary="Answer a question in the text's own words, or decline", **read)
    async def ask(given: Ask) -> dict[str, Any]:
        """An answer has text, confidence, parts and citations; a refusal says why, and what is nearest."""
        return await _worked(lane, lambda: service.ask(given))

    @app.post("/search", summary="Find the passages that fit a query best", **read)
    async def search(given: Search) -> dict[str, Any]:
        """Best first, each with its address and its scores."""
        return await _worked(lane, lambda: service.search(given))

    @app.post("/verify", summary="Check the quotes of answers against the texts as they are now", **read)
    async def verify(given: Verify) -> dict[str, Any]:
        """Each quote is intact, moved, changed or gone; neither model nor index is asked."""
        return await _worked(lane, lambda: service.verify(given))


def _documents(app: FastAPI, service: Service, lane: Lane, read: dict[str, Any], write: dict[str, Any]) -> None:
    """The texts themselves."""

    @app.get("/documents", summary="List what is indexed", **read)
    async def documents(collection: OfCollection = None) -> dict[str, Any]:
        """The generation of the index, and each document with the hash of its file."""
        return await _worked(lane, lambda: service.documents(collection))

    @app.get(
        "/documents/{name:path}",
        summary="Read a document's text",
        response_class=PlainTextResponse,
        name="text",
        **read,
    )
    async def text(name: str, collection: OfCollection = None) -> PlainTextResponse:
        """The text that the offsets of citations count in."""
        said = await _worked(lane, lambda: service.text(name, collection))
        return PlainTextResponse(said.encode("utf-8", "replace"))

    @app.post("/texts", summary="Add a text to the index (a key that writes, or this machine)", **write)
    async def texts(given: NewText) -> dict[str, Any]:
        """The index is built anew; the one that was there answers until the new one is whole."""
        return await _worked(lane, lambda: service.add(given))


def _openai(app: FastAPI, service: Service, lane: Lane, read: dict[str, Any]) -> None:
    """What clients of OpenAI's protocol ask."""

    @app.get("/models", summary="List the models of OpenAI's protocol: this index, and collections", **read)
    async def models() -> dict[str, Any]:
        """Each is named in the field `model` of a chat."""
        names = await _worked(lane, service.collections)
        ids = [chat.MODEL, *(f"{chat.MODEL}/{name}" for name in names)]
        return {
            "object": "list",
            "data": [{"id": one, "object": "model", "created": 0, "owned_by": "partnership_qa"} for one in ids],
        }

    @app.post("/chat/completions", summary="Answer the last message of a chat, as OpenAI's protocol has it", **read)
    async def completions(given: Chat, request: Request) -> Response:
        """Quoted characters are annotated (`url_citation`); a refusal is one sentence without annotations."""
        said, cited, values = await _worked(
            lane, lambda: _completed(service, given, f"{request.base_url}".rstrip("/") + PREFIX)
        )
        if given.stream:
            events = chat.stream(given, said, cited, values)
            return StreamingResponse(events, media_type="text/event-stream", headers={"cache-control": "no-store"})
        return JSONResponse(chat.completion(given, said, cited, values))


def _completed(service: Service, given: Chat, base: str) -> tuple[str, list[dict[str, Any]], dict[str, Any]]:
    """What a chat is answered: content, annotations, and the outcome as plain values."""
    collection = chat.collection_of_model(given.model)
    question, before = chat.question_and_history(given.messages)
    qa = service.qa(collection)
    trace = qa.trace(
        question, history=before, no_answer_threshold=given.no_answer_threshold, k=given.k, documents=given.documents
    )

    def url(cited: Citation) -> str:
        chosen = f"?{urlencode({'collection': collection})}" if collection else ""
        return f"{base}/documents/{quote(cited.document)}{chosen}#char={cited.start},{cited.end}"

    cited = chat.url_citations(trace.outcome, url)
    return chat.content(trace.outcome), cited, outcome_values(trace, qa.index)


def _described(app: FastAPI) -> None:
    """The OpenAPI document and its page; they hold nothing of the texts, so that nobody is asked for a key."""
    described = app.openapi()
    components = described.setdefault("components", {})
    components["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
    described["security"] = [{}, {"key": []}]

    @app.get("/openapi.json", include_in_schema=False)
    def openapi() -> JSONResponse:
        return JSONResponse(described)

    @app.get("/docs", include_in_schema=False)
    def docs() -> HTMLResponse:
        return HTMLResponse(api_page(described))
