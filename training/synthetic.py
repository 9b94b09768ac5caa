"""Makes up small tables and key-value lists with questions, so that rows and items are no surprise.

Tables are shown as the product shows them: a row a line, "Header1: cell1; Header2: cell2".
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass


def _words(text: str) -> list[str]:
    """The words of a text."""
    return text.split()


FIRST = _words("""
Anna Bram Carla David Elena Farid Grace Hiro Ines Jonas Kofi Lena Marta Nils Olga Pedro Quinn Rosa Samir
Tara Uwe Vera Wei Xenia Yusuf Zoe Amara Boris Chen Dora Emil Fiona George Hanna Ivan Julia Karim Laura
""")
LAST = _words("""
Adler Baker Costa Dubois Eriksen Fischer Garcia Haddad Ivanov Jensen Kimura Lopez Moreau Novak Okafor
Petrov Quist Rossi Silva Tanaka Usman Varga Weber Xu Young Zimmer Brandt Clarke Diaz Evans Ferrari Greene
""")
STEMS = _words("""
Nova Alto Brix Cedar Delta Ember Falcon Gale Harbor Iris Jade Kite Lumen Maple North Onyx Prism Quartz
River Summit Terra Umber Vista Willow Zephyr Atlas Beacon Comet Drift Echo Forge Glacier Helix
""")
ENDS = _words("""
Labs Group Energy Systems Foods Motors Health Media Works Bank Tech Air Bio Robotics Partners Press
""")
PLACES = _words("""
Lisbon Nairobi Oslo Lima Hanoi Quebec Zagreb Perth Boston Kyoto Accra Bergen Turin Seville Denver Leeds
Pune Tampere Gdansk Leipzig Porto Austin Ghent Malmo Cork Busan Rabat Split Basel Bristol Utrecht Graz
""")
COUNTRIES = _words("Norway Kenya Peru Japan Spain Canada Ghana Italy Chile Poland")
MONTHS = _words("""
January February March April May June July August September October November December
""")
WORK = """search engine|rail line|payment service|chip design|weather model|language course|solar park|
drug trial|satellite launch|ferry route|mobile app|data centre|museum wing|battery plant|training programme|
river dam|vaccine study|cloud contract|film festival|housing project|bus fleet""".replace("\n", "").split("|")
NOTES = """new contract signed|first tests completed|office opened|partnership announced|price cut by a third|
second factory planned|merger called off|beta version released|licence renewed|staff doubled|prototype shown|
funding round closed|pilot ended early|service extended to all users|safety review passed|merged with a rival|
head office moved|open-source release|court case settled|record sales reported""".replace("\n", "").split("|")


@dataclass
class Made:
    """A made-up question; `answer` is empty where the lines hold none."""

    question: str
    heading: str
    lines: list[str]
    line: int = -1
    answer: str = ""


def person(r: random.Random) -> str:
    """A person's name."""
    return f"{r.choice(FIRST)} {r.choice(LAST)}"


def company(r: random.Random) -> str:
    """A company's name."""
    return f"{r.choice(STEMS)} {r.choice(ENDS)}"


def place(r: random.Random) -> str:
    """A city."""
    return r.choice(PLACES)


def year(r: random.Random) -> str:
    """A year."""
    return str(r.randint(1890, 2026))


def day(r: random.Random) -> str:
    """A date."""
    return f"{r.choice(MONTHS)} {r.randint(1, 28)}, {r.randint(1990, 2026)}"


def money(r: random.Random) -> str:
    """An amount of money."""
    amount = f"{r.choice('$€£')}{r.choice([r.randint(2, 99), r.randint(100, 990)])}"
    return f"{amount} {r.choice(['million', 'billion', 'thousand'])}"


def share(r: random.Random) -> str:
    """A percentage."""
    return f"{r.randint(1, 99)}{r.choice(['%', ' %', '.5%'])}"


def note(r: random.Random) -> str:
    """An event, at times with the work it belongs to."""
    return f"{r.choice(WORK)}: {r.choice(NOTES)}" if r.random() < 0.3 else r.choice(NOTES)


