"""Values of cells as a sheet shows them: number formats for numbers, currencies, percentages, dates and times.

Dates whose format is the reader's own (`14` and `22` of the format) are written as 2024-05-01, which is right for
everybody. Month and day names are English. A number without a format has at most ten digits, as in a sheet.
"""

from __future__ import annotations

import datetime as dt
import re
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from fractions import Fraction
from functools import lru_cache

_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
           "December")  # fmt: skip
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
# A literal, an escape, padding, a bracket, an exponent or what stands for any number, or one character.
_TOKEN = re.compile(r'"([^"]*)"|\\(.)|[_*].|\[([^\]]*)\]|(E[+-]0+|General)|(.)', re.DOTALL)
_DATE_TOKEN = re.compile(
    r'"([^"]*)"|\\(.)|[_*].|(\[(?:h+|m+|s+)\])|\[[^\]]*\]|(AM/PM|A/P|y+|m+|d+|h+|s+(?:\.0+)?)|(.)',
    re.IGNORECASE | re.DOTALL,
)
_SECTION = re.compile(r'(?:"[^"]*"|\\.|[^;"\\])+', re.DOTALL)
_CONDITION = re.compile(r"\[(<=|>=|<>|<|>|=)(-?\d+(?:\.\d+)?)\]")
_READERS_OWN = {"mm-dd-yy", "m/d/yy h:mm", "m/d/yy"}
_SYSTEM_DATE, _SYSTEM_TIME = "[$-F800]", "[$-F400]"
_MAX_FORMAT = 255
_PLAIN = 1e15


def shown(value: object, pattern: str = "General") -> str:
    """A value of a cell as the sheet shows it with this number format."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, (dt.datetime, dt.date, dt.time, dt.timedelta)):
        return _date(value, pattern[:_MAX_FORMAT])
    if isinstance(value, (int, float)):
        return _number(value, pattern[:_MAX_FORMAT])
    return str(value)


def _general(value: float) -> str:
    if value == int(value) and abs(value) < _PLAIN:
        return str(int(value))
    return f"{value:.10g}".replace("e", "E")


def _number(value: float, pattern: str) -> str:
    if pattern == "General" and abs(value) < _PLAIN:
        return _general(value)
    sections = _SECTION.findall(pattern)
    if value != value or value in (float("inf"), float("-inf")) or not sections:  # noqa: PLR0124 - no number
        return str(value) if sections else ""
    section, bare = _section(value, sections)
    try:
        exact = Decimal(repr(value))
        return _filled(abs(exact) if bare else exact, section)
    except (InvalidOperation, OverflowError):
        return _general(value)


def _section(value: float, sections: list[str]) -> tuple[str, bool]:
    """The part of a format that is for this value, and whether it writes the minus itself."""
    conditions = [_CONDITION.search(section) for section in sections[:2]]
    if any(conditions):
        for section, found in zip(sections, conditions, strict=False):
            if found and _holds(value, found.group(1), float(found.group(2))):
                return section, False
        return sections[-1], False
    if value < 0 and len(sections) > 1:
        return sections[1], True
    return (sections[2], False) if value == 0 and len(sections) > 2 else (sections[0], False)


def _holds(value: float, sign: str, other: float) -> bool:
    return ("<" in sign and value < other) or (">" in sign and value > other) or (
        "=" in sign and value == other
    )  # fmt: skip


def _filled(value: Decimal, section: str) -> str:
    """A number in one part of a format."""
    parts = _parts(section)
    if (True, "General") in parts:
        return "".join(_general(float(value)) if is_sign and text == "General" else text for is_sign, text in parts)
    places = [number for number, (is_sign, text) in enumerate(parts) if is_sign and text[0] in "0#?"]
    if not places:
        return "".join(text for _, text in parts)
    first, last = places[0], places[-1]
    core, behind = parts[first : last + 1], parts[last + 1 :]
    while behind and behind[0] == (True, ","):  # each divides by a thousand
        value, behind = value / 1000, behind[1:]
    if first and parts[first - 1] == (True, "."):
        core, first = [parts[first - 1], *core], first - 1
    value *= 100 ** sum(text == "%" for is_sign, text in parts if is_sign)
    body = _core(abs(value), core)
    exponent = next((text for is_sign, text in behind if is_sign and text[0] == "E"), "")
    if exponent:
        body = _scientific(abs(value), core, exponent)
    head = "".join(text for _, text in parts[:first])
    tail = "".join(text for _, text in behind if text != exponent or not exponent)
    minus = "-" if value < 0 and any(char in "123456789" for char in body) else ""
    return f"{minus}{head}{body}{tail}".strip()


@lru_cache(maxsize=1000)
def _parts(section: str) -> list[tuple[bool, str]]:
    """A format's signs, each with whether it is one or stands for itself."""
    out: list[tuple[bool, str]] = []
    for match in _TOKEN.finditer(section):
        literal, escaped, bracket, sign, char = match.groups()
        if literal is not None or escaped is not None:
            out.append((False, literal or escaped or ""))
        elif bracket is not None:
            if bracket.startswith("$"):  # a currency, before the number of its language
                out.append((False, bracket[1:].rpartition("-")[0] if "-" in bracket else bracket[1:]))
        elif sign is not None:
            out.append((True, sign))
        elif char is not None:
            out.append((char in "0#?.,%/", char))
    return out


