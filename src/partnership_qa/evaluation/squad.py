"""SQuAD 2.0 files (Rajpurkar et al. 2018): one read as a question set, and the one that judged answers are kept in.

A file holds its documents as contexts, so it is whole by itself. Beside `data` it may have `rejected`: outcomes that
somebody called wrong, with the document and perhaps a note. What would be right is not known of them, but the same
outcome is wrong again; other readers of the format pass over the key.
"""

from __future__ import annotations

import json
import re
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from ..answering.outcome import Answer
from ..errors import PartnershipQAError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..answering.citing import Citation
    from ..answering.outcome import NoAnswer
    from ..index import Source

VERSION = "v2.0"
REJECTED = "rejected"  # the type of a question of which nothing but a wrong outcome is known
_TEXTS = (".txt", ".text", ".md", ".markdown")
_UNFIT = re.compile(r"[^\w .()-]+")


def empty(sources: Iterable[Source]) -> dict[str, Any]:
    """A file with the documents of an index and no question yet."""
    data = [{"title": s.name, "paragraphs": [{"context": s.text, "qas": []}]} for s in sources]
    return {"version": VERSION, "data": data, "rejected": []}


def judged(
    content: dict[str, Any], key: str, asked: str, outcome: Answer | NoAnswer, *, right: bool, note: str
) -> None:
    """Put a judged outcome into a file's content, in the place of an earlier judgement of the same key.

    A right answer becomes a question with its words, a right refusal one that is impossible; a wrong outcome goes to
    `rejected`. Of an answer from several documents, the words from its first one are kept.

    Args:
        content: of the file; changed.
        key: `id` of the question.
        asked: the question as it stands alone.
        outcome: what came of it.
        right: whether that was right.
        note: in the words of whoever judged; empty for none.

    """
    taken_back(content, key)
    words = _words(outcome)
    entry: dict[str, Any] = {"id": key, "question": asked} | ({"note": note} if note else {})
    if right:
        title = outcome.citations[0].document if isinstance(outcome, Answer) else _nearest(outcome)
        article = next((a for a in content["data"] if a["title"] == title), content["data"][0])
        kind = {"type": "list"} if len(words) > 1 else {}
        entry |= {"answers": words, "is_impossible": not words} | kind
        article["paragraphs"][0]["qas"].append(entry)
    else:
        place = {"title": outcome.citations[0].document} if isinstance(outcome, Answer) else {}
        content["rejected"].append(entry | place | {"answers": words})


def count(content: dict[str, Any]) -> int:
    """Judgements in a file's content."""
    kept = sum(len(paragraph["qas"]) for article in content["data"] for paragraph in article["paragraphs"])
    return kept + len(content["rejected"])


def taken_back(content: dict[str, Any], key: str) -> None:
    """Take a judgement out of a file's content."""
    for article in content["data"]:
        for paragraph in article["paragraphs"]:
            paragraph["qas"] = [qa for qa in paragraph["qas"] if qa["id"] != key]
    content["rejected"] = [entry for entry in content["rejected"] if entry["id"] != key]


def said(outcome: Answer | NoAnswer) -> list[Citation]:
    """The citations whose highlighted words an outcome says: one of each part of an answer, none of a refusal."""
    return [part.citations[0] for part in outcome.parts] if isinstance(outcome, Answer) else []


def _words(outcome: Answer | NoAnswer) -> list[dict[str, Any]]:
    """The words that an outcome says, with their first character in the document of the first of them."""
    cited = said(outcome)
    return [
        {"text": c.quote[c.highlights[0].start - c.start : c.highlights[-1].end - c.start],
         "answer_start": c.highlights[0].start}
        for c in cited if c.document == cited[0].document
    ]  # fmt: skip


def _nearest(outcome: NoAnswer) -> str:
    return outcome.nearest[0].passage.document if outcome.nearest else ""


