"""What a request may hold. A field that is not known is refused, save in OpenAI's protocol."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from ...qa import MAX_QUESTION_CHARS, READ_PASSAGES
from ..desk import MAX_PASSAGES
from ..intake import MAX_NAME_CHARS, MAX_PASTED_CHARS

MAX_MESSAGES = 200
MAX_MESSAGE_CHARS = 100_000
MAX_DOCUMENTS = 1000
MAX_ANSWERS = 200

Question = Annotated[str, Field(min_length=1, max_length=MAX_QUESTION_CHARS)]
Passages = Annotated[int, Field(ge=1, le=MAX_PASSAGES, strict=True)]
Threshold = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Documents = Annotated[
    list[Annotated[str, Field(min_length=1, max_length=1000)]],
    Field(max_length=MAX_DOCUMENTS, description="Names, folders or patterns of the documents to ask; all if empty."),
]
Collection = Annotated[
    str | None, Field(max_length=100, description="A collection of this server; none asks what the page asks.")
]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Said(_Request):
    """A message of the conversation so far."""

    role: Literal["user", "assistant"]
    content: Annotated[str, Field(max_length=MAX_MESSAGE_CHARS)]


class Ask(_Request):
    """A question."""

    question: Annotated[Question, Field(examples=["How much did Microsoft invest in 2019?"])]
    history: Annotated[
        list[Said], Field(max_length=MAX_MESSAGES, description="What was said before, oldest first.")
    ] = []
    documents: Documents = []
    collection: Collection = None
    k: Annotated[Passages, Field(description="Passages to read.")] = READ_PASSAGES
    no_answer_threshold: Annotated[
        Threshold | None, Field(description="Decline below this confidence; none takes the calibrated one.")
    ] = None


class Search(_Request):
    """A query."""

    query: Annotated[Question, Field(examples=["investment 2019"])]
    documents: Documents = []
    collection: Collection = None
    k: Annotated[Passages, Field(description="Passages to give.")] = 5


class Verify(_Request):
    """Answers whose quotes are to be checked against the texts as they were indexed."""

    answers: Annotated[
        dict[str, Any] | list[dict[str, Any]],
        Field(description="An answer as /v1/ask gives it, a citation or a proof, or a list of such."),
    ]
    collection: Collection = None


class NewText(_Request):
    """A text to add."""

    name: Annotated[str, Field(min_length=1, max_length=MAX_NAME_CHARS, examples=["minutes of May"])]
    text: Annotated[str, Field(min_length=1, max_length=MAX_PASTED_CHARS)]


class _Part(BaseModel):
    type: Literal["text"]
    text: Annotated[str, Field(max_length=MAX_MESSAGE_CHARS)]


class ChatMessage(BaseModel):
    """A message as OpenAI's protocol has it; only what a user and an assistant said counts."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: Annotated[str, Field(max_length=MAX_MESSAGE_CHARS)] | list[_Part] | None = None

    @property
    def text(self) -> str:
        """What it says."""
        if isinstance(self.content, list):
            return "\n".join(part.text for part in self.content)
        return self.content or ""


class _StreamOptions(BaseModel):
    include_usage: bool = False


class Chat(BaseModel):
    """A chat as OpenAI's protocol has it; what steers a language model, such as a temperature, does nothing here."""

    model: Annotated[str, Field(max_length=200, examples=["partnership-qa"])]
    messages: Annotated[list[ChatMessage], Field(min_length=1, max_length=MAX_MESSAGES)]
    stream: bool = False
    stream_options: _StreamOptions | None = None
    n: Literal[1] | None = None
    documents: Documents = []
    k: Passages = READ_PASSAGES
    no_answer_threshold: Threshold | None = None
