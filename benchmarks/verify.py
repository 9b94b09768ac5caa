"""Whether `verify` tells rightly what has become of quotes: of files as they are, and of files edited at random.

    python benchmarks/verify.py gather SETS INDEXES answers.jsonl [--answers 500] [--skip 110]
    python benchmarks/verify.py check SETS answers.jsonl [--edits 6000] [--seed 0]

SETS is a folder of question sets (a folder each, with `corpus/` and `questions.jsonl`), INDEXES one of their indexes by
the same names. `gather` asks the questions, drawn with a fixed seed and the same number from each set where it has so
many, until there are so many answers, and keeps what `to_dict` gives. `check` verifies them all against the files as
they are (each quote must be intact, nothing unsupported), forges them (`forging.py`: each forgery must be told), and
edits the file of one quote at a time, in memory, and compares the state with the one that the edit makes true. What an
edit makes true is known from where it cut and what it put there, not from looking for the quote. The most important
figure is how often `intact` is said where it is wrong.

`gather --evidence` asks no model: it cites the places that the sets name as evidence, as answers cite them. That is
enough to check `verify`, and takes seconds where asking takes minutes.

`check --html N` does the same over N more quotes of the same texts written as HTML: blocks as they are, taken straight
from the documents, since no index of them is at hand.
"""

from __future__ import annotations

import argparse
import collections
import html
import json
import random
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from forging import FORGERIES, WORDS, forged

from partnership_qa.proof import Proof, State, verify
from partnership_qa.proof.corpus import Files
from partnership_qa.proof.record import AROUND

if TYPE_CHECKING:
    from collections.abc import Iterator

Corpus = dict[str, bytes]
Told = dict[str, collections.Counter[tuple[State, State]]]  # by edit: what is true and what was told


class Edited(NamedTuple):
    """Files after an edit, and what has become of the quote by it.

    Where words like the quote stand where it stood, or the same words among the same others, no file tells whether it
    was deleted: what else may be told then stands in `also`.
    """

    files: Corpus
    state: State
    also: frozenset[State] = frozenset()


class Scene:
    """A quote in its file, and the hands of the one who edits it."""

    def __init__(self, proof: Proof, files: Corpus, chance: random.Random) -> None:
        self.proof, self.files, self.chance = proof, files, chance
        self.text = files[proof.document].decode("utf-8")
        self.before, self.behind = self.text[: proof.start], self.text[proof.end :]

    def words(self, most: int = 8) -> str:
        """Some words that mean nothing."""
        return " ".join(self.chance.choices(WORDS, k=self.chance.randint(1, most)))

    def with_text(self, text: str, state: State) -> Edited:
        """The file with another text."""
        return Edited(self.files | {self.proof.document: text.encode("utf-8")}, state)

    def without(self, **more: bytes) -> Corpus:
        """The other files, and more."""
        return {name: data for name, data in self.files.items() if name != self.proof.document} | more

    def line_start(self, text: str) -> int:
        """A place in a text at which a line begins, drawn at random."""
        return self.chance.choice([0, *(at + 1 for at, char in enumerate(text) if char == "\n")])

    def cut(self, before: str, behind: str, state: State) -> Edited:
        """What is left when the quote is taken out, the line with it where nothing else stood there."""
        if before[-1:] in ("", "\n") and behind[:1] == "\n":
            behind = behind[1:]
        edited = self.with_text(before + behind, state)
        return edited._replace(also=frozenset(self._may_seem(before, behind)))

    def _may_seem(self, before: str, behind: str) -> Iterator[State]:
        """What a reader of the file alone may take a deletion between these for."""
        words, rest = self.proof.quote.split(), f"{before} {behind}"
        room = 2 * len(words) + 10
        near = [*before.split()[-room:], *behind.split()[:room]]
        beside = self.before.endswith(before) or self.behind.startswith(behind)
        if _like(near, words) or (not beside and _like(rest.split(), words)):
            yield State.CHANGED
        flat, quote = " ".join(rest.split()), " ".join(words)
        around = " ".join(self.before[-AROUND:].split()), " ".join(self.behind[:AROUND].split())
        if " ".join((around[0], quote, around[1])).strip() in flat:
            yield State.MOVED
        elif quote in flat and self.proof.quote not in self.before + self.behind:
            yield State.MOVED  # differs in white space alone, so that a proof does not count it


