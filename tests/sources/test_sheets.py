"""Workbooks and CSV: tables with their headers, values as shown, and the address of every cell."""

from __future__ import annotations

import datetime as dt
import sys
import zipfile
from io import BytesIO

import pytest
from files import saved, xlsx
from openpyxl import Workbook
from openpyxl.styles import Font
from test_extraction import outline, sound

from partnership_qa.chunking import split_document
from partnership_qa.document import make_document, place_of
from partnership_qa.errors import OptionalDependencyError
from partnership_qa.sources.delimited import read_csv
from partnership_qa.sources.encoding import NotTextError
from partnership_qa.sources.layout import Extracted
from partnership_qa.sources.sheets import column_name
from partnership_qa.sources.xlsx import read_xlsx

PRICES = [("Boat", "Fee", "Since"), ("Dinghy", 3, dt.date(1874, 5, 1)), ("Cutter", 1250.5, dt.date(1901, 6, 1))]


def address(taken: Extracted, words: str) -> str | None:
    return place_of(taken.places, taken.text.index(words))


def csv(text: str) -> list[str]:
    return outline(read_csv(text.encode()))


def test_a_sheet_is_a_section_with_a_table_of_what_it_shows() -> None:
    taken = read_xlsx(xlsx({"Prices": PRICES}, {"Prices!B3": "#,##0.00 [$€]", "Prices!C2": "d mmm yyyy"}))
    sound(taken)
    assert outline(taken) == [
        "h1 Prices", "head Boat|Fee|Since", "row Dinghy|3|1 May 1874", "row Cutter|1,250.50 €|1901-06-01",
    ]  # fmt: skip


def test_every_cell_has_its_address_and_the_sheet_its_name() -> None:
    taken = read_xlsx(xlsx({"Prices": PRICES, "Old prices": [[], ["", "Lamp oil"], ["", "Wicks", 7]]}))
    found = {
        words: address(taken, words) for words in ("Prices", "Boat", "Cutter", "1250.5", "Old", "Lamp", "Wicks", "7")
    }
    assert found == {
        "Prices": "Prices", "Boat": "Prices!A1", "Cutter": "Prices!A3", "1250.5": "Prices!B3",
        "Old": "'Old prices'", "Lamp": "'Old prices'!B2", "Wicks": "'Old prices'!B3", "7": "Prices!C2",
    } | {"7": address(taken, "7")}  # fmt: skip
    assert address(taken, "| 7".replace("| ", "")) in ("Prices!C2", "'Old prices'!C3")
    assert place_of(taken.places, taken.text.rindex("7")) == "'Old prices'!C3"


def test_a_row_whose_first_cell_is_empty_begins_at_that_cells_address() -> None:
    taken = read_csv(b"Boat,Fee\nDinghy,3\n,12\n")
    row = taken.blocks[-1]
    assert (taken.text[row.start : row.end], place_of(taken.places, row.start)) == ("|  | 12", "A3")
    assert place_of(taken.places, row.cells[1].start) == "B3"


def test_titles_above_a_table_and_remarks_below_it_are_running_text() -> None:
    remark = "Fees are those of the harbour order and are raised by the council in each odd year."
    taken = read_xlsx(xlsx({"S": [["Fees of the harbour"], [], ["in crowns"], *PRICES, [remark]]}))
    assert outline(taken)[:4] == ["h1 S", "p Fees of the harbour", "p in crowns", "head Boat|Fee|Since"]
    assert outline(taken)[-1] == f"p {remark}"
    assert address(taken, "in crowns") == "S!A3"
    assert address(taken, "Fees are") == "S!A7"


