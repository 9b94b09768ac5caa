"""All that the program does, done once under a guard that sees and refuses every way out of this machine.

The guard is an audit hook (PEP 578): Python tells it of every connection, name look-up and program before it happens.
What a library does in machine code of its own it is not told of; for that, cut the network and run it again.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import ipaddress
import json
import pkgutil
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import home
from .errors import CorpusNotFoundError, OptionalDependencyError
from .index import verify
from .sources.extraction import is_worker
from .web import environment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .qa import QA

_CONNECTS = ("socket.connect", "socket.sendto", "socket.sendmsg", "socket.bind")
_NAMES = ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr", "socket.getnameinfo")
_STARTS = ("subprocess.Popen", "os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn", "os.startfile",
           "os.system", "pty.spawn", "webbrowser.open")  # fmt: skip
WATCHED = {"connections and sockets": _CONNECTS, "name look-ups": _NAMES, "programs started": _STARTS}
# Not where somebody asked for it, but how it was done.
_PLUMBING = ("socket", "subprocess", "asyncio", "concurrent", "http", "urllib", "ssl", "selectors", "threading", "os",
             "platform", "contextlib", "anyio", "httpcore", "httpx", "urllib3", __name__)  # fmt: skip
_FAMILIES = {"AF_INET", "AF_INET6"}
_QUESTIONS = ("How much did Microsoft invest in 2019?", "What is the fee at Kemi?", "Who painted the Mona Lisa?")
_TABLE = "Harbour,Fee\nVadso,3\nKemi,12\n"  # read by the process for parsers, which a text alone does not need


@dataclass(frozen=True, slots=True)
class Attempt:
    """What would have left this machine or started a program: the event, at what, and the module that it is by."""

    event: str
    target: str
    by: str


@dataclass
class Guard:
    """Refuses and notes, while it is entered, what leaves this machine, in every thread of this process.

    Attributes:
        attempts: what was refused.
        loopback: connections and look-ups within this machine, which pass.
        workers: processes of this package that read files, which pass; they have a guard of their own.

    """

    attempts: list[Attempt] = field(default_factory=list)
    loopback: int = 0
    workers: int = 0

    def __enter__(self) -> Guard:  # noqa: PYI034 - Self came with Python 3.11
        _guards.append(self)
        _install()
        return self

    def __exit__(self, *error: object) -> None:
        _guards.remove(self)

    def see(self, event: str, args: tuple[Any, ...]) -> None:
        """Let an event pass, or refuse it.

        Raises:
            PermissionError: it is refused; libraries take it for a network that is not there.

        """
        if event in _CONNECTS:
            local, target = _is_local(args[0], args[1]), str(args[1])
        elif event in _NAMES:
            host = args[0][0] if event == "socket.getnameinfo" else args[0]
            local, target = _is_loopback(host), str(host)
        elif event in _STARTS:
            command = args[1] if event == "subprocess.Popen" else args
            if event == "subprocess.Popen" and not isinstance(command, (str, bytes)) and is_worker(command):
                self.workers += 1
                return
            local, target = False, str(command)
        else:
            return
        if local:
            self.loopback += 1
            return
        attempt = Attempt(event, target[:200], _caller())
        self.attempts.append(attempt)
        raise PermissionError(f"{event} {attempt.target} is not allowed here")


_guards: list[Guard] = []
_installed: list[bool] = []


def _install() -> None:
    """Add the hook, once a process: it cannot be taken away again, and does nothing while no guard is entered."""
    if not _installed:
        _installed.append(True)
        sys.addaudithook(_hook)


def _hook(event: str, args: tuple[Any, ...]) -> None:
    for guard in tuple(_guards):
        guard.see(event, args)


def _is_local(socket: Any, address: Any) -> bool:
    """Whether an address of a socket is one of this machine: of a file, or of the loopback."""
    name = getattr(socket.family, "name", "")
    if name in _FAMILIES:
        return isinstance(address, tuple) and _is_loopback(address[0])
    return name == "AF_UNIX" or address is None  # none: the socket is connected, and that was seen


def _is_loopback(host: object) -> bool:
    if host is None or host in ("", b"", "localhost", b"localhost"):
        return True
    text = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host)
    try:
        return ipaddress.ip_address(text.partition("%")[0]).is_loopback
    except ValueError:
        return False


def _caller() -> str:
    """The innermost module that is not plumbing."""
    frame = sys._getframe(1)
    while frame is not None:
        name = str(frame.f_globals.get("__name__", ""))
        if name.partition(".")[0] not in _PLUMBING and name != __name__:
            return f"{name}:{frame.f_lineno}"
        if frame.f_back is None:
            break
        frame = frame.f_back
    return "a thread"


@dataclass
class Watch:
    """What a run under the guard came to.

    Attributes:
        steps: what was done, with its seconds.
        failure: why the run ended early; empty where it did not.
        guard: what was seen.

    """

    steps: list[tuple[str, float]]
    failure: str
    guard: Guard

    @property
    def right(self) -> bool:
        """Whether everything was done and nothing tried to leave."""
        return not self.failure and not self.guard.attempts

    def to_dict(self) -> dict[str, object]:
        """Plain values for JSON."""
        return {
            "right": self.right, "failure": self.failure,
            "steps": [{"name": name, "seconds": round(seconds, 3)} for name, seconds in self.steps],
            "attempts": [{"event": one.event, "target": one.target, "by": one.by} for one in self.guard.attempts],
            "loopback": self.guard.loopback, "workers": self.guard.workers,
            "watched": [event for events in WATCHED.values() for event in events],
        }  # fmt: skip


def airgap(tell: Callable[[str, float], None] = lambda _name, _seconds: None) -> Watch:
    """Import, build, answer, verify and serve under the guard, in a temporary folder.

    Args:
        tell: called with each step that was done, and its seconds.

    """
    steps: list[tuple[str, float]] = []
    failure = ""
    with Guard() as guard, tempfile.TemporaryDirectory(prefix="partnership-qa-") as folder:
        began = time.perf_counter()
        try:
            for name in _steps(Path(folder)):
                steps.append((name, time.perf_counter() - began))
                tell(*steps[-1])
                began = time.perf_counter()
        except Exception as error:  # noqa: BLE001 - whatever ends it is the finding
            failure = f"{type(error).__name__}: {error}"
    return Watch(steps, failure, guard)


def _steps(folder: Path) -> Iterator[str]:
    """Name each step once it is done."""
    environment.import_gradio()
    for module in pkgutil.walk_packages([str(Path(__file__).parent)], f"{__package__}."):
        if not module.name.endswith("__main__"):
            with contextlib.suppress(OptionalDependencyError):  # of an extra that is not installed
                importlib.import_module(module.name)
    yield "imported every module"
    corpus = folder / "corpus"
    corpus.mkdir()
    bundled = next((place for _, place in reversed(home.default_places()[1:]) if place.is_dir()), None)
    if bundled is None:
        raise CorpusNotFoundError(home.default_places()[-1][1])
    for text in bundled.glob("*.txt"):
        (corpus / text.name).write_bytes(text.read_bytes())
    (corpus / "harbours.csv").write_text(_TABLE, "utf-8")
    report = home.build_index(corpus, folder / "index")
    yield f"built an index of {len(report.added)} documents, {report.passages} passages"
    qa = home.load(folder / "index")
    answers = [qa.answer(question) for question in _QUESTIONS]
    given = sum(answer.answered for answer in answers)
    if not given:
        raise ValueError("no question was answered")
    yield f"answered {len(answers)} questions, {len(answers) - given} of them with “not in the text”"
    found = verify(folder / "index")
    quotes = [cited for answer in answers for cited in answer.citations]
    texts = {name: source.text for name, source in qa.index.sources.items()}
    texts |= {text.name: text.read_bytes().decode("utf-8") for text in corpus.glob("*.txt")}  # the files themselves
    wrong = [cited for cited in quotes if texts[cited.document][cited.start : cited.end] != cited.quote]
    if found.damaged or wrong:
        raise ValueError(f"{len(found.damaged)} files of the index and {len(wrong)} quotes are not what they should be")
    yield f"verified {found.files} files of the index and {len(quotes)} quotes"
    yield f"served the page and answered over loopback, {_served(qa)}"


def _served(qa: QA) -> str:
    """Open the page, ask it as a program would, close it; what the answer was."""
    from .web.desk import Desk
    from .web.server import start

    with contextlib.redirect_stdout(io.StringIO()):  # it says where it is
        page = start(Desk(qa.index, lambda _index: qa), "127.0.0.1", None, block=False)
    try:
        # No proxy of the environment: the page is on this machine.
        ask = urllib.request.build_opener(urllib.request.ProxyHandler({})).open
        address = f"{page.local_url}gradio_api/call/v2/ask"
        head = {"content-type": "application/json"}
        body = json.dumps({"question": _QUESTIONS[0]}).encode()
        with ask(urllib.request.Request(address, body, head), timeout=30) as reply:  # noqa: S310 - http, this machine
            number = json.load(reply)["event_id"]
        with ask(f"{address}/{number}", timeout=30) as reply:
            lines = [line[6:] for line in reply.read().decode("utf-8").split("\n") if line.startswith("data: ")]
        answered = bool(json.loads(lines[-1])[0]["answered"])
    except (LookupError, TypeError) as error:
        raise ValueError(f"the page did not answer ({error})") from error
    finally:
        page.close(verbose=False)
    return "with quotes" if answered else "declining"
