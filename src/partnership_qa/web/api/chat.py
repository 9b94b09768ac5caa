"""OpenAI's chat completions: an answer as a message whose annotations say which characters are quoted from where.

`annotations[].url_citation` counts characters of the message, `[start_index, end_index)`. Its `url` leads to the
document's text on this server, with the characters that are quoted as a fragment (RFC 5147).
"""

from __future__ import annotations

import json
import secrets
import time
from typing import TYPE_CHECKING, Any

from ...answering.outcome import Answer
from ...text import count_tokens
from .failures import ApiError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ...answering.citing import Citation
    from ...answering.outcome import NoAnswer
    from .schemas import Chat, ChatMessage

MODEL = "partnership-qa"


def collection_of_model(model: str) -> str | None:
    """The collection that a model's name means: `partnership-qa/NAME`; `None` where it means the page's index.

    Raises:
        ApiError: 404 where there is no such model.

    """
    own, _, collection = model.partition("/")
    if own != MODEL or (collection == "" and model != MODEL):
        hint = f"Ask “{MODEL}”, or one of those that GET /v1/models lists."
        raise ApiError(404, "model_not_found", "There is no such model here.", "model", hint)
    return collection or None


def question_and_history(messages: Sequence[ChatMessage]) -> tuple[str, list[dict[str, object]]]:
    """The last message of the user, and what user and assistant said before it.

    Raises:
        ApiError: 422 where the user said nothing.

    """
    last = next((place for place in reversed(range(len(messages))) if messages[place].role == "user"), None)
    if last is None:
        hint = 'Send {"role": "user", "content": "..."} with the question.'
        raise ApiError(422, "invalid_request", "There is no message of the user.", "messages", hint)
    before: list[dict[str, object]] = [
        {"role": m.role, "content": m.text} for m in messages[:last] if m.role in ("user", "assistant")
    ]
    return messages[last].text, before


def content(outcome: Answer | NoAnswer) -> str:
    """What the message says: the answer's words, then what the text's structure adds; a refusal's sentence."""
    note = outcome.note if isinstance(outcome, Answer) else ""
    return f"{outcome.text}\n\n{note}" if note else outcome.text


def url_citations(outcome: Answer | NoAnswer, url: Callable[[Citation], str]) -> list[dict[str, Any]]:
    """For each part of an answer and each quote of it, the part's characters in `content`; of a refusal none."""
    if not isinstance(outcome, Answer):
        return []
    found: list[dict[str, Any]] = []
    # Parts are the text's lines; what two of them say alike is said once.
    starts: dict[str, int] = {}
    at = 0
    for line in outcome.text.split("\n"):
        starts.setdefault(line, at)
        at += len(line) + 1
    for part in outcome.parts:
        start = starts[part.text]
        for one in part.citations:
            title = f"{one.document}, {one.where}"
            cited = {"start_index": start, "end_index": start + len(part.text), "url": url(one), "title": title}
            found.append({"type": "url_citation", "url_citation": cited})
    return found


def completion(given: Chat, said: str, cited: list[dict[str, Any]], values: dict[str, Any]) -> dict[str, Any]:
    """The answer to a chat; `partnership_qa` holds what `/v1/ask` gives."""
    message = {"role": "assistant", "content": said, "refusal": None, "annotations": cited}
    choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}
    head = _head("chat.completion", given.model)
    return head | {"choices": [choice], "usage": _usage(given, said), "partnership_qa": values}


def stream(given: Chat, said: str, cited: list[dict[str, Any]], values: dict[str, Any]) -> Iterator[str]:
    """The answer to a chat as server-sent events: its role, its lines, its annotations, its end."""
    head = _head("chat.completion.chunk", given.model)

    def event(delta: dict[str, Any], finish: str | None = None, **more: Any) -> str:
        choice = {"index": 0, "delta": delta, "finish_reason": finish, "logprobs": None}
        return f"data: {json.dumps(head | {'choices': [choice]} | more, ensure_ascii=False)}\n\n"

    yield event({"role": "assistant", "content": ""})
    for line in said.splitlines(keepends=True):
        yield event({"content": line})
    if cited:
        yield event({"annotations": cited})
    yield event({}, "stop", partnership_qa=values)
    if given.stream_options is not None and given.stream_options.include_usage:
        last = head | {"choices": [], "usage": _usage(given, said)}
        yield f"data: {json.dumps(last)}\n\n"
    yield "data: [DONE]\n\n"


def _head(kind: str, model: str) -> dict[str, Any]:
    return {"id": f"chatcmpl-{secrets.token_hex(12)}", "object": kind, "created": int(time.time()), "model": model}


def _usage(given: Chat, said: str) -> dict[str, int]:
    """Counted in cl100k tokens; nothing is charged by them."""
    asked, replied = sum(count_tokens(message.text) for message in given.messages), count_tokens(said)
    return {"prompt_tokens": asked, "completion_tokens": replied, "total_tokens": asked + replied}
