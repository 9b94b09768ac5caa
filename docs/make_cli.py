"""Writes docs/cli.md: every command, argument and option, from the command line's own definitions.

python docs/make_cli.py            # writes it
python docs/make_cli.py --check    # leaves with 1 where what stands there is another
"""

from __future__ import annotations

import inspect
import re
import sys
import types
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Union, get_args, get_origin, get_type_hints

from typer.models import ArgumentInfo, OptionInfo

from partnership_qa.cli.app import app
from partnership_qa.cli.chat import HELP, chat

if TYPE_CHECKING:
    import typer

PAGE = Path(__file__).with_name("cli.md")
HEAD = """\
# partnership-qa(1)

<!-- Written by docs/make_cli.py from the command line's own definitions; change those. -->

## Name

partnership-qa: {about}

## Synopsis

{synopsis}

{epilog}

Errors stand on standard error in one line: what happened, where, and what to do. `partnership-qa --version` prints the
version, `--help` behind any command what stands here, and `--install-completion` makes the shell complete commands and
options (`--show-completion` prints the script instead).
"""
TAIL = """\
## Environment

- `PARTNERSHIP_QA_HOME`: home folder of collections and of kept conversations, in the place of a folder of this
  user's data.

## Files

- `./index`, `./corpus`: the default index, and what it is built from. Where there is none, the article that is
  shipped is asked.
- `conversations.sqlite`: kept conversations, in the folder of the collection, or of indexes that stand alone in the
  home folder.
"""


def page() -> str:
    """The whole page."""
    commands = list(_commands(app, "partnership-qa"))
    names = [f"- [`{name}`](#{re.sub(r'[^a-z0-9-]', '', name.replace(' ', '-'))})" for name, _ in commands]
    parts = [HEAD.format(about=app.info.help, synopsis="\n".join(names), epilog=_sentence(app.info.epilog))]
    parts += [_section(name, command) for name, command in commands]
    return "\n".join([*parts, TAIL])


def _commands(group: typer.Typer, above: str) -> list[tuple[str, Any]]:
    """Every command with its whole name, in the order of the help; a group that does something itself is one too."""
    found = []
    callback = group.registered_callback
    if callback is not None and callback.invoke_without_command:
        found.append((above, callback))
    found += [(f"{above} {command.name or command.callback.__name__.strip('_')}", command)
              for command in group.registered_commands]  # fmt: skip
    for inner in group.registered_groups:
        found += _commands(inner.typer_instance, f"{above} {inner.name}")
    return found


def _section(name: str, command: Any) -> str:
    function = command.callback
    hints = get_type_hints(function, include_extras=True)
    arguments, options = [], []
    for parameter in inspect.signature(function).parameters.values():
        kind, info = _info(hints[parameter.name])
        if info is None or getattr(info, "hidden", False):
            continue
        (arguments if isinstance(info, ArgumentInfo) else options).append((parameter, kind, info))
    usage = " ".join([name, *(_argument(*one) for one in arguments), *(["[OPTIONS]"] if options else [])])
    lines = [f"## {name}", "", "```", usage, "```", "", inspect.cleandoc(command.help or function.__doc__ or ""), ""]
    for parameter, kind, info in arguments:
        lines.append(f"- `{_argument(parameter, kind, info)}`: {_described(parameter, kind, info)}")
    for parameter, kind, info in options:
        lines.append(f"- `{_option(parameter, kind, info)}`: {_described(parameter, kind, info)}")
    lines += [""] if arguments or options else []
    if function is chat:
        lines += ["In the conversation:", "", "```", HELP, "```", ""]
    epilog = command.epilog or ""
    if isinstance(epilog, str) and epilog.startswith("Example: "):
        lines += ["Example:", "", "```", epilog.removeprefix("Example: "), "```", ""]
    return "\n".join(lines)


def _info(hint: Any) -> tuple[Any, ArgumentInfo | OptionInfo | None]:
    """Type of a parameter, and what its `Annotated` says of it."""
    if get_origin(hint) is Union:  # Python 3.10 adds `None` where that is the default
        hint = next((one for one in get_args(hint) if hasattr(one, "__metadata__")), hint)
    kind, *more = get_args(hint) if get_origin(hint) is not None and hasattr(hint, "__metadata__") else (hint,)
    return kind, next((one for one in more if isinstance(one, ArgumentInfo | OptionInfo)), None)


def _plain(kind: Any) -> tuple[Any, bool]:
    """The type without `None` and without a list around it, and whether there was a list."""
    if get_origin(kind) in (Union, types.UnionType):
        kind = next(one for one in get_args(kind) if one is not type(None))
    listed = get_origin(kind) is list
    return (get_args(kind)[0] if listed else kind), listed


def _argument(parameter: inspect.Parameter, kind: Any, info: Any) -> str:
    name = info.metavar or parameter.name.upper()
    listed = "..." if _plain(kind)[1] else ""
    return f"{name}{listed}" if parameter.default is inspect.Parameter.empty else f"[{name}]{listed}"


def _option(parameter: inspect.Parameter, kind: Any, info: Any) -> str:
    # Inside `Annotated` typer keeps the first name where else the default stands.
    given = [one for one in (info.default, *(info.param_decls or ())) if isinstance(one, str) and one.startswith("-")]
    names = ", ".join(given) or f"--{parameter.name.strip('_').replace('_', '-')}"
    plain, _ = _plain(kind)
    if plain is bool:
        return names
    words = {int: "INTEGER", float: "NUMBER", Path: "PATH"}
    return f"{names} {info.metavar or words.get(plain, 'TEXT')}"


def _described(parameter: inspect.Parameter, kind: Any, info: Any) -> str:
    """What a parameter is for, the range of its values, and what it is where it is not given."""
    plain, listed = _plain(kind)
    said = [_sentence(" ".join((info.help or "").split()))]
    if get_origin(plain) is Literal:
        said.append(f"One of {', '.join(map(str, get_args(plain)))}.")
    elif inspect.isclass(plain) and issubclass(plain, Enum):
        said.append(f"One of {', '.join(str(one.value) for one in plain)}.")
    if info.min is not None and info.max is not None:
        said.append(f"From {info.min} to {info.max}.")
    elif info.min is not None:
        said.append(f"{info.min} or more.")
    if listed and "several times" not in said[0] and isinstance(info, OptionInfo):
        said.append("May be given several times.")
    if parameter.default not in (inspect.Parameter.empty, None, False, ()):
        told = "yes" if parameter.default is True else parameter.default
        said.append(f"The default is {told}.")
    return " ".join(one for one in said if one)


def _sentence(text: Any) -> str:
    text = text if isinstance(text, str) else ""
    return text if not text or text.endswith((".", "…")) else f"{text}."


def main() -> int:
    """Write the page, or compare it."""
    wanted = page()
    if "--check" in sys.argv[1:]:
        there = PAGE.read_text("utf-8") if PAGE.is_file() else ""
        return int(there != wanted)
    PAGE.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
