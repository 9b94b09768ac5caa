"""What can go wrong, as one tree.

PartnershipQAError
├── CorpusError              the texts to index
│   ├── CorpusNotFoundError    no such file or folder
│   ├── EmptyCorpusError       nothing in it can be indexed
│   ├── CorpusTooLargeError    it would take up more room than it may
│   └── FollowedDocumentError  a document cannot be taken out of a folder that a collection follows
├── CollectionError          there is no such collection, there is one already, or its name or folder cannot be used
├── CorpusIndexError              the index on disk
│   ├── IndexNotFoundError     there is none at that place
│   ├── IndexCorruptError      a file is missing, damaged or not ours
│   ├── IndexMismatchError     built with another encoder or format
│   ├── IndexSignatureError    signatures are asked for, and this one is missing, wrong or by another key
│   ├── UnsignedChangeError    a page that asks for signatures is to change the texts
│   ├── IndexBusyError         another build holds the lock
│   └── GateRefusedError       a new index no longer answers what the one before did, and was to answer it
├── ModelError               encoder or reader weights are missing or are not what they should be
├── QuestionError            the question is empty, too long or not text, or its history has another form
│   └── UnknownDocumentError   it is to be asked within documents of which there are none
├── QuestionSetError         a question set is missing, empty, or holds something else
├── AccessKeyError           a key for programs cannot be made, found or revoked
├── ReadOnlyError            this server lets nobody write who is not known
├── ServerBusyError          a server has too many requests already
├── CitationError            a quote is not what its source holds (never shown as an answer)
├── ProofError               a proof of a quote, or a file of answers to verify, has another form
│   └── AnswersFileError       that file cannot be read
├── ExportError              answers cannot be written in that format
├── LabelError               a judgement of an answer cannot be kept
├── ConversationError        kept conversations cannot be read or written
└── OptionalDependencyError  a package that an extra installs is missing

Every message says what happened, where, and what to do next. The evidence rides along as attributes.
"""

from __future__ import annotations

from pathlib import Path


class PartnershipQAError(Exception):
    """Anything this package raises on purpose; its message is fit to be shown to a user."""


class CorpusError(PartnershipQAError):
    """The texts to index cannot be used."""


class CorpusNotFoundError(CorpusError):
    """No file or folder stands at the given path."""

    def __init__(self, path: Path) -> None:
        self.path = path
        super().__init__(
            f"No corpus at {path}: give a folder of texts (.txt, .md, .html, .pdf, .docx, .xlsx …), or one of them."
        )


class EmptyCorpusError(CorpusError):
    """No file of the corpus could be indexed; `skipped` says why for each one looked at."""

    def __init__(self, path: Path, skipped: tuple[tuple[str, str], ...] = ()) -> None:
        self.path = path
        self.skipped = skipped
        seen = "; ".join(f"{name}: {reason}" for name, reason in skipped[:5])
        detail = f" Skipped: {seen}." if seen else ""
        super().__init__(
            f"Nothing to index at {path}.{detail} Add a file that holds text: .txt, .md, .html, .pdf, .docx, .xlsx …"
        )


class CorpusTooLargeError(CorpusError):
    """The texts that a page keeps would take up more room than they may."""

    def __init__(self, path: Path, limit: int) -> None:
        self.path, self.limit = path, limit
        super().__init__(
            f"The texts in {path} would take up more than {limit // 2**20} MiB. Remove some of them first."
        )


class FollowedDocumentError(CorpusError):
    """A document lies in a folder that a collection follows, so that the next build would bring it back."""

    def __init__(self, document: str) -> None:
        self.document = document
        super().__init__(
            f"{document} lies in a folder that the collection follows: delete it there, then read the folder again."
        )


class CollectionError(PartnershipQAError):
    """A collection cannot be found, made or changed; the message says why and what to do."""


class CorpusIndexError(PartnershipQAError):
    """The index on disk cannot be used."""


class IndexNotFoundError(CorpusIndexError):
    """There is no index at the given folder."""

    def __init__(self, path: Path) -> None:
        self.path = path
        super().__init__(f"No index at {path}. Build one: partnership-qa build CORPUS --index {path}")


class IndexCorruptError(CorpusIndexError):
    """A file of the index is missing, damaged or was not written by this package."""

    def __init__(self, file: Path, what: str) -> None:
        self.file = file
        self.what = what
        super().__init__(
            f"The index is damaged: {file} {what}. Nothing is answered from it. Build it again: partnership-qa build "
            f"CORPUS --index INDEX; or go back to the generation before: partnership-qa index rollback --index INDEX"
        )


class IndexMismatchError(CorpusIndexError):
    """The index is whole, but was built with another encoder or another format."""

    def __init__(self, path: Path, what: str) -> None:
        self.path = path
        super().__init__(
            f"The index at {path} does not fit: {what}. Build it again: partnership-qa build CORPUS --index {path}"
        )


