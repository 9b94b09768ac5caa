"""`partnership-qa chat`: a conversation in the terminal, with numbered quotes that can be opened where they stand.

In a terminal rich sets the quotes apart; without one, each line of standard input is a question and all is plain text.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import ConversationError, PartnershipQAError
from .asking import Asking, KOption, SessionOption, WithinOption, kept_turns, loaded
from .showing import address, head_of, outcome_text, quotes_of, why_text, why_values
from .terminal import CollectionOption, HomeOption, IndexOption, ReaderOption, SignersOption, counted, plain
from .threshold import ThresholdOption, threshold_of, with_threshold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.console import RenderableType
    from rich.text import Text

    from ..answering.citing import Citation
    from ..answering.outcome import Answer, NoAnswer
    from ..exports.exchange import Numbering
    from ..web.conversations import Conversations
    from ..web.turns import Turn

LINES_AROUND = 4  # of a quote that is opened, before and behind it
HELP = """\
/why       show what the last outcome rests on
/open N    show quote N where it stands, with the lines around it
/new       begin anew: what was said before no longer counts
/help      show this
/quit      leave; so does the end of the input"""


@dataclass
class Chat:
    """A conversation that goes on.

    Attributes:
        asking: the index, and how it is asked.
        show: prints an outcome or a text that came of a line.
        store: where the conversation is kept; `None` keeps nothing.
        current: its id there; empty before it is kept.
        turns: what was asked, oldest first.
        quotes: every quote that was shown, by its number.

    """

    asking: Asking
    show: Callable[[Shown], None]
    store: Conversations | None = None
    current: str = ""
    turns: list[Turn] = field(default_factory=list)
    quotes: dict[int, Citation] = field(default_factory=dict)
    _numbering: Numbering | None = None

    def respond(self, line: str) -> bool:
        """Do what a line says; `False` where it ends the conversation."""
        name, _, rest = line.strip().partition(" ")
        if not name:
            return True
        if name in ("/quit", "/exit"):
            return False
        if not name.startswith("/"):
            self._ask(line.strip())
        elif name == "/open":
            self.show(Shown(self._opened(rest.strip())))
        elif name in _COMMANDS:
            self.show(Shown(_COMMANDS[name](self)))
        else:
            self.show(Shown(f"There is no {name}.\n{HELP}"))
        return True

    def _ask(self, question: str) -> None:
        from dataclasses import replace

        from ..web.turns import Turn, history

        asking = replace(self.asking, history=history(self.turns))
        try:
            trace = asking.trace(question)
        except PartnershipQAError as error:
            self.show(Shown(f"error: {error}"))
            return
        manifest = asking.qa.index.generation.manifest
        generation, within = asking.qa.index.generation.name, asking.within
        self.turns.append(
            Turn(question, trace, generation, manifest.passages, len(manifest.sources), within=tuple(within))
        )
        self.show(Shown(trace.outcome.text, trace.outcome, self.number(trace.outcome)))
        self._keep()

    def number(self, outcome: Answer | NoAnswer) -> tuple[int, ...]:
        """The numbers of an outcome's quotes, each quote with one number through the conversation."""
        from ..exports.exchange import Numbering

        self._numbering = self._numbering or Numbering()
        numbers = tuple(self._numbering.of(one) for one in quotes_of(outcome))
        self.quotes |= dict(zip(numbers, quotes_of(outcome), strict=True))
        return numbers

    def _keep(self) -> None:
        from ..web.kept_turns import dumped, words_of

        if self.store is None:
            return
        try:
            self.current = self.store.keep(self.current, [(dumped(turn), words_of(turn)) for turn in self.turns])
        except ConversationError as error:
            self.store = None
            self.show(Shown(f"note: this conversation is not kept. {error}"))

    def _why(self) -> str:
        trace = self.turns[-1].trace if self.turns else None
        if trace is None or not trace.parts:  # of a kept conversation, or no question
            return "Nothing was searched for the last outcome, or it was not kept how it came about."
        return why_text(why_values(trace, self.asking.qa), trace.outcome)

    def _new(self) -> str:
        self.turns, self.quotes, self.current, self._numbering = [], {}, "", None
        return "What was said before no longer counts."

    def _opened(self, number: str) -> str:
        cited = self.quotes.get(int(number)) if number.isdecimal() and len(number) < 10 else None
        if cited is None:
            there = f"1 to {max(self.quotes)}" if self.quotes else "none yet"
            return f"There is no quote {number or 'without a number'}: /open N, of those shown ({there})."
        return around(self.asking.qa.index.sources, cited)


@dataclass(frozen=True, slots=True)
class Shown:
    """What is printed for a line: a text, or an outcome with the numbers of its quotes."""

    text: str
    outcome: Answer | NoAnswer | None = None
    numbers: tuple[int, ...] = ()


