"""When two quotes answer differently."""

from __future__ import annotations

import pytest

from partnership_qa.answering.disagreement import Said, disagree


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("The notice period is 30 days.", "30 days"), ("The notice period is 45 days.", "45 days")),
        (("In 1893 the keeper of the light was Anna Berg.", "Anna Berg"),
         ("The keeper of the light in 1893 was Olof Lind.", "Olof Lind")),
        (("Dogs may enter the quay at noon.", "may enter"), ("Dogs may not enter the quay at noon.", "may not enter")),
        (("Dogs are allowed on the quay.", "Dogs"), ("Dogs aren’t allowed on the quay.", "Dogs")),
    ],
)  # fmt: skip
def test_like_words_with_another_answer_disagree(one: tuple[str, str], other: tuple[str, str]) -> None:
    assert disagree(Said(*one), Said(*other))
    assert disagree(Said(*other), Said(*one))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        # of another year
        (("Oil cost 40 kroner in 1890.", "40 kroner"), ("Oil cost 22 kroner in 1895.", "22 kroner")),
        # the same figure
        (("The notice period is 30 days.", "30 days"), ("The notice period is 30 working days.", "30 working days")),
        # about something else
        (("The notice period is 30 days.", "30 days"), ("A night at the quay takes 45 minutes.", "45 minutes")),
        # another kind of answer
        (("The notice period is 30 days.", "30 days"), ("The notice period is a long one.", "a long one")),
        # too little in common
        (("It cost 3.", "3"), ("It cost 4.", "4")),
    ],
)
def test_what_is_said_of_something_else_is_no_disagreement(one: tuple[str, str], other: tuple[str, str]) -> None:
    assert not disagree(Said(*one), Said(*other))
