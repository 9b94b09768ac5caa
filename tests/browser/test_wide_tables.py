"""A table that is larger than its room: what is quoted of it is in sight, with the names of its column and its row."""

from __future__ import annotations

import pytest
from browser_steps import ask
from playwright.sync_api import expect

pytestmark = pytest.mark.browser
COLUMNS = ["Boat", *(f"Measure {letter}" for letter in "BCDEFGHIJKLMNO"), "Fee"]
ROWS = [[f"Boat {n}", *(str(100 * n + m) for m in range(2, 16)), str(4000 + n)] for n in range(1, 80)]
ROWS[59][0] = "Barquentine"
ROWS[59][-1] = "7312"
# A part of the table that lies over another one, such as its names, is what can be read at its place.
READ = """cell => {
    const c = cell.getBoundingClientRect();
    const at = document.elementFromPoint((c.left + c.right) / 2, (c.top + c.bottom) / 2);
    return Boolean(at) && (at === cell || cell.contains(at));
}"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wide")
    (folder / "corpus").mkdir()
    (folder / "corpus" / "boats.csv").write_text("\n".join(",".join(row) for row in [COLUMNS, *ROWS]), "utf-8")
    return folder


@pytest.mark.parametrize("view", ["desktop light", "phone dark"])
def test_the_cell_of_an_answer_is_in_sight_with_its_names(opened, view):
    page = opened(view)
    card = ask(page, "What does Barquentine measure?")
    expect(card.locator(".pq-addr").first).to_contain_text("boats.csv, P61")
    assert card.locator("td:has(mark)").last.evaluate(READ), "the answer's cell in its card"
    card.locator(".pq-n, .pq-addr").first.click()
    cell = page.locator("#pq-source .pq-text td:has(mark.pq-answer)")
    expect(cell).to_have_text("7312")
    expect(cell.locator("mark")).to_be_in_viewport()
    row = cell.locator("xpath=..")
    for one in (cell, row.locator("td").first, page.locator("#pq-source .pq-text th").last):
        assert one.evaluate(READ), one.text_content()
    label, name = row.locator("td").first, page.locator("#pq-source .pq-text th").last
    assert label.bounding_box()["x"] < cell.bounding_box()["x"]
    assert name.bounding_box()["y"] < cell.bounding_box()["y"]