def unpack(file: Path, folder: Path) -> Path:
    """Write a SQuAD file as a question set under `folder`; one document an article, its paragraphs apart.

    Of several answers the first is the evidence and the others are accepted words, as in SQuAD; of a question with
    `"type": "list"` each is evidence. A question with neither an answer nor `is_impossible` is left out. In a file of
    judged answers, `judged` of a question is `up` or `down`; one that was rejected has its wrong places instead of
    evidence, and none where a refusal was wrong.

    Returns:
        The folder of the set.

    Raises:
        PartnershipQAError: the file is not SQuAD; the message says what is amiss.

    """
    target = folder / (file.stem or "set")
    (target / "corpus").mkdir(parents=True)
    try:
        rows = list(_unpacked(json.loads(file.read_text("utf-8")), target / "corpus"))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise PartnershipQAError(f"{file} is not a SQuAD file ({error!r}); give one, or a folder of a set.") from None
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (target / "questions.jsonl").write_text(lines, encoding="utf-8")
    return target


def _unpacked(content: dict[str, Any], corpus: Path) -> Iterator[dict[str, Any]]:
    up = {"judged": "up"} if REJECTED in content else {}
    texts: dict[str, str] = {}
    names: dict[str, str] = {}
    for article in content["data"]:
        title = str(article.get("title", "text"))
        name = names[title] = _name(title, set(map(str.lower, texts)))
        text = texts[name] = "\n\n".join(paragraph["context"] for paragraph in article["paragraphs"])
        path = corpus / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode("utf-8"))
        start = 0
        for paragraph in article["paragraphs"]:
            for qa in paragraph["qas"]:
                if qa["answers"] or qa.get("is_impossible"):
                    yield _row(qa, name, start) | up
            start += len(paragraph["context"]) + 2
    for entry in content.get(REJECTED, ()):
        yield _rejected(entry, names, texts)


def _rejected(entry: dict[str, Any], names: dict[str, str], texts: dict[str, str]) -> dict[str, Any]:
    """An outcome that was called wrong; a file of an earlier version does not name the document, but has its words."""
    kept = [names[entry["title"]]] if "title" in entry else list(texts)
    places = []
    for answer in entry["answers"]:
        start, end = answer["answer_start"], answer["answer_start"] + len(answer["text"])
        holding = [name for name in kept if texts[name][start:end] == answer["text"]]
        if not holding:
            raise ValueError(f"no document has the words of {entry['id']} at {start}")
        places.append({"document": holding[0], "start": start, "end": end})
    return {
        "id": str(entry["id"]), "question": entry["question"], "type": REJECTED, "answers": [], "evidence": [],
        "judged": "down", "rejected": places,
    }  # fmt: skip


def _row(qa: dict[str, Any], document: str, start: int) -> dict[str, Any]:
    answers = [] if qa.get("is_impossible") else qa["answers"]
    kind = qa.get("type") or ("span" if answers else "unanswerable")
    places = [
        {"document": document, "start": start + a["answer_start"], "end": start + a["answer_start"] + len(a["text"])}
        for a in (answers if kind == "list" else answers[:1])
    ]
    texts = list(dict.fromkeys(a["text"] for a in answers))
    return {"id": str(qa["id"]), "question": qa["question"], "type": kind, "answers": texts, "evidence": places}


def _name(title: str, taken: set[str]) -> str:
    """A file name for an article that stays in the folder and is like no other's."""
    parts = [clean for part in PurePosixPath(title).parts if (clean := _UNFIT.sub(" ", part).strip(". "))]
    path = PurePosixPath(*parts[-4:]) if parts else PurePosixPath("text")
    stem, suffix = (path.with_suffix(""), path.suffix) if path.suffix.lower() in _TEXTS else (path, ".txt")
    name, number = f"{stem}{suffix}", 2
    while name.lower() in taken:
        name, number = f"{stem} {number}{suffix}", number + 1
    taken.add(name.lower())
    return name
