"""Tables of PDFs: rows, cells and names of columns, with rules and without; and what is none."""

from __future__ import annotations

import pytest
from pdfs import Text, lines, placed, right

from partnership_qa.document import BlockKind
from partnership_qa.sources import pdf_grid
from partnership_qa.sources.pdf import read_pdf

PROSE = [
    "The lamp of the lighthouse was lit at dusk by the keeper and by his two sons, who lived",
    "below it, and it burnt until the morning, when the oil was measured and the sum written",
    "into the book of the harbour, which is kept in the house of the master to this very day.",
]


def table(page: list[Text], rules: list[tuple[float, float, float, float]] | None = None) -> list[str]:
    """Rows of the page's tables; the names of columns are marked."""
    taken = read_pdf(placed([page], rules or ()))
    return [
        ("# " if block.is_header else "") + " | ".join(taken.text[start:end] for start, end in block.cells)
        for block in taken.blocks
        if block.kind is BlockKind.TABLE_ROW
    ]


def rows(y: float, *cells: tuple[str, ...], ends: tuple[float, ...] = (360, 440, 520), step: float = 13) -> list[Text]:
    """Labels at the left and figures that end below one another; `$` stands apart, a closing bracket hangs over."""
    out = []
    for number, (label, *figures) in enumerate(cells):
        at = y - step * number
        if label:
            out.append(Text(60 + 6 * (len(label) - len(label.lstrip())), at, label.lstrip()))
        for end, figure in zip(ends, figures, strict=False):
            if figure.startswith("$"):
                out.append(Text(end - 55, at, "$"))
            shown = figure.removeprefix("$")
            if shown:
                out.append(right(end + (6 if shown.endswith(")") else 0), at, shown))
    return out


STATEMENT = (
    ("Revenue", "$1,200", "$1,100"),
    ("Cost of sales", "(800)", "(750)"),
    ("Other", "—", "5"),
    ("Net income", "$400", "$355"),
)


def test_labels_and_figures_are_rows_of_cells() -> None:
    assert table([*lines(60, 760, PROSE), *rows(700, *STATEMENT), *lines(60, 600, PROSE)]) == [
        "Revenue | $ 1,200 | $ 1,100",
        "Cost of sales | (800) | (750)",
        "Other | — | 5",
        "Net income | $ 400 | $ 355",
    ]


def test_rows_stay_whole_whatever_the_file_draws_first() -> None:
    page = rows(700, ("", "2023", "2022"), *STATEMENT)
    expected = table(page)
    assert expected[0] == "#  | 2023 | 2022"
    assert table(page[::-1]) == expected
    assert table(sorted(page, key=lambda part: part.x)) == expected


def test_names_in_several_lines_become_one_for_each_column() -> None:
    page = [
        Text(286, 742, "Years ended December 31,"),
        *rows(729, ("(in millions)", "2023", "2022")),
        *rows(716, *STATEMENT),
    ]
    assert table(page)[:2] == [
        "# (in millions) | Years ended December 31, 2023 | Years ended December 31, 2022",
        "Revenue | $ 1,200 | $ 1,100",
    ]


def test_a_name_over_two_of_three_columns_is_told_by_the_rule_below_it() -> None:
    page = [
        Text(404, 742, "Six"),
        *rows(729, ("", "2023", "2022", "Change")),
        *rows(
            716,
            ("Revenue", "1,200", "1,100", "9%"),
            ("Cost of sales", "(800)", "(750)", "7%"),
            ("Tax", "4", "5", "-20%"),
        ),
    ]
    assert table(page, [(330, 739, 440, 739)])[0] == "#  | Six 2023 | Six 2022 | Change"


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        # Figures beside the last line of a label, beside its first, and in the middle of two.
        (
            [("Net cash provided by operating",), ("activities", "12", "15")],
            "Net cash provided by operating activities | 12 | 15",
        ),
        (
            [("Net cash provided by operating", "12", "15"), ("activities",)],
            "Net cash provided by operating activities | 12 | 15",
        ),
        ([("Current assets:",), ("Cash", "12", "15")], "Current assets: |  | "),
        ([("", "12", "15")], " | 12 | 15"),
    ],
    ids=["at the last line", "at the first line", "a section's name", "a sum without a label"],
)
def test_lines_without_figures_are_put_where_they_belong(cells: list[tuple[str, ...]], expected: str) -> None:
    found = table(rows(700, ("Revenue", "$1,200", "$1,100"), *cells, ("Net income of all parts", "$400", "$355")))
    assert expected in found
    assert (found[0], found[-1]) == ("Revenue | $ 1,200 | $ 1,100", "Net income of all parts | $ 400 | $ 355")