_COMMANDS: dict[str, Callable[[Chat], str]] = {"/why": Chat._why, "/new": Chat._new, "/help": lambda _: HELP}


def around(sources: Any, cited: Citation) -> str:
    """The lines of a source in which a quote stands, `>` before each, and some lines before and behind."""
    source = sources.get(cited.document)
    if source is None or source.text[cited.start : cited.end] != cited.quote:
        return f"{address(cited)} is no longer what it was when it was quoted: ask again."
    starts, text = source.line_starts, source.text
    first, last = cited.line, source.line(max(cited.start, cited.end - 1))
    lines = [address(cited)]
    for line in range(max(1, first - LINES_AROUND), min(len(starts), last + LINES_AROUND) + 1):
        end = starts[line] if line < len(starts) else len(text)
        mark = ">" if first <= line <= last else " "
        lines.append(f"{mark} {line:>5}  {text[starts[line - 1] : end].rstrip()}")
    return "\n".join(lines)


def chat(
    within: WithinOption = None,
    index: IndexOption = None,
    collection: CollectionOption = None,
    home: HomeOption = None,
    k: KOption = None,
    threshold: ThresholdOption = None,
    reader: ReaderOption = None,
    session: SessionOption = None,
    keep: Annotated[
        bool, typer.Option("--keep/--keep-nothing", help="Keep the conversation on this machine, as the page does.")
    ] = True,
    allowed_signers: SignersOption = None,
) -> None:
    """Ask one question after another; each may lean on those before. /help shows the commands.

    Without a terminal each line of standard input is a question or a command.
    """
    from ..library import Library
    from ..web.conversations import conversations_of

    least = threshold_of(threshold)
    qa, least = with_threshold(loaded(index, collection, home, reader, allowed_signers), least, allowed_signers)
    # A follow-up may be asked of few documents: that there are some is said at once.
    if within:
        qa.catalogue.select(within)
    store = conversations_of(qa.index.root, Library(home) if home else None) if keep else None
    terminal = sys.stdin.isatty() and sys.stdout.isatty()
    talk = Chat(Asking(qa, (), tuple(within or ()), least, k), _rich() if terminal else _plain, store)
    if session is not None:
        talk.current, talk.turns = kept_turns(qa, session, home)
        for turn in talk.turns:
            if turn.result is not None:
                talk.show(Shown(turn.result.text, turn.result, talk.number(turn.result)))
    if terminal:
        typer.echo(plain(f"{counted(len(qa.index.sources), 'document')}. Ask, or /help; Ctrl-D leaves."))
    for line in _typed() if terminal else _read():
        if not talk.respond(line):
            break


def _read() -> Iterator[str]:
    for line in sys.stdin.buffer:
        yield line.decode("utf-8-sig", "replace")


def _typed() -> Iterator[str]:
    """What a person types; Ctrl-C drops a line, and the end of the input ends."""
    from contextlib import suppress

    with suppress(ImportError):
        import readline  # noqa: F401 - with it, arrows move in the line and through the ones before
    while True:
        try:
            yield input("? ")
        except EOFError:  # noqa: PERF203 - a person types
            typer.echo()
            return
        except KeyboardInterrupt:
            typer.echo()


def _plain(shown: Shown) -> None:
    text = shown.text if shown.outcome is None else outcome_text(shown.outcome, shown.numbers)
    typer.echo(plain(f"{text}\n"))
    sys.stdout.flush()


def _rich() -> Callable[[Shown], None]:
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False, emoji=False, markup=False)

    def show(shown: Shown) -> None:
        if shown.outcome is None:
            console.print(Text(plain(shown.text)))
        else:
            for one in rendered(shown.outcome, shown.numbers):
                console.print(one)
        console.print()

    return show


def rendered(outcome: Answer | NoAnswer, numbers: tuple[int, ...]) -> Iterator[RenderableType]:
    """An outcome for rich: the words, how sure, and each quote in a frame with its number and address."""
    from rich.panel import Panel
    from rich.text import Text

    yield Text(plain(outcome.text), style="bold" if outcome.answered else "")
    yield Text(plain(head_of(outcome).rstrip("\n")), style="dim")
    for number, cited in zip(numbers, quotes_of(outcome), strict=True):
        title = Text(plain(f"[{number}] {address(cited)}"))
        yield Panel(_marked(cited), title=title, title_align="left", border_style="dim", expand=False)


def _marked(cited: Citation) -> Text:
    """A quote with the words that answer set apart; what might drive the terminal is shown as `�`, sign for sign."""
    from rich.text import Text

    text = Text(plain(cited.quote))
    for start, end in cited.highlights:
        text.stylize("bold", start - cited.start, end - cited.start)
    return text
