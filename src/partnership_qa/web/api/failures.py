"""What goes wrong as JSON: `{"error": {"type", "message", "param", "hint", "code"}}`.

`message` says what happened, `param` where (a field, a header, a path), `hint` what to do. The names are those that
clients of OpenAI's protocol read; `code` is the same as `type`, as they look there.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from ...errors import (
    CorpusError,
    EmptyCorpusError,
    IndexBusyError,
    PartnershipQAError,
    ProofError,
    QuestionError,
    ReadOnlyError,
    ServerBusyError,
    UnknownDocumentError,
)
from ..failures import public_message

if TYPE_CHECKING:
    from fastapi import FastAPI, Request

_log = logging.getLogger(__name__)

_DOCS = "GET /v1/docs shows what can be asked, and how."
# Status, type, parameter and what to do; the first that fits counts.
_KINDS: tuple[tuple[type[PartnershipQAError], int, str, str | None, str], ...] = (
    (UnknownDocumentError, 404, "unknown_document", "documents", "GET /v1/documents lists the documents."),
    (QuestionError, 422, "invalid_question", None, "Change the request as the message says."),
    (ProofError, 422, "invalid_proof", "answers", "Send answers as POST /v1/ask gives them."),
    (ReadOnlyError, 403, "read_only", "Authorization", "Give a key that writes as Authorization: Bearer KEY."),
    (IndexBusyError, 409, "busy_index", None, "Try again when the build has ended."),
    (ServerBusyError, 429, "busy", None, "Try again in a few seconds."),
    (EmptyCorpusError, 422, "empty_text", "text", "Send a text that holds words."),
    (CorpusError, 422, "text_refused", "text", "Change the text as the message says."),
)
_OF_STATUS = {
    400: ("bad_request", "Send one JSON object in UTF-8."),
    404: ("not_found", _DOCS),
    405: ("wrong_method", _DOCS),
}


class ApiError(Exception):
    """A request that is refused, and how its sender is told.

    Attributes:
        status: of HTTP.
        kind: a word for programs.
        message: what happened.
        param: where: a field, a header or a path; `None` where it is the request as a whole.
        hint: what to do.
        headers: that belong to the status.

    """

    def __init__(
        self, status: int, kind: str, message: str, param: str | None, hint: str, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status, self.kind, self.message, self.param, self.hint = status, kind, message, param, hint
        self.headers = headers


def body(kind: str, message: str, param: str | None, hint: str) -> dict[str, Any]:
    """An error as the JSON that is sent."""
    values = {"type": kind, "message": message, "param": param, "hint": hint, "code": kind}
    return {"error": values}


def told(error: PartnershipQAError) -> ApiError:
    """An error of this package as what its sender is told, without the folders of this machine."""
    for kind, status, name, param, hint in _KINDS:
        if isinstance(error, kind):
            message = str(error) if isinstance(error, ProofError) else public_message(error)
            headers = {"retry-after": "5"} if status == 429 else None
            return ApiError(status, name, message, param, hint, headers)
    _log.warning("A request was not answered: %s", error)
    return ApiError(
        503, "unavailable", public_message(error), None, "Try again later; the server's terminal says more."
    )


def broken() -> ApiError:
    """What nobody foresaw: told without a word of how."""
    hint = "Try again; the server's terminal says more."
    return ApiError(500, "internal_error", "Something went wrong on this side.", None, hint)


def add(app: FastAPI) -> None:
    """Let the app send every error in this form."""
    app.add_exception_handler(ApiError, _own)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)


def _own(request: Request, error: Exception) -> JSONResponse:  # noqa: ARG001
    assert isinstance(error, ApiError)
    given = body(error.kind, error.message, error.param, error.hint)
    return JSONResponse(given, error.status, error.headers)


def _invalid(request: Request, error: Exception) -> JSONResponse:  # noqa: ARG001
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    kind = str(first["type"])
    where = ".".join(str(part) for part in first["loc"][1:]) or None
    if kind == "json_invalid":
        return JSONResponse(body("bad_request", "The body is not JSON.", None, _OF_STATUS[400][1]), 400)
    message = f"“{where}” does not fit: {first['msg']}." if where else f"The body does not fit: {first['msg']}."
    # A message of pydantic may hold what was sent; a lone surrogate of it cannot be sent back.
    message = message.encode("utf-8", "replace").decode("utf-8")
    where = None if where is None else where.encode("utf-8", "replace").decode("utf-8")
    return JSONResponse(body("invalid_request", message, where, f"Change the field. {_DOCS}"), 422)


def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    kind, hint = _OF_STATUS.get(error.status_code, ("refused", _DOCS))
    where = None if error.status_code == 400 else str(request.url.path)
    said = {400: "The body is not JSON.", 404: "There is nothing here.", 405: "This address takes another method."}
    message = said.get(error.status_code, str(error.detail))
    return JSONResponse(body(kind, message, where, hint), error.status_code, error.headers)