def test_empty_columns_are_left_out_and_empty_rows_divide_tables_that_have_headers() -> None:
    text = ",,\n,Boat,,Fee\n,Dinghy,,3\n,,,\n,Cutter,,12\n,,,\n,Keeper,,Year\n,Holm,,1874\n"
    taken = read_csv(text.encode())
    assert outline(taken) == [
        "head Boat|Fee", "row Dinghy|3", "row Cutter|12", "head Keeper|Year", "row Holm|1874",
    ]  # fmt: skip
    assert [block.group for block in taken.blocks] == [0, 0, 0, 1, 1]
    assert address(taken, "1874") == "D8"


@pytest.mark.parametrize(("rows", "head"), [
    ("a,b\nx,1\ny,2\n", True),  # no figures above figures
    ("Name,City\nAnna,Berlin\nBob,Paris\n", True),  # words that differ
    (",2021,2022\nOil,3,4\n", True),  # years
    ("Item,FY2021,Q1 2022\nOil,3,4\n", True),
    ("Oil,3,4\nWicks,5,6\n", False),
    ("Anna,Anna\nBob,Paris\n", False),
    ("2024-05-01,3\n2024-05-02,4\n", False),
])  # fmt: skip
def test_a_row_that_names_the_columns_is_told(rows: str, head: bool) -> None:
    assert read_csv(rows.encode()).blocks[0].is_header is head


def test_a_bold_row_names_the_columns() -> None:
    book = Workbook()
    for row in (("Room 1", "Room 2"), ("Oil 3", "Oil 4"), ("Oil 5", "Oil 6")):
        book.active.append(row)
    assert not read_xlsx(saved(book)).blocks[1].is_header
    for cell in book.active[1]:
        cell.font = Font(bold=True)
    assert read_xlsx(saved(book)).blocks[1].is_header


def test_names_over_names_are_two_header_rows() -> None:
    rows = "|Summer||Winter|\nBoat|Day|Week|Day|Week\nDinghy|1|5|2|9\n"
    assert csv(rows) == ["head |Summer||Winter|", "head Boat|Day|Week|Day|Week", "row Dinghy|1|5|2|9"]


def test_cells_merged_over_rows_are_said_in_each_and_over_columns_once() -> None:
    book = Workbook()
    for row in (("Quay", "Boat", "Fee"), ("North", "Dinghy", 3), (None, "Cutter", 12), ("South", "Yawl", 9)):
        book.active.append(row)
    book.active.merge_cells("A2:A3")
    book.active["A6"] = "Fees are due on the first of May."
    book.active.merge_cells("A6:C6")
    assert outline(read_xlsx(saved(book)))[1:] == [
        "head Quay|Boat|Fee", "row North|Dinghy|3", "row North|Cutter|12", "row South|Yawl|9",
        "p Fees are due on the first of May.",
    ]  # fmt: skip


def test_hidden_sheets_are_left_out_and_said_to_be() -> None:
    book = Workbook()
    book.active.append(["Shown"])
    hidden = book.create_sheet("Secret")
    hidden.append(["Hidden"])
    hidden.sheet_state = "hidden"
    book.create_sheet("Empty")
    taken = read_xlsx(saved(book))
    assert outline(taken) == ["h1 Sheet", "p Shown"]
    assert taken.note == "hidden sheets left out: “Secret”"


def recounted(data: bytes, old: bytes, new: bytes) -> bytes:
    out = BytesIO()
    seen = False
    with zipfile.ZipFile(BytesIO(data)) as before, zipfile.ZipFile(out, "w") as after:
        for entry in before.infolist():
            seen |= old in before.read(entry)
            after.writestr(entry.filename, before.read(entry).replace(old, new))
    assert seen
    return out.getvalue()


def test_formulas_are_their_last_value_and_those_without_one_are_counted() -> None:
    data = xlsx({"S": [["Fee", "Sum"], [3, "=A2*2"], [4, "=A3*2"]]})
    taken = read_xlsx(recounted(data, b"<f>A2*2</f><v></v>", b"<f>A2*2</f><v>6</v>"))
    assert outline(taken)[2:] == ["row 3|6", "row 4|"]
    assert taken.note.startswith("1 formulas have no value")