def test_further_lines_of_several_cells_belong_to_the_row_above() -> None:
    page = rows(700, ("North", "3", "Daily"), ("West basin including", "12", "On request,"), ("Dry dock", "4", "Never"))
    page += [Text(60, 681, "the timber yard"), Text(374, 681, "or not")]
    page = [one._replace(y=one.y - 8) if one.y < 680 else one for one in page]
    assert "West basin including the timber yard | 12 | On request, or not" in table(page)


def test_figures_in_the_middle_of_a_label_of_two_lines_are_its_own() -> None:
    page = [
        *rows(700, ("Revenue", "1,200", "1,100")),
        Text(60, 680, "Net cash provided"),
        Text(60, 668, "by operations"),
        right(360, 674, "12"),
        right(440, 674, "15"),
        *rows(648, ("Net income", "400", "355")),
    ]
    assert table(page) == [
        "Revenue | 1,200 | 1,100",
        "Net cash provided by operations | 12 | 15",
        "Net income | 400 | 355",
    ]


def test_dot_leaders_are_no_words_of_a_label() -> None:
    page = rows(700, ("Revenue ..................", "1,200", "1,100"), ("Cost of sales............", "800", "750"))
    assert table(page) == ["Revenue | 1,200 | 1,100", "Cost of sales | 800 | 750"]


def test_a_table_in_one_of_two_columns_is_found() -> None:
    narrow = [line[:36] for line in PROSE] * 4
    page = [
        *lines(320, 740, [f"x {line}" for line in narrow]),
        *lines(60, 740, narrow[:6]),
        *rows(
            656, ("Revenue", "1,200", "1,100"), ("Cost of sales", "(800)", "(750)"), ("Tax", "9", "8"), ends=(210, 270)
        ),
    ]
    assert table(page) == ["Revenue | 1,200 | 1,100", "Cost of sales | (800) | (750)", "Tax | 9 | 8"]


def test_a_table_of_words_has_its_first_row_as_names_where_it_is_bold() -> None:
    names = [Text(60, 700, "Name", 10, "CB"), Text(250, 700, "Office", 10, "CB")]
    people = [("Ingrid Holm", "Chair of the board"), ("Per Andersson", "Keeper"), ("Karin Ek", "Master of the quay")]
    cells = [
        Text(x, 685 - 15 * n, text) for n, row in enumerate(people) for x, text in zip((60, 250), row, strict=True)
    ]
    assert table([*names, *cells]) == ["# Name | Office", *(" | ".join(row) for row in people)]


def grid(xs: list[float], ys: list[float]) -> list[tuple[float, float, float, float]]:
    return [(xs[0], y, xs[-1], y) for y in ys] + [(x, ys[0], x, ys[-1]) for x in xs]


def test_cells_between_rules_may_have_several_lines() -> None:
    page = [
        Text(65, 705, "Boat"),
        Text(205, 705, "Berth"),
        *lines(65, 690, ["A dinghy of at most", "five metres"]),
        *lines(205, 690, ["North, beside the", "old timber yard"]),
        Text(65, 660, "Cutter"),
        Text(205, 660, "West"),
    ]
    assert table(page, grid([60, 200, 340], [720, 700, 672, 650])) == [
        "Boat | Berth",
        "A dinghy of at most five metres | North, beside the old timber yard",
        "Cutter | West",
    ]


def test_a_cell_over_several_columns_is_said_in_each_of_them() -> None:
    rules = [(60, 720, 360, 720), (160, 705, 360, 705), (60, 690, 360, 690), (60, 670, 360, 670)]
    rules += [(60, 720, 60, 670), (160, 720, 160, 670), (260, 705, 260, 670), (360, 720, 360, 670)]
    page = [
        Text(230, 709, "Fee"),
        Text(165, 694, "Summer"),
        Text(265, 694, "Winter"),
        Text(65, 700, "Boat"),
        Text(65, 675, "Dinghy"),
        Text(165, 675, "3"),
        Text(265, 675, "2"),
    ]
    assert table(page, rules) == ["# Boat | Fee Summer | Fee Winter", "Dinghy | 3 | 2"]