# label of a list item -> the maker of its text
LABELS: dict[str, Callable[[random.Random], str]] = {
    "price": lambda r: f"{money(r)} per {r.choice(['month', 'seat', 'year', 'unit'])}",
    "deadline": day,
    "location": place,
    "contact person": person,
    "opening hours": lambda r: f"{r.randint(7, 10)} am to {r.randint(4, 9)} pm",
    "duration": lambda r: f"{r.randint(2, 36)} {r.choice(['weeks', 'months', 'days', 'years'])}",
    "capacity": lambda r: f"{r.randint(10, 900)} {r.choice(['seats', 'users', 'litres', 'people'])}",
    "main goal": lambda r: f"{r.choice(NOTES)} by {year(r)}",
    "founder": person,
    "warranty": lambda r: f"{r.randint(1, 10)} years",
    "language": lambda r: r.choice(["English", "French", "Finnish", "Korean", "Polish", "Swahili"]),
    "weight": lambda r: f"{r.randint(1, 90)}.{r.randint(0, 9)} kg",
    "budget": money,
    "status": lambda r: r.choice(NOTES),
    "next step": lambda r: r.choice(NOTES),
    "owner": lambda r: f"{r.choice(STEMS)} {r.choice(ENDS)}",
    "risk": lambda r: r.choice(["rising costs", "late delivery", "loss of key staff", "weak demand", "data leaks"]),
}

# kind of table -> its heading, the label column and its maker, and the other columns with their questions
Column = tuple[str, object, list[str]]
TABLES: dict[str, tuple[str, object, list[Column]]] = {
    "Companies": ("Company", company, [
        ("Founded", year, ["When was {k} founded?", "In what year was {k} established?"]),
        ("Headquarters", place, ["Where is {k} based?", "Where is the head office of {k}?"]),
        ("CEO", person, ["Who leads {k}?", "Who is the CEO of {k}?", "Who runs {k}?"]),
        ("Revenue", money, ["How much revenue does {k} make?", "What is the revenue of {k}?"]),
        ("Employees", lambda r: f"{r.randint(2, 90)},{r.randint(100, 999)}",
         ["How many people work at {k}?", "How many employees does {k} have?"]),
    ]),
    "Timeline": ("Year", year, [
        ("Event", note, ["What happened in {k}?", "What took place in {k}?", "What was the event of {k}?"]),
        ("Place", place, ["Where did the event of {k} take place?", "Which city is listed for {k}?"]),
        ("Amount", money, ["How much was paid in {k}?", "What was the amount in {k}?"]),
    ]),
    "Key dates": ("Date", day, [
        ("Milestone", note, ["What happened on {k}?", "What is the milestone of {k}?"]),
        ("Responsible", person, ["Who was responsible on {k}?"]),
        ("Status", lambda r: r.choice(["done", "planned", "late", "cancelled", "under review"]),
         ["What is the status of the milestone on {k}?"]),
    ]),
    "Results": ("Athlete", person, [
        ("Rank", lambda r: str(r.randint(1, 40)), ["What rank did {k} reach?", "Where did {k} place?"]),
        ("Country", lambda r: r.choice(COUNTRIES),
         ["Which country did {k} compete for?", "What country is {k} from?"]),
        ("Time", lambda r: f"{r.randint(1, 59)}:{r.randint(10, 59)}.{r.randint(10, 99)}",
         ["What was the time of {k}?", "How fast was {k}?"]),
        ("Points", lambda r: str(r.randint(3, 400)), ["How many points did {k} get?"]),
    ]),
    "Projects": ("Project", lambda r: f"{r.choice(STEMS)} {r.choice(WORK)}", [
        ("Launched", day, ["When was the {k} launched?", "When did the {k} start?"]),
        ("Partner", company, ["Who is the partner of the {k}?", "Which company works on the {k}?"]),
        ("Budget", money, ["How much does the {k} cost?", "What is the budget of the {k}?"]),
        ("Share", share, ["What share goes to the {k}?", "What percentage is given for the {k}?"]),
        ("City", place, ["Where is the {k}?", "In which city is the {k}?"]),
    ]),
}  # fmt: skip


def _rows(r: random.Random) -> tuple[str, str, list[Column], list[list[str]]]:
    """A kind of table, its label header, its chosen columns, and rows of distinct cells."""
    kind = r.choice(list(TABLES))
    header, make, columns = TABLES[kind]
    chosen = r.sample(columns, r.randint(min(2, len(columns)), min(4, len(columns))))
    rows: list[list[str]] = []
    used: set[str] = set()
    for _ in range(r.randint(2, 7)):
        row = [make(r)] + [column[1](r) for column in chosen]  # type: ignore[operator]
        if row[0] not in used:
            used.add(row[0])
            rows.append(row)
    return kind, header, chosen, rows


