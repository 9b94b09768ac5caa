"""A follow-up and its history to a question that stands alone, by a few general rules of English and by its vector.

A fragment (`And in 2023?`) takes the place of its like in the question before. Else a question that is not understood
alone, as its vector tells (`kind`), is searched for with the content words of the question before. It is read as it was
put, or with these words where it says next to nothing by itself (`Why?`). How this was chosen, and what it is worth:
docs/experiments.md.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import QuestionError
from ..text import content_words, fold
from .form import PREPOSITIONS
from .smalltalk import is_small_talk

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

MAX_FRAGMENT_WORDS = 7
MAX_TOPIC_WORDS = 8
# Log-odds from which on a question leans on the one before; only those that have one before them are asked.
FOLLOWS = -2.0
MAX_BARE_WORDS = 1  # content words of a question that says next to nothing by itself
MAX_CONTEXT_CHARS = 1000
MAX_MESSAGE_CHARS = 2000
_DEPTH = 3

_OPENING = re.compile(
    r"^\W*(?:(?:(?:ok(?:ay)?|thanks|so|and|but|or|also|then)\b[\s,.!]*)+(?:(?:what|how)\s+(?=about\b))?"
    r"|(?:what|how)\s+(?=about\b)|(?:the\s+)?same\s+(?:question\s+)?(?=(?:for|about|with)\b))",
    re.IGNORECASE,
)
_PREPOSITIONS = f"{PREPOSITIONS}|between"
# What a whole clause of a question begins with or holds; a fragment has none of it.
_CLAUSE_WORDS = (
    "who|whom|whose|what|which|when|where|why|how|is|are|was|were|be|been|am|do|does|did|done|has|have|had|can|"
    "could|will|would|shall|should|may|might|must|i|you|we|tell|explain|show|list|give|name|describe|need|want"
)
_CLAUSE = re.compile(rf"\b(?:{_CLAUSE_WORDS})\b", re.IGNORECASE)
_NAME = re.compile(
    r"(?<![\w.,])[$€£]?[A-Z0-9](?:[\w&.,+-]*\w)?%?(?:\s+(?:(?:of|the|de|von|van)\s+)?[A-Z0-9](?:[\w&.,+-]*\w)?%?)*"
)


@dataclass(frozen=True, slots=True)
class Completed:
    """A question with what it leaves out.

    Attributes:
        text: what is searched for; where words of the question before had no place in it, they follow in brackets.
        reading: what a reader is asked: the same, or without such words the question as it was put.

    """

    text: str
    reading: str


def complete(
    question: str, history: Sequence[Mapping[str, object]], follows: Callable[[str], float]
) -> Completed | None:
    """The question completed from the conversation, or `None` where it stands on its own or it is not certain how.

    Args:
        question: the newest message of the user.
        history: earlier messages, oldest first, as `{"role": "user" | "assistant", "content": ...}`.
        follows: log-odds that a question is not understood without the one before.
    """
    said = [(str(m.get("role", "")), _text(m.get("content", ""))) for m in history]
    return _complete(question, said, follows, _DEPTH)


def is_read_as_put(question: str, text: str) -> bool:
    """Whether a question whose completed text is `text` is read without the words that it is searched for with."""
    return text.startswith(f"{question.rstrip(' ?.!')} (") and len(content_words(question)) > MAX_BARE_WORDS


def checked_history(value: object, what: str = "The history") -> list[Mapping[str, object]]:
    """The history, where it has the form that `complete` takes; a list of blocks as a chat page has them is a text too.

    Args:
        value: what somebody gave as a history.
        what: how to call it in a message.

    Raises:
        QuestionError: it has another form; the message says where.

    """
    form = 'give a list of messages such as {"role": "user", "content": "Who kept the light?"}'
    if not isinstance(value, list | tuple):
        raise QuestionError(f"{what} is no list: {form}, oldest first.")
    for number, message in enumerate(value, 1):
        where = f"Message {number} of {what[0].lower()}{what[1:]}"
        if not isinstance(message, dict):
            raise QuestionError(f"{where} is no object: {form}.")
        if message.get("role") not in ("user", "assistant"):
            raise QuestionError(f"{where} has a role that is neither user nor assistant: {form}.")
        if not isinstance(message.get("content"), str | list):
            raise QuestionError(f"{where} has no content that is text: {form}.")
    return list(value)


def said_before(history: Sequence[Mapping[str, object]]) -> str:
    """The last question and its reply, at most `MAX_CONTEXT_CHARS` of them; empty where nothing was said."""
    return " ".join(_text(m.get("content", "")) for m in history[-2:]).strip()[:MAX_CONTEXT_CHARS]


def lean_on(first: str, second: str) -> str:
    """The second of two questions in one, completed from the first, whose names it needs where it has none.

    `Who was Whitehill and what did he hold?` asks for what Whitehill held; `Who were the candidates in 1844 and what
    share did the winner get?` for the share in 1844.
    """
    return second if _names(second) or not _names(first) else _with_topic(second, first)


def _text(content: object) -> str:
    """Text of a message, as much as counts; a chat page may hand it over as a list of blocks."""
    if isinstance(content, list):
        content = " ".join(str(block.get("text", "")) for block in content if isinstance(block, dict))
    return content[:MAX_MESSAGE_CHARS] if isinstance(content, str) else ""


def _complete(
    question: str, history: list[tuple[str, str]], follows: Callable[[str], float], depth: int
) -> Completed | None:
    asked = [n for n, (role, text) in enumerate(history) if role == "user" and not is_small_talk(text)]
    if not asked or not depth:
        return None
    before = history[asked[-1]][1]
    preposition, fragment = _fragment(question)
    if fragment:
        earlier = _complete(before, history[: asked[-1]], follows, depth - 1) or Completed(before, before)
        if text := _put_in(preposition, fragment, earlier.reading):
            return Completed(text, text)
    text = _with_topic(question, before)
    if text == question or follows(question) < FOLLOWS:
        return None
    return Completed(text, text if len(content_words(question)) <= MAX_BARE_WORDS else question)


def _fragment(question: str) -> tuple[str, str]:
    """The preposition and the rest of a question that is no clause but a part of one; empty where it is none.

    Two bare words may be a search; a fragment has an opening or begins with a preposition.
    """
    fragment = _OPENING.sub("", question, count=1).strip(" ?!.")
    if not fragment or len(fragment.split()) > MAX_FRAGMENT_WORDS or _CLAUSE.search(fragment):
        return "", ""
    first, _, rest = fragment.partition(" ")
    if rest and first.lower() in _PREPOSITIONS.split("|"):
        return first.lower(), rest
    return "", "" if fold(fragment) == fold(question.strip(" ?!.")) else fragment


def _put_in(preposition: str, content: str, before: str) -> str:
    """The question before with its like replaced by a fragment; empty where it has none, or several."""
    places: list[tuple[int, int]] = []
    if preposition:
        # A phrase ends where another, or a clause, begins.
        phrase = rf"\b{preposition}\s+(.+?)(?=\s+(?:and\s+)?(?:{_PREPOSITIONS}|{_CLAUSE_WORDS})\b|[?!;]|,\s|[.\s]*$)"
        places = [m.span(1) for m in re.finditer(phrase, before, re.IGNORECASE) if _kind(m[1]) == _kind(content)]
    if not places and preposition in ("", "about") and _kind(content) != "words":  # `What about Anna?`
        places = [(at, at + len(name)) for at, name in _names(before) if _kind(name) == _kind(content)]
    if len(places) != 1:
        return ""
    ((start, end),) = places
    if set(before[end:].split()[:1]) & set(content.split()):
        return ""  # from 2018 to 2019, and from 2020 to 2022
    twice = before[:start].lower().endswith("the ") and content.lower().startswith("the ")
    return before[:start] + (content[4:] if twice else content) + before[end:]


def _kind(phrase: str) -> str:
    if any(char.isdigit() for char in phrase):
        return "number"
    return "name" if _NAME.fullmatch(phrase.removeprefix("the ")) else "words"


def _names(text: str) -> list[tuple[int, str]]:
    """Names and numbers in a text with their places: runs of capitalised words, but for one that opens a sentence."""
    found = []
    for match in _NAME.finditer(text):
        at, name = match.start(), match.group()
        if at == 0 or text[:at].rstrip()[-1:] in ".?!:":
            head, _, tail = name.partition(" ")
            if _CLAUSE.fullmatch(head) or not content_words(head):
                at, name = at + len(head) + 1, tail
            elif not tail and head[1:].islower() and len(text.split()) > 1:
                continue
        if content_words(name):
            found.append((at, name))
    return found


def _with_topic(question: str, before: str) -> str:
    """A question with the content words of the one before that it has not, in brackets."""
    own = {fold(word) for word in content_words(question)}
    topic = [word for word in content_words(before) if fold(word) not in own][:MAX_TOPIC_WORDS]
    return f"{question.rstrip(' ?.!')} ({' '.join(topic)})?" if topic else question