@pytest.mark.parametrize("text", [
    "Boat;Fee\nDinghy;3,50\nCutter;12,00\n", "Boat\tFee\nDinghy\t3,50\nCutter\t12,00\n",
    'Boat,Fee\nDinghy,"3,50"\n"Cutter","12,00"\n', "\ufeffBoat|Fee\r\nDinghy|3,50\r\nCutter|12,00\r\n",
])  # fmt: skip
def test_delimiters_and_quotes_are_told(text: str) -> None:
    assert csv(text) == ["head Boat|Fee", "row Dinghy|3,50", "row Cutter|12,00"]


def test_an_encoding_that_is_not_utf_8_is_told_and_said() -> None:
    text = "Boot;Gebühr\n" + "".join(f"Für das größere Boot müssen {n} Kronen gezahlt werden;{n}\n" for n in range(20))
    taken = read_csv(text.encode("latin-1"))
    assert "Für das größere Boot müssen 7 Kronen" in taken.text
    assert "which was guessed" in taken.note
    assert read_csv(text.encode("utf-16")).note == "read as UTF-16"


def test_a_list_of_one_column_is_a_table_only_under_a_name() -> None:
    assert csv("Fee\n3\n4\n") == ["head Fee", "row 3", "row 4"]
    assert csv("One thing\nAnother thing\nA third\n") == ["p One thing", "p Another thing", "p A third"]


def test_line_breaks_in_a_cell_do_not_break_its_row() -> None:
    assert csv('Boat,Fee\n"Ding\nhy",3\n') == ["head Boat|Fee", "row Ding hy|3"]
    assert address(read_csv(b'Boat,Fee\n"Ding\nhy",3\nCutter,4\n'), "4") == "B3"


def test_columns_are_named_as_in_a_sheet() -> None:
    assert [column_name(number) for number in (1, 26, 27, 702, 703, 16384)] == ["A", "Z", "AA", "ZZ", "AAA", "XFD"]


def test_a_missing_library_is_named_with_the_line_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(OptionalDependencyError, match=r"pip install 'partnership_qa\[xlsx\]'"):
        read_xlsx(b"")


@pytest.mark.parametrize("data", [b"words", b"PK\x03\x04 cut", xlsx({"S": PRICES})[:900]])
def test_what_is_no_workbook_is_refused_by_name(data: bytes) -> None:
    with pytest.raises(NotTextError, match="no XLSX file"):
        read_xlsx(data)


@pytest.mark.parametrize(("old", "new"), [
    (b'r="C2"', b'r="XFE2"'), (b'<row r="3"', b'<row r="9999999"'),
])  # fmt: skip
def test_cells_beyond_the_end_of_a_sheet_are_refused(old: bytes, new: bytes) -> None:
    with pytest.raises(NotTextError, match="larger than a sheet can be"):
        read_xlsx(recounted(xlsx({"S": PRICES}), old, new))


STACKED = [("Region", "2023", "", "2024", ""), ("", "Revenue", "Cost", "Revenue", "Cost"), ("North", 12, 5, 14, 6)]