def table(r: random.Random) -> Made:
    """A question on a cell, or a row, or on something that the table does not hold."""
    kind, header, columns, rows = _rows(r)
    heads = [header] + [c[0] for c in columns]
    lines = ["; ".join(f"{h}: {c}" for h, c in zip(heads, row, strict=True)) for row in rows]
    heading = kind if r.random() < 0.6 else f"{r.choice(STEMS)} report > {kind}"
    n, c = r.randrange(len(rows)), r.randrange(len(columns))
    key, cell = rows[n][0], rows[n][c + 1]
    pick = r.random()
    if pick < 0.2:  # a row that is not there
        _, make, _ = TABLES[kind]
        other = make(r)  # type: ignore[operator]
        if any(row[0] == other for row in rows):
            return table(r)
        return Made(r.choice(columns[c][2]).format(k=other), heading, lines)
    if pick < 0.32:  # a column that is not there
        absent = [x for x in TABLES[kind][2] if x[0] not in heads]
        if absent:
            return Made(r.choice(r.choice(absent)[2]).format(k=key), heading, lines)
    if pick < 0.55 and sum(row[c + 1] == cell for row in rows) == 1:  # from the cell to the row
        name, value = columns[c][0].lower(), cell
        row_name = header.lower()
        forms = [
            f"Which {row_name} has the {name} {value}?",
            f"What {row_name} has {value}?",
            f"Which {row_name} is listed with {value}?",
        ]
        asked = r.choice(forms)
        if columns[c][0] in ("CEO", "Partner", "Responsible"):
            asked = f"Which {row_name} is {value} linked to?"
        if columns[c][0] in ("Event", "Milestone"):
            asked = f"When was the {value}?" if ":" in value else f"When was it that the {value}?"
        return Made(asked, heading, lines, n, key)
    plain = [
        f"What was the {columns[c][0].lower()} of {key}?",
        f"What is the {columns[c][0].lower()} for {key}?",
    ]
    asked = r.choice(columns[c][2]).format(k=key) if r.random() < 0.7 else r.choice(plain)
    return Made(asked, heading, lines, n, cell)


def pairs(r: random.Random) -> Made:
    """A question on one "- Label: text" item, or on a label that is not there."""
    labels = r.sample(list(LABELS), r.randint(3, 7))
    subject = company(r) if r.random() < 0.5 else f"{r.choice(STEMS)} {r.choice(WORK)}"
    values = [LABELS[label](r) for label in labels]
    lines = [f"- {label.capitalize()}: {value}" for label, value in zip(labels, values, strict=True)]
    heading = r.choice([subject, f"{subject} > Overview", f"Details > {subject}"])
    missing = r.random() < 0.3
    label = r.choice([x for x in LABELS if x not in labels]) if missing else r.choice(labels)
    forms = [
        f"What is the {label}?",
        f"What is the {label} of {subject}?",
        f"What about the {label}?",
        f"What {label} is given?",
        f"and the {label}?",
        f"What is the {label} for the {subject}?",
    ]
    asked = r.choice(forms)
    if missing:
        return Made(asked, heading, lines)
    n = labels.index(label)
    return Made(asked, heading, lines, n, values[n])


def _record(made: Made, number: int) -> dict[str, object]:
    """A made-up question as a record of a set: a Markdown context and the answer's place in it."""
    heading = "".join(f"{'#' * (n + 1)} {part}\n\n" for n, part in enumerate(made.heading.split(" > ")))
    if made.lines[0].startswith("- "):
        lines, separator = made.lines, "- "
    else:
        rows = [[cell.split(": ", 1) for cell in line.split("; ")] for line in made.lines]
        head = "| " + " | ".join(cell[0] for cell in rows[0]) + " |"
        lines = [head, "|" + "---|" * len(rows[0]), *("| " + " | ".join(c[1] for c in row) + " |" for row in rows)]
        separator = "| "
    context = heading + "\n".join(lines)
    answers = []
    if made.line >= 0:
        at = len(made.lines) - made.line
        line = lines[-at]
        start = len(context) - sum(len(x) + 1 for x in lines[-at:]) + 1
        inside = line.rfind(made.answer) if separator == "- " else line.find(f" {made.answer} |") + 1
        answers = [{"text": made.answer, "answer_start": start + inside}]
    return {"id": f"made-{number}", "title": "", "context": context, "question": made.question, "answers": answers}


def make(count: int, seed: int) -> list[dict[str, object]]:
    """So many made-up questions, a third of them on lists."""
    r = random.Random(f"{seed} made")
    return [_record(table(r) if r.random() < 0.66 else pairs(r), number) for number in range(count)]