def test_lines_between_vertical_rules_alone_are_rows() -> None:
    page = rows(700, ("Boat", "Fee", "Berths"), ("Dinghy", "3", "12"), ("Cutter", "12", "4"))
    assert table(page, grid([55, 300, 370, 450], [715, 697, 660])) == [
        "# Boat | Fee | Berths",
        "Dinghy | 3 | 12",
        "Cutter | 12 | 4",
    ]


@pytest.mark.parametrize(
    "page",
    [
        lines(60, 700, PROSE),
        [part for n in range(5) for part in (Text(60, 700 - 12 * n, "-"), Text(90, 700 - 12 * n, "An item of a list"))],
        [Text(60, 700, "Oil 12"), Text(400, 700, "1,308")],
        [
            part
            for n, line in enumerate(PROSE)
            for part in (Text(60, 700 - 12 * n, "Term"), Text(150, 700 - 12 * n, line[:70]))
        ],
    ],
    ids=["running text", "a list", "one row", "terms with their meanings"],
)
def test_what_is_no_table_for_sure_stays_lines(page: list[Text]) -> None:
    assert table(page) == []


def test_a_frame_around_running_text_is_no_table() -> None:
    page = [*lines(65, 700, PROSE * 5, size=6), *lines(340, 700, PROSE * 5, size=6)]
    assert table(page, grid([60, 335, 600], [710, 500])) == []


def test_a_drawing_of_many_strokes_is_not_searched_for_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    page = [Text(65, 705, "Boat"), Text(205, 705, "Berth"), Text(65, 690, "Cutter"), Text(205, 690, "West")]
    rules = grid([60, 200, 340], [720, 700, 680])
    assert table(page, rules) == ["Boat | Berth", "Cutter | West"]
    monkeypatch.setattr(pdf_grid, "MAX_RULES", 5)
    assert table(page, rules) == []


TYPED = [
    "Pressure in the boilers:",
    "    Min      1Q  Median      3Q      Max",
    "-1.1718 -0.7080 -0.2737  0.3196  18.0092",
    "",
    "              Estimate Std. Error z value Pr(>|z|)",
    "(Intercept)   1.197699   0.058973  20.309  < 2e-16",
    "lamps         0.211898   0.021396   9.904  < 2e-16",
    "oil           0.315958   0.048056   6.575 4.87e-11",
    "wind         -0.331861   0.066093  -5.021 5.14e-07",
    "keepers       0.126421   0.012452  10.152  < 2e-16",
    "gulls        -0.068317   0.032416  -2.108   0.0351",
]


def test_columns_of_typed_figures_a_letter_apart_are_parted_with_their_names() -> None:
    found = table(lines(60, 700, TYPED))
    assert found[found.index("#  | Estimate | Std. Error | z value | Pr(>|z|)") + 1 :] == [
        "(Intercept) | 1.197699 | 0.058973 | 20.309 | < 2e-16",
        "lamps | 0.211898 | 0.021396 | 9.904 | < 2e-16",
        "oil | 0.315958 | 0.048056 | 6.575 | 4.87e-11",
        "wind | -0.331861 | 0.066093 | -5.021 | 5.14e-07",
        "keepers | 0.126421 | 0.012452 | 10.152 | < 2e-16",
        "gulls | -0.068317 | 0.032416 | -2.108 | 0.0351",
    ]


def test_rules_between_groups_of_columns_do_not_hide_the_columns() -> None:
    cells = [("", "Poisson", "Robust", "Hurdle"), ("Lamps", "1.029", "1.030", "1.198"),
             ("Oil", "0.165", "0.166", "0.212"), ("Wind", "0.248", "0.249", "0.316")]  # fmt: skip
    across = [(50, y, 560, y) for y in (714, 696, 650)]
    down = [(x, 714, x, 650) for x in (250, 460)]
    page = rows(701, *cells, ends=(320, 400, 540))
    assert table(page, across + down) == [
        "#  | Poisson | Robust | Hurdle",
        "Lamps | 1.029 | 1.030 | 1.198",
        "Oil | 0.165 | 0.166 | 0.212",
        "Wind | 0.248 | 0.249 | 0.316",
    ]