@pytest.mark.parametrize(("rows", "names"), [
    (STACKED, ["Region", "2023 Revenue", "2023 Cost", "2024 Revenue", "2024 Cost"]),
    ([("Sales of the harbour",), *STACKED], ["Region", "2023 Revenue", "2023 Cost", "2024 Revenue", "2024 Cost"]),
    ([("", "Actual", "Actual", "Plan"), ("Region", "Revenue", "Cost", "Cost"), ("North", 12, 5, 6)],
     ["Region", "Actual Revenue", "Actual Cost", "Plan Cost"]),
    ([("Region", "Boats", "", ""), ("", "Sail", "", "Motor"), ("", "Count", "Fee", "Count"), ("North", 12, 5, 6)],
     ["Region", "Boats Sail Count", "Boats Sail Fee", "Boats Motor Count"]),
    ([("Region", "Staff", "", "Office"), ("", "Lead", "Deputy", ""), ("North", "Ann", "Bob", "Kiel"),
      ("South", "Cy", "Di", "Oslo")], ["Region", "Staff Lead", "Staff Deputy", "Office"]),
    ([("Region", "Revenue", "Cost"), ("", "EUR", "%"), ("North", 12, 5)], ["Region", "Revenue EUR", "Cost %"]),
    ([("Region", "Least", "Most"), ("", "Monthly", "Monthly"), ("", "Fee", "Fee"), ("North", 1, 5), ("Ruhr", 2, "few"),
      ("South", 2, 6)], ["Region", "Least Monthly Fee", "Most Monthly Fee"]),
    ([("GROSS", "Tax", ""), ("INCOME", "Now", "Then"), ("", "", "(a year)"), ("€", "€", "%"), ("North", 12, 5)],
     ["GROSS INCOME €", "Tax Now €", "Tax Then (a year) %"]),
    ([("Region", "Fee"), ("North", 12)], ["Region", "Fee"]),
], ids=["two rows", "title", "repeated", "three rows", "words", "units", "lines", "signs", "one row"])  # fmt: skip
@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_columns_are_named_by_all_header_rows(rows: list[tuple[str, ...]], names: list[str], suffix: str) -> None:
    width = max(map(len, rows))
    text = "".join(",".join(map(str, row + ("",) * (width - len(row)))) + "\n" for row in rows)
    taken = read_csv(text.encode()) if suffix == ".csv" else read_xlsx(xlsx({"S": rows}))
    document = make_document("x", b"", taken.text, taken.blocks)
    units = [
        unit
        for passage in split_document(document, count_pieces=len, max_pieces=10_000)
        for unit in passage.units
        if unit.columns
    ]
    assert [list(unit.columns) for unit in units] == [names] * len(units)
    assert next(taken.text[unit.cells[0].start : unit.cells[0].end] for unit in units) == "North"


def test_headers_that_are_merged_name_each_of_their_columns() -> None:
    book = Workbook()
    for row in STACKED:
        book.active.append([cell or None for cell in row])
    for cells in ("A1:A2", "B1:C1", "D1:E1"):
        book.active.merge_cells(cells)
    taken = read_xlsx(saved(book))
    assert outline(taken)[1:] == [
        "head Region|2023||2024|",
        "head Region|Revenue|Cost|Revenue|Cost",
        "row North|12|5|14|6",
    ]
    document = make_document("x", b"", taken.text, taken.blocks)
    row = split_document(document, count_pieces=len, max_pieces=10_000)[0].units[-1]
    assert row.columns == ("Region", "2023 Revenue", "2023 Cost", "2024 Revenue", "2024 Cost")


def test_a_row_of_words_below_the_names_is_no_second_header() -> None:
    assert csv("Boat,Owner,Berth\nDinghy,Ann,North\nCutter,,South\n")[:2] == [
        "head Boat|Owner|Berth",
        "row Dinghy|Ann|North",
    ]
    assert csv("Boat,,Berth\nDinghy,Ann,North\nCutter,Bob,South\n") == [
        "row Boat||Berth", "row Dinghy|Ann|North", "row Cutter|Bob|South",
    ]  # fmt: skip


def test_a_row_without_a_label_below_names_is_one_of_the_table_where_it_holds_a_figure_or_no_figures_follow() -> None:
    assert csv("Boat,Fee\nDinghy,12\n,13\n")[1:] == ["row Dinghy|12", "row |13"]
    assert csv("Boat,Owner,Fee\n,Ann,\nDinghy,Bob,3\nCutter,Cy,4\n")[:2] == ["head Boat|Owner|Fee", "row |Ann|"]
    assert csv("Boat,Owner,Fee\nSail,,(each)\nDinghy,Bob,3\nCutter,Cy,4\n")[:2] == [
        "head Boat|Owner|Fee",
        "row Sail||(each)",
    ]
