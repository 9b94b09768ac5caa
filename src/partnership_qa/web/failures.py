"""What the page says of an error: the folders of this machine are none of a visitor's business."""

from __future__ import annotations

from ..errors import (
    ConversationError,
    CorpusIndexError,
    CorpusNotFoundError,
    CorpusTooLargeError,
    EmptyCorpusError,
    FollowedDocumentError,
    IndexBusyError,
    LabelError,
    PartnershipQAError,
    QuestionError,
    ReadOnlyError,
    ServerBusyError,
    UnsignedChangeError,
)

_WORDS: dict[type[PartnershipQAError], str] = {
    IndexBusyError: "Another build is at work. Wait until it ends, then try again; the old texts still answer.",
    EmptyCorpusError: "Nothing would be left to ask. Add a file that holds text.",
    CorpusNotFoundError: "A folder of these texts is not there at the moment. What was indexed of it still answers.",
    CorpusTooLargeError: "The texts would take up too much room. Remove some first, or replace what is there.",
    ConversationError: "Kept conversations cannot be read or written; the terminal says more.",
    LabelError: "This could not be kept. If the texts have changed since the answer, ask again; "
    "if not, the terminal says more.",
    UnsignedChangeError: "This page answers only from signed texts: whoever signs them changes them, not the page.",
    CorpusIndexError: "The index cannot be read or written. What was there still answers; the terminal says more.",
}


def public_message(error: PartnershipQAError) -> str:
    """An error in words that are fit for a visitor."""
    if isinstance(error, (QuestionError, FollowedDocumentError, ReadOnlyError, ServerBusyError)):
        return str(error)
    return next(
        (words for kind, words in _WORDS.items() if isinstance(error, kind)),
        "This cannot be done at the moment; the terminal says more.",
    )