def test_a_caption_names_no_column_and_divides_two_tables() -> None:
    page = [
        Text(330, 734, "Table 4: Lamps"), *rows(720, ("Lamp", "Oil", "Wick")), *rows(707, ("North", "12", "3"),
        ("South", "15", "4"), ("East", "18", "5")), Text(280, 655, "Table 5. Keepers of the island"),
        *rows(642, ("Old", "61", "2"), ("Young", "25", "9"), ("Boy", "11", "8")),
    ]  # fmt: skip
    assert table(page) == [
        "# Lamp | Oil | Wick", "North | 12 | 3", "South | 15 | 4", "East | 18 | 5",
        "Old | 61 | 2", "Young | 25 | 9", "Boy | 11 | 8",
    ]  # fmt: skip


def test_the_first_row_below_a_sections_name_is_a_row_of_its_own() -> None:
    cells = [("All", "76", "147"), ("Legislative District 23", ""),
             ("  Maricopa", "20", "40"), ("  Pima", "18", "23"), ("Total:", "38", "63"),
             ("Legislative District 24", ""), ("  Maricopa", "38", "84"), ("Total:", "38", "84")]  # fmt: skip
    assert table(rows(700, *cells)) == [
        "All | 76 | 147", "Legislative District 23 |  | ", "Maricopa | 20 | 40", "Pima | 18 | 23", "Total: | 38 | 63",
        "Legislative District 24 |  | ", "Maricopa | 38 | 84", "Total: | 38 | 84",
    ]  # fmt: skip


def test_rows_without_labels_are_no_names_of_columns() -> None:
    cells = [("", "-3", "9.50"), ("", "-2", "8.64"), ("so", "-1", "6.32"), ("", "7", "1.71"), ("", "8", "6.38")]
    assert table(rows(700, *cells)) == [" | -3 | 9.50", " | -2 | 8.64", "so | -1 | 6.32", " | 7 | 1.71", " | 8 | 6.38"]


def test_a_raised_sign_belongs_to_its_own_row() -> None:
    cells = [("bearing", "12", "30"), ("height", "14", "31"), ("angle", "16", "32")]
    page = [*rows(700, *cells, step=12), *(Text(440.5, 700 - 12 * n + 4.5, "o", 7) for n in range(3))]
    assert table(page) == ["bearing | 12 | 30o", "height | 14 | 31o", "angle | 16 | 32o"]


def test_a_line_below_a_table_that_stands_across_its_columns_is_none_of_its_rows() -> None:
    page = [
        *rows(700, *STATEMENT),
        *lines(60, 648, ["a  Taken from administrative-bookkeeping-records of harbourmasters-and-of-lamplighters"]),
    ]
    assert table(page)[-1] == "Net income | $ 400 | $ 355"
    assert len(table(page)) == 4


def test_a_last_row_of_words_that_are_wider_than_the_figures_above_is_a_row() -> None:
    words = [Text(60, 648, "Place"), Text(200, 648, "Onthetowerofthelight"), Text(350, 648, "Intheharbourmasters")]
    assert table([*rows(700, *STATEMENT), *words])[-1] == "Place | Onthetowerofthelight | Intheharbourmasters"


def test_the_last_row_of_a_table_of_words_may_be_wider_than_its_columns() -> None:
    words = ("Lamp", "Wick", "Keeper", "Boy", "Gull", "Boat", "Oil")
    page = [Text(60 + 130 * at, 700 - 13 * n, f"{word} is" if at else word)
            for n, word in enumerate(words) for at in (0, 1, 2)]  # fmt: skip
    last = [Text(60, 609, "lamplighters-apprentices"), Text(320, 609, "carry the oil")]
    assert table(page + last)[-1] == "lamplighters-apprentices |  | carry the oil"


