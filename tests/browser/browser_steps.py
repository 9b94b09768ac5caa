"""What the browser tests do over and over."""

from __future__ import annotations

from playwright.sync_api import TimeoutError as TooLate

TAKEN = """([question, before]) => document.querySelector('#pq-question textarea').value !== question
    || document.querySelectorAll('#pq-chat .pq-card:not(.pq-waiting)').length > before"""
VIEWS = {
    f"{name} {colours}": {"viewport": {"width": width, "height": height}, "color_scheme": colours}
    for name, width, height in (("desktop", 1280, 800), ("phone", 390, 844))
    for colours in ("light", "dark")
}


def ask(page, question):
    """Asks, and gives the card that comes."""
    cards = page.locator("#pq-chat .pq-card:not(.pq-waiting)")
    before = cards.count()
    box = page.locator("#pq-question textarea")
    box.fill(question)
    page.keyboard.press("Enter")
    # In the instant in which the page ends one question it takes no other; who types so fast presses Enter again.
    try:
        page.wait_for_function(TAKEN, arg=[question, before], timeout=2_000)
    except TooLate:
        page.keyboard.press("Enter")
    card = cards.nth(before)
    card.wait_for()
    return card


def tab(page, name):
    page.get_by_role("tab", name=name).click()