def _core(value: Decimal, core: list[tuple[bool, str]]) -> str:
    """The digits of a positive number as the signs between the first and the last digit say."""
    signs = "".join(text for is_sign, text in core if is_sign)
    if "/" in signs:
        return _fraction(value, signs)
    whole, point, decimals = signs.partition(".")
    rounded = value.quantize(Decimal(1).scaleb(-sum(char in "0#?" for char in decimals)), ROUND_HALF_UP)
    digits, _, rest = f"{rounded:f}".partition(".")
    least = decimals.count("0")
    while len(rest) > least and rest.endswith("0"):
        rest = rest[:-1]
    digits = digits.lstrip("0").rjust(whole.count("0"), "0")
    between = [text for is_sign, text in core if not is_sign]
    if between and not point:  # such as `000-00-0000`
        return _spread(digits, core)
    if "," in whole:
        digits = re.sub(r"(?<=\d)(?=(?:\d{3})+\Z)", ",", digits)
    return f"{digits}.{rest}" if point and (rest or least) else f"{digits}{rest}" or "0"


def _spread(digits: str, core: list[tuple[bool, str]]) -> str:
    """Digits over their signs from the right, what stands between them kept."""
    out, left = "", digits
    for number, (is_sign, text) in reversed(list(enumerate(core))):
        if not is_sign:
            out = text + out if left or number == 0 else out
        elif text in "0#?" and left:
            out, left = left[-1] + out, left[:-1]
    return left + out


def _fraction(value: Decimal, signs: str) -> str:
    width = sum(char in "0#?" for char in signs.partition("/")[2])
    fraction = Fraction(value).limit_denominator(10 ** max(1, min(width, 4)) - 1)
    whole, rest = divmod(fraction, 1)
    return " ".join(str(one) for one in (whole, rest) if one) or "0"


def _scientific(value: Decimal, core: list[tuple[bool, str]], exponent: str) -> str:
    power = value.adjusted() if value else 0
    body = _core(value.scaleb(-power), core)
    sign = "-" if power < 0 else exponent[1] if exponent[1] == "+" else ""
    return f"{body}E{sign}{abs(power):0{len(exponent) - 2}}"


def _date(value: dt.date | dt.time | dt.timedelta, pattern: str) -> str:
    if isinstance(value, dt.timedelta):
        hours, rest = divmod(int(value.total_seconds()), 3600)
        return f"{hours}:{rest // 60:02}" + (f":{rest % 60:02}" if "s" in pattern.lower() or rest % 60 else "")
    if isinstance(value, dt.datetime):
        midnight = value.time() == dt.time()
        plain = value.date().isoformat() if midnight else value.isoformat(" ", "minutes")
    else:
        plain = value.isoformat() if isinstance(value, dt.date) else value.isoformat("auto")
    section = (_SECTION.findall(pattern) or [""])[0]
    if section.lower() in _READERS_OWN or section.startswith(_SYSTEM_DATE) or section.lower() == "general":
        return plain
    if section.startswith(_SYSTEM_TIME) and not isinstance(value, dt.date):
        return value.isoformat("seconds")
    tokens = [match.groups() for match in _DATE_TOKEN.finditer(section)]
    kinds = [(elapsed or sign or "").strip("[]").lower() for _, _, elapsed, sign, _ in tokens]
    half = any(kind in ("am/pm", "a/p") for kind in kinds)
    out = ""
    for number, (literal, escaped, _, _, char) in enumerate(tokens):
        kind = kinds[number]
        before = next((one[0] for one in reversed(kinds[:number]) if one), "")
        after = next((one[0] for one in kinds[number + 1 :] if one), "")
        minutes = kind[:1] == "m" and (before == "h" or after == "s")
        out += _field(value, kind, minutes=minutes, half=half) if kind else literal or escaped or char or ""
    return " ".join(out.split()) or plain


def _field(value: dt.date | dt.time, kind: str, *, minutes: bool, half: bool) -> str:
    """One part of a date or a time."""
    day = value if isinstance(value, dt.date) else dt.date(1900, 1, 1)
    time = value.time() if isinstance(value, dt.datetime) else value
    time = time if isinstance(time, dt.time) else dt.time()
    if kind in ("am/pm", "a/p"):
        return ("AM" if time.hour < 12 else "PM")[: 2 if kind == "am/pm" else 1]
    if kind[0] == "y":
        return f"{day.year:04}" if len(kind) > 2 else f"{day.year % 100:02}"
    if kind[0] == "d":
        name = _DAYS[day.weekday()]
        return name if len(kind) > 3 else name[:3] if len(kind) == 3 else f"{day.day:0{len(kind)}}"
    if kind[0] == "m" and not minutes:
        name = _MONTHS[day.month - 1]
        return {3: name[:3], 4: name, 5: name[0]}.get(len(kind), f"{day.month:0{min(len(kind), 2)}}")
    number = {"h": (time.hour % 12 or 12) if half else time.hour, "m": time.minute, "s": time.second}[kind[0]]
    width, _, parts = kind.partition(".")
    fraction = f".{time.microsecond:06}"[: 1 + len(parts)] if parts else ""
    return f"{number:0{min(len(width), 2)}}{fraction}"