def test_typed_rows_whose_columns_stand_a_letter_apart_belong_to_the_table_beside_them() -> None:
    typed = [
        "iter 0 0.000000 -4.5643481 -1.0000000",
        "iter 1 1.600000 -3.8296196 -0.0775891",
        "iter 2 1.472723 -3.8247515  0.0016249",
        "iter 3 1.475283 -3.8247495  0.0000006",
        "iter 4 1.475284 -3.8247495  0.0000001",
        "iter 5 0.000000  0.0000000 -0.0000001",
    ]
    assert table(lines(60, 700, typed)) == [" | ".join((line[:6], *line[6:].split())) for line in typed]


def test_a_shaded_column_does_not_hide_the_columns_beside_it() -> None:
    """As in statements in which the last year stands on a ground of its own."""
    cells = [("Net profit", "233", "201"), ("Dividends", "85", "77"), ("Cash", "31", "64"), ("Total", "349", "342")]
    ys = [714 - 13 * number for number in range(5)]
    across = [(50, y, 450, y) for y in ys]
    assert table(rows(704, *cells), [*across, (390, 714, 390, ys[-1]), (450, 714, 450, ys[-1])]) == [
        " | ".join(row) for row in cells
    ]


def test_a_typed_formula_is_no_table() -> None:
    formula = [
        *(Text(x, 700, part) for x, part in ((60, "AIC"), (120, "="), (160, "2 k"), (230, "2 L"), (300, "(4)"))),
        *(Text(x, 680, part) for x, part in ((60, "BIC"), (120, "="), (160, "k n"), (230, "2 L"), (300, "(5)"))),
    ]
    assert table([*lines(60, 760, PROSE), *formula, *lines(60, 640, PROSE)]) == []


def test_what_is_defined_behind_a_sign_is_a_table_and_so_are_figures_that_are_compared() -> None:
    defined = [
        *(Text(x, 700, part) for x, part in ((60, "%D"), (160, "= whole degrees"))),
        *(Text(x, 680, part) for x, part in ((60, "%M"), (160, "= whole minutes"))),
        *(Text(x, 660, part) for x, part in ((60, "%E"), (160, "= east or west of the line"))),
    ]
    assert table([*lines(60, 760, PROSE), *defined]) == [
        "%D | = whole degrees", "%M | = whole minutes", "%E | = east or west of the line",
    ]  # fmt: skip
    compared = rows(700, ("A", "< 0.05", "3"), ("B", "< 0.01", "4"), ("C", "0.72", "6"))
    assert table([*lines(60, 760, PROSE), *compared]) == ["A | < 0.05 | 3", "B | < 0.01 | 4", "C | 0.72 | 6"]


def test_the_scales_of_charts_side_by_side_are_no_table() -> None:
    scales = [right(x, 700 - 20 * n, f"{1 - 0.2 * n:.1f}") for n in range(5) for x in (120, 300, 480)]
    assert table([*lines(60, 760, PROSE), *scales, *lines(60, 560, PROSE)]) == []


def test_numbered_rows_and_years_are_a_table_though_they_are_one_step_apart() -> None:
    numbered = rows(700, *((str(n), str(n), str(17 * n % 13), str(1990 + n)) for n in range(1, 7)))
    assert table([*lines(60, 760, PROSE), *numbered]) == [
        f"{n} | {n} | {17 * n % 13} | {1990 + n}" for n in range(1, 7)
    ]


def test_figures_with_a_few_that_are_one_step_apart_are_a_table() -> None:
    prices = ["43.72", "43.74", "43.76", "43.71", "43.88", "43.82", "43.90"]
    lagged = rows(700, *((f"2005-02-1{n}", *prices[n : n + 2]) for n in range(1, 6)))
    assert len(table([*lines(60, 760, PROSE), *lagged])) == 5


def test_a_chart_in_a_frame_is_no_table() -> None:
    frame = [
        *((60, y, 300, y) for y in (700, 560)), *((x, 560, x, 700) for x in (60, 180, 300)), (180, 630, 300, 630),
    ]  # fmt: skip
    scale = [Text(70, 670 - 18 * n, str(60 - 10 * n)) for n in range(6)]
    page = [
        Text(70, 688, "group"),
        *lines(60, 760, PROSE),
        Text(190, 680, "treated patients"),
        Text(190, 600, "all others"),
    ]
    assert len(table(page, frame)) == 2
    assert table([*page, *scale], frame) == []