class IndexSignatureError(CorpusIndexError):
    """The index is not signed as it should be; `reason` is `missing`, `wrong`, `other key` or `unusable`."""

    def __init__(self, path: Path, reason: str, what: str) -> None:
        self.path, self.reason = path, reason
        found = {
            "missing": "is not signed", "wrong": "is not what was signed", "other key": "is signed by another key",
        }.get(reason, "cannot be checked or signed")  # fmt: skip
        super().__init__(
            f"The index at {path} {found}: {what}. Nothing is answered from it where signatures are asked for. "
            f"Whoever vouches for it signs it: partnership-qa index sign --key KEY --index {path}"
        )


class UnsignedChangeError(CorpusIndexError):
    """A page that answers only from signed texts is to change them, which it cannot sign."""

    def __init__(self, path: Path) -> None:
        self.path = path
        super().__init__(
            f"This page answers only from signed texts and cannot sign. Build and sign them on the command line: "
            f"partnership-qa build CORPUS --index {path}, then partnership-qa index sign --key KEY --index {path}"
        )


class IndexBusyError(CorpusIndexError):
    """Another build holds the lock of this index."""

    def __init__(self, path: Path, holder: str = "") -> None:
        self.path, self.holder = path, holder
        who = f"Another build ({holder})" if holder else "Another build"
        super().__init__(f"{who} is writing {path}. Wait until it ends, then try again; the index still answers.")


class GateRefusedError(CorpusIndexError):
    """A new index failed its self-tests, so that the one that was there stays; `lost` says what is answered no more."""

    def __init__(self, lost: tuple[str, ...], asked: int) -> None:
        self.lost, self.asked = lost, asked
        super().__init__(
            f"The new index was not taken: of {asked:,} questions that were answered, {len(lost):,} are answered no "
            "more. The index that was there still answers. Look at the questions, or build without --gate."
        )


class ModelError(PartnershipQAError):
    """Model weights are missing, or are not the ones they should be."""


class QuestionError(PartnershipQAError):
    """The question cannot be asked as it stands."""


class UnknownDocumentError(QuestionError):
    """No document or folder of the index has this name or fits this pattern; `near` are names like it."""

    def __init__(self, pattern: str, near: tuple[str, ...] = ()) -> None:
        self.pattern, self.near = pattern, near
        like = f" Near it are: {', '.join(near)}." if near else ""
        super().__init__(
            f"No document or folder of the index is called “{pattern}” or fits it as a pattern.{like} "
            "Give a name, a folder or a pattern such as *.pdf; upper and lower case count."
        )


class QuestionSetError(PartnershipQAError):
    """A question set is missing, empty, or holds something else; the message says where and what to do."""


class AccessKeyError(PartnershipQAError):
    """A key for programs cannot be made, found or revoked; the message says why and what to do."""


class ReadOnlyError(PartnershipQAError):
    """Something is to be changed by somebody who is not known, on a server that other machines reach."""

    def __init__(self) -> None:
        super().__init__(
            "Nothing can be changed here without a password or a key. Start the server with a password, or make a key "
            "that writes: partnership-qa keys make NAME --writes"
        )


class ServerBusyError(PartnershipQAError):
    """A server has too many requests already."""

    def __init__(self) -> None:
        super().__init__("Too many questions are waiting. Try again in a few seconds.")


class CitationError(PartnershipQAError):
    """A quote differs from its source. Raised instead of an answer: a wrong quote is never shown."""

    def __init__(self, document: str, start: int, end: int) -> None:
        self.document, self.start, self.end = document, start, end
        super().__init__(
            f"The quote at {document}[{start}:{end}] is not what the source holds, so it is not shown. "
            f"Build the index again: partnership-qa build CORPUS --index INDEX"
        )


class ProofError(PartnershipQAError):
    """A proof of a quote has another form; `field` of it is wrong, in `where`, such as `answer 2, citation 1`."""

    def __init__(self, field: str, what: str, where: str = "") -> None:
        self.field, self.what, self.where = field, what, where
        place = f" of {where}" if where else ""
        super().__init__(f"This is no proof of a quote: “{field}”{place} {what}. Save the answer again as JSON.")


class AnswersFileError(ProofError):
    """A file of answers to verify cannot be read."""

    def __init__(self, path: str, reason: str) -> None:
        what = f"{path} cannot be read ({reason}): give a file of answers, or - for standard input."
        PartnershipQAError.__init__(self, what)
        self.field, self.what, self.where = "file", what, path


class ExportError(PartnershipQAError):
    """Answers cannot be written in the format that was asked for."""


class LabelError(PartnershipQAError):
    """A judgement of an answer cannot be kept; the message says why and what to do."""


class ConversationError(PartnershipQAError):
    """Kept conversations cannot be read or written; the message says why and what to do."""


class OptionalDependencyError(PartnershipQAError):
    """A package that an extra installs is missing."""

    def __init__(self, package: str, extra: str, purpose: str) -> None:
        self.package, self.extra = package, extra
        super().__init__(f"{purpose} needs {package}: pip install 'partnership_qa[{extra}]'")
