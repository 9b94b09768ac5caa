"""What is made of a choice of passages is kept for the same choice, and for no other."""

from __future__ import annotations

import numpy as np

from partnership_qa.index.choices import Remembered, mask_of


def _fixed(*numbers: int) -> np.ndarray:
    array = np.array(numbers, dtype=np.int64)
    array.flags.writeable = False
    return array


def test_a_choice_that_cannot_change_is_worked_out_once() -> None:
    made: list[list[int]] = []
    remembered = Remembered(lambda numbers: made.append(numbers.tolist()) or sum(made[-1]))
    one, other = _fixed(1, 2), _fixed(1, 2)
    assert [remembered.of(one), remembered.of(one), remembered.of(other), remembered.of(one)] == [3, 3, 3, 3]
    assert len(made) == 2  # an equal array is another choice: to compare them would take as long


def test_of_an_array_that_changes_nothing_is_kept() -> None:
    remembered = Remembered(lambda numbers: mask_of(numbers, 4).tolist())
    numbers = np.array([0, 3])
    assert remembered.of(numbers) == [True, False, False, True]
    numbers[0] = 1
    assert remembered.of(numbers) == [False, True, False, True]


def test_only_the_last_four_choices_are_kept() -> None:
    made: list[int] = []
    remembered = Remembered(lambda numbers: made.append(int(numbers[0])))
    choices = [_fixed(number) for number in range(5)]
    for choice in (*choices, *choices[1:], choices[0]):
        remembered.of(choice)
    assert made == [0, 1, 2, 3, 4, 0]