def test_named_rows_are_a_table_though_their_figures_are_one_step_apart() -> None:
    assert (
        len(table([*lines(60, 760, PROSE), *rows(700, ("North", "1", "1"), ("South", "2", "2"), ("East", "3", "3"))]))
        == 3
    )


def test_names_of_two_words_stand_over_their_figures_whatever_marks_follow_these() -> None:
    char = 6.0
    body = [
        "age        0.01996    0.03221   0.620   0.9959    ",
        "waist      0.21049    0.06714   3.135   0.0212 *  ",
        "hip        0.34351    0.08037   4.274   <0.01 *** ",
    ]
    header = "           Estimate Std. Error t value Pr(>|t|)    "
    page = []
    for number, line in enumerate([header, *body]):
        at = 0
        for word in line.split():
            at = line.index(word, at)
            page.append(Text(60 + char * at, 700 - 13 * number, word))
            at += len(word)
    assert table([*lines(60, 760, PROSE), *page])[0] == "#  | Estimate | Std. Error | t value | Pr(>|t|)"


def test_tables_side_by_side_whose_rows_stand_on_lines_of_their_own_are_two() -> None:
    left = [(f"L{n}", f"size {n}") for n in range(1, 15)]
    other = [(f"N{n}", f"place {n}") for n in range(1, 15)]
    page = [
        *(Text(x, 700 - 20 * n, part) for n, row in enumerate(left) for x, part in zip((60, 100), row, strict=True)),
        *(
            Text(x, 707 - 17 * n - 17 * (n > 6), part)
            for n, row in enumerate(other)
            for x, part in zip((330, 380), row, strict=True)
        ),
        Text(326, 707 - 17 * 7, "Table 2. More of them"),  # a title begins a little left of its table
    ]
    assert table([*lines(60, 760, PROSE), *page]) == [" | ".join(row) for row in [*left, *other]]


def test_labels_beside_cells_of_several_lines_are_not_parted_from_them() -> None:
    page = []
    for number in range(8):
        page.append(Text(60, 694 - 40 * number, f"Label {number}"))
        page += [Text(200, 700 - 40 * number - 13 * line, f"words of cell {number}") for line in range(2)]
    text = read_pdf(placed([[*lines(60, 760, PROSE), *page]])).text
    assert text.index("Label 1") < text.index("words of cell 2") < text.index("Label 3")


WORDS = [("Code", "Model"), ("R", "Resistor"), ("C", "Capacitor"), ("L", "Inductor")]


def ruled(cells: list[tuple[str, ...]], doubled: set[int]) -> list[str]:
    """Rows of a ruled table of words; below the rows that are named, counted from 1, a second rule."""
    ys = [720 - 20 * number for number in range(len(cells) + 1)]
    page = [Text(65 + 140 * n, y - 14, one) for y, row in zip(ys, cells, strict=False) for n, one in enumerate(row)]
    rules = grid([60, 200, 340], ys)
    rules += [(60, ys[number] - 2.4, 340, ys[number] - 2.4) for number in doubled]
    return table(page, rules)


def test_what_stands_above_the_only_double_rule_names_the_columns() -> None:
    assert ruled(WORDS, {1}) == ["# Code | Model", "R | Resistor", "C | Capacitor", "L | Inductor"]


def test_two_rows_above_a_double_rule_are_one_of_names() -> None:
    assert ruled([("Code", "Model"), ("short", "type"), *WORDS[1:]], {2})[0] == "# Code short | Model type"


@pytest.mark.parametrize("doubled", [set(), {1, 2}, {1, 2, 3}])
def test_no_double_rule_or_several_say_nothing_of_names(doubled: set[int]) -> None:
    assert ruled(WORDS, doubled)[0] == "Code | Model"


def test_a_double_rule_below_part_of_a_row_says_nothing_of_names() -> None:
    page = [Text(65 + 140 * n, 706 - 20 * m, one) for m, row in enumerate(WORDS) for n, one in enumerate(row)]
    rules = [*grid([60, 200, 340], [720, 700, 680, 660, 640]), (60, 697.6, 200, 697.6)]
    assert table(page, rules)[0] == "Code | Model"


def test_figures_above_a_double_rule_name_no_columns() -> None:
    assert ruled([("1", "2"), *WORDS[1:]], {1})[0] == "1 | 2"