def _like(text: list[str], words: list[str]) -> bool:
    """Whether a stretch of a text has two in three of some words."""
    wanted = collections.Counter(words)
    for at in range(0, len(text), max(1, len(words) // 8)):
        here = collections.Counter(text[at : at + len(words) + len(words) // 8])
        if 3 * sum((wanted & here).values()) >= 2 * len(words):
            return True
    return False


def as_it_is(scene: Scene) -> Edited:
    """Nothing is done."""
    return Edited(scene.files, State.INTACT)


def line_before(scene: Scene) -> Edited:
    """A line of its own somewhere before the quote."""
    at = scene.line_start(scene.before)
    return scene.with_text(f"{scene.text[:at]}{scene.words()}.\n{scene.text[at:]}", State.MOVED)


def words_before(scene: Scene) -> Edited | None:
    """Words inside a line somewhere before the quote."""
    gaps = [at for at, char in enumerate(scene.before[:-1]) if char == " "]
    if not gaps:
        return None
    at = scene.chance.choice(gaps)
    return scene.with_text(f"{scene.text[:at]} {scene.words()}{scene.text[at:]}", State.MOVED)


def line_behind(scene: Scene) -> Edited:
    """A line of its own somewhere behind the quote."""
    at = scene.proof.end + (scene.line_start(scene.behind) or len(scene.behind))
    return scene.with_text(f"{scene.text[:at]}\n{scene.words()}.\n{scene.text[at:]}", State.INTACT)


def changed_word(scene: Scene) -> Edited | None:
    """Words of the quote are exchanged, put in or left out, at most one in six."""
    words = scene.proof.quote.split(" ")  # white space that fills a row is no word
    count = len(scene.proof.quote.split())
    if count < 4:
        return None
    for _ in range(scene.chance.randint(1, max(1, count // 6))):
        at = scene.chance.choice([at for at, word in enumerate(words) if word.strip()])
        if scene.chance.random() < 0.3 and at:
            words.insert(at, scene.words(2))
        elif scene.chance.random() < 0.3 and count > 4 and 0 < at < len(words) - 1:
            words.pop(at)
        else:
            words[at] = scene.words(1)
    now = " ".join(words)
    return None if now.split() == scene.proof.quote.split() else _inside(scene, now)


def changed_letter(scene: Scene) -> Edited | None:
    """A figure where there is one, else a letter: the smallest change that there is."""
    quote = scene.proof.quote
    figures = [at for at, char in enumerate(quote) if char.isdigit()]
    places = figures or [at for at, char in enumerate(quote) if char.isalpha()]
    if not places:
        return None
    at = scene.chance.choice(places)
    others = "0123456789" if figures else "aeiost"
    return _inside(scene, quote[:at] + scene.chance.choice(others.replace(quote[at], "")) + quote[at + 1 :])


def attached(scene: Scene) -> Edited | None:
    """Something is written to the end of the last word, or to the front of the first."""
    quote = scene.proof.quote
    if scene.chance.random() < 0.7 and quote[-1].isalnum() and scene.behind[:1].isspace():
        return _inside(scene, quote + scene.chance.choice(["0", "5", "s", ".5", "-x"]))
    if quote[0].isalnum() and (not scene.before or scene.before[-1].isspace()):
        return _inside(scene, scene.chance.choice(["1", "un", "-"]) + quote)
    return None


def lengthened(scene: Scene) -> Edited | None:
    """An item or a row that does not end with the end of a sentence gets another word."""
    quote = scene.proof.quote
    if not (quote[-1].isalnum() or quote[-1] == "|") or scene.behind[:1] != "\n":
        return None
    return _inside(scene, f"{quote} {scene.words(2)}{' |' if quote[-1] == '|' else ''}")


def _inside(scene: Scene, now: str) -> Edited:
    return scene.with_text(scene.before + now + scene.behind, State.CHANGED)


def taken_out(scene: Scene) -> Edited:
    """The quote is deleted."""
    return scene.cut(scene.before, scene.behind, State.GONE)


def taken_out_with_neighbours(scene: Scene) -> Edited | None:
    """The quote and some words on one side or both."""
    left, right = scene.chance.choice([(60, 0), (0, 60), (200, 200)])
    if len(scene.before) < 2 * left + 100 or len(scene.behind) < 2 * right + 100:
        return None
    return scene.cut(scene.before[: len(scene.before) - left], scene.behind[right:], State.GONE)


def put_elsewhere(scene: Scene) -> Edited | None:
    """The quote is cut and put at the beginning of another line, as a paragraph of its own."""
    rest = scene.before + scene.behind
    at = scene.line_start(rest)
    if abs(at - len(scene.before)) < 100 or len(scene.proof.quote.split()) < 4:
        return None
    return scene.with_text(f"{rest[:at]}\n{scene.proof.quote}\n\n{rest[at:]}", State.MOVED)


def renamed(scene: Scene) -> Edited:
    """The file has another name."""
    return Edited(scene.without(**{_other(scene): scene.files[scene.proof.document]}), State.MOVED)


def renamed_and_edited(scene: Scene) -> Edited:
    """The file has another name, and a line more before the quote."""
    edited = line_before(scene).files[scene.proof.document]
    return Edited(scene.without(**{_other(scene): edited}), State.MOVED)


def replaced(scene: Scene) -> Edited:
    """The file has another name now, and another file has its name."""
    name = scene.proof.document
    other = {_other(scene): scene.files[name], name: f"# {scene.words()}\n\n{scene.words(40)}.\n".encode()}
    return Edited(scene.without(**other), State.MOVED)


def removed(scene: Scene) -> Edited:
    """The file is deleted."""
    return Edited(scene.without(), State.GONE)


def emptied(scene: Scene) -> Edited:
    """Other words alone stand in the file."""
    return scene.with_text(f"# {scene.words()}\n\n{scene.words(40)}.\n", State.GONE)


def crlf(scene: Scene) -> Edited:
    """Line breaks as Windows writes them: a quote of the first line stays where it is."""
    first = "\n" not in scene.text[: scene.proof.end]
    return scene.with_text(scene.text.replace("\n", "\r\n"), State.INTACT if first else State.MOVED)


def rewrapped(scene: Scene) -> Edited | None:
    """A line break where a space was, before the quote or in it: the words are the same, on another line."""
    head = scene.text[: scene.proof.end]
    gaps = [at for at, char in enumerate(head[:-1]) if char == " " and head[at + 1] not in " -*#|>"]
    if not gaps or "|" in scene.proof.quote:
        return None
    at = scene.chance.choice(gaps)
    return scene.with_text(f"{scene.text[:at]}\n{scene.text[at + 1 :]}", State.MOVED)


def as_utf_16(scene: Scene) -> Edited:
    """The same text in other bytes: its bytes have another address."""
    return Edited(scene.files | {scene.proof.document: scene.text.encode("utf-16")}, State.MOVED)


def _other(scene: Scene) -> str:
    folder, _, name = scene.proof.document.rpartition("/")
    return f"{folder}{'/' if folder else ''}{scene.chance.choice(WORDS)}-{name}"


EDITS = (as_it_is, line_before, words_before, line_behind, changed_word, changed_letter, attached, lengthened,
         taken_out, taken_out_with_neighbours, put_elsewhere, renamed, renamed_and_edited, replaced, removed, emptied,
         crlf, rewrapped, as_utf_16)  # fmt: skip


def true_state(scene: Scene, edited: Edited) -> State:
    """What is true after an edit: where equal words have come to stand at the very address, the quote is intact.

    So a row whose twin moves up into its place; nobody can tell the two apart.
    """
    proof, data = scene.proof, edited.files.get(scene.proof.document, b"")
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return edited.state
    text = data.decode("utf-8")
    same_line = text[: proof.start].count("\n") + 1 == proof.line
    around = all(
        not (a and b) or a[at].isspace() == b[at].isspace()
        for a, b, at in ((text[proof.end :], proof.suffix or "", 0), (text[: proof.start], proof.prefix or "", -1))
    )
    same = text[proof.start : proof.end] == proof.quote and same_line and around and edited.state is not State.CHANGED
    return State.INTACT if same else edited.state


def corpus_of(folder: Path) -> Corpus:
    """The files of a set by their names."""
    paths = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def run(scenes: list[tuple[Proof, Corpus]], edits: int, seed: int, few: int = 6) -> tuple[Told, Told]:
    """Edit the file of one quote at a time, and note what is true and what was told.

    Apart stand quotes whose words stand in several places of these files, such as rows of repeated tables, or links
    that every page has: of some edits of these nobody could say which of the places is meant.

    Args:
        scenes: quotes with the files of their set.
        edits: how many are made, as many of each kind as come out of taking turns.
        seed: of the draw.
        few: files of a set that take part in one trial, so that a trial is quick.

    """
    chance = random.Random(seed)
    once: Told = {edit.__name__: collections.Counter() for edit in EDITS}
    often: Told = {edit.__name__: collections.Counter() for edit in EDITS}
    done = number = 0
    while done < edits:
        edit = EDITS[number % len(EDITS)]
        number += 1
        proof, files = chance.choice(scenes)
        names = {proof.document, *chance.sample(sorted(files), min(few, len(files)))}
        scene = Scene(proof, {name: files[name] for name in names}, chance)
        edited = edit(scene)
        if edited is None:
            continue
        done += 1
        truth, said = true_state(scene, edited), verify(proof, edited.files)[0].state
        truth = said if said in edited.also and truth is State.GONE else truth
        twins = sum(data.decode("utf-8").count(proof.quote) for data in scene.files.values()) > 1
        (often if twins else once)[edit.__name__][truth, said] += 1
        if truth is not said:
            what = f"{edit.__name__}: {truth.value} told {said.value}: {proof.document}: {proof.quote[:90]!r}"
            print(f"  wrong{' (several places)' if twins else ''}: {what}", file=sys.stderr)
    return once, often


def wrong_intact(told: Told) -> int:
    """How often a quote was told to be intact that was not."""
    pairs = (pair for counts in told.values() for pair in counts.elements())
    return sum(said is State.INTACT is not truth for truth, said in pairs)


def report(told: Told) -> None:
    """A line an edit: how many, how many told rightly, and what was told where it was wrong."""
    whole: collections.Counter[tuple[State, State]] = collections.Counter()
    for name, counts in [*told.items(), ("all", whole)]:
        trials = sum(counts.values())
        right = sum(n for (truth, said), n in counts.items() if truth is said)
        wrong = [f"{truth.value} told {said.value} {n}" for (truth, said), n in counts.items() if truth is not said]
        if trials:
            print(f"  {name:28}{trials:6} edits {right:6} rightly {right / trials:8.2%}  {', '.join(sorted(wrong))}")
        if counts is not whole:
            whole.update(counts)
    print(f"  wrongly intact: {wrong_intact(told)}")


def gather(sets: Path, indexes: Path, out: Path, answers: int, skip: int = 0) -> None:
    """Ask questions of the sets in turn and keep what comes of them, a line each with the name of its set.

    Every eighth question is asked together with the next, every eighth of one document alone, and each set is greeted,
    so that notes and refusals of every kind are among what is kept. Refusals do not count towards `answers`; of each
    set the first `skip` questions, in the order in which they are drawn, are left out.
    """
    from partnership_qa import load
    from partnership_qa.evaluation.metrics import load_questions

    names = sorted(folder.name for folder in sets.iterdir() if (indexes / folder.name / "CURRENT").exists())
    waiting = {name: load_questions(sets / name) for name in names}
    for questions in waiting.values():
        random.Random(0).shuffle(questions)
        del questions[max(0, len(questions) - skip) :]
    kept = refused = number = 0
    loaded = {name: load(indexes / name) for name in names}
    with out.open("w", encoding="utf-8") as stream:
        for name in names:
            for message in ("hello", "summarize this text"):
                stream.write(json.dumps({"set": name} | loaded[name].answer(message).to_dict()) + "\n")
        while kept < answers and any(waiting.values()):
            for name in names:
                if not waiting[name] or kept >= answers:
                    continue
                question = waiting[name].pop()
                number += 1
                text, documents = question.question, []
                if number % 8 == 0 and waiting[name]:
                    other = waiting[name].pop().question
                    text = f"{text.rstrip('?. ')} and {other[:1].lower()}{other[1:]}"
                elif number % 8 == 4:
                    documents = [place[0] for place in question.evidence[:1]]
                given = loaded[name].answer(text, history=question.history, documents=documents)
                stream.write(json.dumps({"set": name} | given.to_dict(), ensure_ascii=False) + "\n")
                kept, refused = kept + given.answered, refused + (not given.answered)
    print(f"{kept} answers and {refused} refusals in {out}")


def gather_evidence(sets: Path, indexes: Path, out: Path, answers: int) -> None:
    """Answers made of the places that the sets name as evidence, without asking a model: cited as answers are."""
    from partnership_qa.answering.citing import citation
    from partnership_qa.answering.outcome import Answer, AnswerPart
    from partnership_qa.evaluation.metrics import load_questions
    from partnership_qa.index import open_index
    from partnership_qa.proof.saying import said_by

    kept = []
    for name in sorted(folder.name for folder in sets.iterdir() if (indexes / folder.name / "CURRENT").exists()):
        index = open_index(indexes / name)
        for question in load_questions(sets / name):
            cited = tuple(
                citation(index, passage, number, (unit.content,))
                for document, start, end in question.evidence
                for passage in index.passages
                if passage.document == document and passage.start < end and passage.end > start
                for number, unit in enumerate(passage.units)
                if unit.start < end and unit.end > start
            )
            if cited:
                first = cited[0]
                text = said_by(first.quote, first.start, first.highlights, first.document)
                part = AnswerPart(text, cited[:1])
                given = Answer(question.question, None, part.text, 1.0, cited, parts=(part,))
                kept.append({"set": name} | given.to_dict())
    random.Random(0).shuffle(kept)
    lines = [json.dumps(one, ensure_ascii=False) + "\n" for one in kept[:answers]]
    out.write_text("".join(lines), encoding="utf-8")
    print(f"{len(lines)} answers in {out}, of {len(kept)} questions with evidence")


def html_scenes(corpora: dict[str, Corpus], count: int, chance: random.Random) -> list[tuple[Proof, Corpus]]:
    """Blocks of texts written as HTML, with their proofs."""
    scenes = []
    for files in corpora.values():
        some = chance.sample(sorted(files.items()), min(4, len(files)))
        pages = {f"{name.rpartition('.')[0]}.html": _page(data.decode("utf-8")) for name, data in some}
        with Files(pages) as read:
            for name in pages:
                document = read.document(name)
                blocks = [block for section in (document.sections if document else ()) for block in section.blocks]
                fit = [block for block in blocks if 30 < block.end - block.start < 400]
                drawn = chance.sample(fit, min(count, len(fit)))
                scenes += [(read.proof(name, block.start, block.end), pages) for block in drawn]
    return chance.sample(scenes, min(count, len(scenes)))


def _page(text: str) -> bytes:
    blocks = (" ".join(block.split()) for block in text.split("\n\n"))
    body = "\n".join(f"<p>{html.escape(block)}</p>" for block in blocks if block)
    return f"<!doctype html>\n<html lang='en'><title>Text</title>\n<body>\n{body}\n</body></html>\n".encode()


def html_trials(scenes: list[tuple[Proof, Corpus]], chance: random.Random) -> Told:
    """The edits that can be made in a page's source without parsing it."""
    told: Told = collections.defaultdict(collections.Counter)
    for proof, files in scenes:
        page = files[proof.document].decode("utf-8")
        quote = html.escape(proof.quote)
        if page.count(f"<p>{quote}</p>") != 1:
            continue
        word = html.escape(chance.choice([word for word in proof.quote.split() if len(word) > 3] or [proof.quote]))
        trials = {
            "as it is": (page, State.INTACT),
            "paragraph before": (page.replace("<body>", f"<body><p>{' '.join(WORDS)}.</p>", 1), State.MOVED),
            "paragraph behind": (page.replace("</body>", "<p>Another one.</p></body>"), State.INTACT),
            "other markup": (page.replace(f"<p>{quote}<", f"<p><b>{quote}</b><"), State.INTACT),
            "word changed": (page.replace(f"<p>{quote}<", f"<p>{quote.replace(word, 'x1y', 1)}<"), State.CHANGED),
            "taken out": (page.replace(f"<p>{quote}</p>\n", ""), State.GONE),
            "line breaks of the source": (page.replace("\n", "\r\n"), State.INTACT),
        }
        for name, (text, truth) in trials.items():
            told[name][truth, verify(proof, files | {proof.document: text.encode()})[0].state] += 1
        other = {("new/x.html" if name == proof.document else name): data for name, data in files.items()}
        told["file renamed"][State.MOVED, verify(proof, other)[0].state] += 1
    return told


def forgeries(given: list[dict[str, Any]], corpora: dict[str, Corpus], seed: int) -> dict[str, tuple[int, int]]:
    """Of each kind of forgery how many were made, of each answer one where it can be, and how many were not told."""
    chance = random.Random(seed)
    counts = {}
    for how in FORGERIES:
        made = [(one["set"], false) for one in given if (false := forged(one, how, chance)) is not None]
        told = 0
        for name, files in corpora.items():
            verdicts = verify([false for its, false in made if its == name], files)
            told += len({one.answer for one in verdicts if one.state is not State.INTACT})
        counts[how.__name__] = len(made), len(made) - told
    return counts


def check(sets: Path, answers: Path, edits: int, seed: int, pages: int) -> int:
    """Verify the answers as they are, then edited; exit code 1 where anything that was not intact was told to be."""
    given = [json.loads(line) for line in answers.read_text("utf-8").splitlines()]
    corpora = {name: corpus_of(sets / name / "corpus") for name in sorted({one["set"] for one in given})}
    counts: collections.Counter[str] = collections.Counter()
    scenes, false = [], set()
    for name, files in corpora.items():
        own = [one for one in given if one["set"] == name]
        verdicts = verify(own, sets / name / "corpus")
        counts.update(verdict.state.value for verdict in verdicts)
        scenes += [(verdict.proof, files) for verdict in verdicts if verdict.proof is not None]
        false |= {(name, verdict.answer) for verdict in verdicts if verdict.state is State.UNSUPPORTED}
    refusals = sum(not one["answered"] for one in given)
    print(f"{len(given) - refusals} answers and {refusals} refusals, verdicts as they are: {dict(counts)}")
    print(f"  told to be unsupported as they are: {len(false)}")
    missed = forgeries(given, corpora, seed)
    print("forged, with every quote as it is")
    for name, (made, unseen) in missed.items():
        print(f"  {name:34}{made:6} forged {made - unseen:6} told")
    once, often = run(scenes, edits, seed)
    print(f"{edits} edits of text files, seed {seed}: quotes whose words stand once")
    report(once)
    print("quotes whose words stand in several places")
    report(often)
    made: Told = {}
    if pages:
        chance = random.Random(seed)
        made = html_trials(html_scenes(corpora, pages, chance), chance)
        print(f"edits of at most {pages} quotes in HTML, each in eight ways")
        report(made)
    wrong = sum(map(wrong_intact, (once, often, made))) + sum(unseen for _, unseen in missed.values())
    return int(wrong > 0 or counts[State.INTACT.value] != sum(counts.values()))


def main() -> int:
    """Run the command that is named."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("gather")
    one.add_argument("sets", type=Path)
    one.add_argument("indexes", type=Path)
    one.add_argument("out", type=Path)
    one.add_argument("--answers", type=int, default=500)
    one.add_argument("--skip", type=int, default=0, help="leave out so many questions of each set: others than before")
    one.add_argument("--evidence", action="store_true", help="cite what the sets name as evidence, and ask no model")
    two = commands.add_parser("check")
    two.add_argument("sets", type=Path)
    two.add_argument("answers", type=Path)
    two.add_argument("--edits", type=int, default=6000)
    two.add_argument("--seed", type=int, default=0)
    two.add_argument("--html", type=int, default=0)
    a = parser.parse_args()
    if a.command == "gather":
        if a.evidence:
            gather_evidence(a.sets, a.indexes, a.out, a.answers)
        else:
            gather(a.sets, a.indexes, a.out, a.answers, a.skip)
        return 0
    return check(a.sets, a.answers, a.edits, a.seed, a.html)


if __name__ == "__main__":
    sys.exit(main())
