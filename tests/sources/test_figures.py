"""Number formats: what a sheet shows of a value."""

from __future__ import annotations

import datetime as dt

import pytest

from partnership_qa.sources.figures import shown

DAY, MOMENT = dt.datetime.fromisoformat("2024-05-01"), dt.datetime.fromisoformat("2024-05-01T13:05:09")


@pytest.mark.parametrize(("value", "pattern", "text"), [
    (3.0, "General", "3"), (0.1 + 0.2, "General", "0.3"), (2 / 3, "General", "0.6666666667"),
    (12, 'General" kg"', "12 kg"),
    (1e20, "General", "1E+20"), (True, "General", "TRUE"), (None, "0", ""), ("words", "0.00", "words"),
    (1234.5, "#,##0.00", "1,234.50"), (1234567, "#,##0", "1,234,567"), (0.5, "#,##0", "1"), (0, "#,##0", "0"),
    (0.5, "#.##", ".5"), (2.5, "0.##", "2.5"), (2, "0.##", "2"), (5, "000", "005"), (2.675, "0.00", "2.68"),
    (0.256, "0%", "26%"), (0.256, "0.0%", "25.6%"), (-0.05, "0%", "-5%"),
    (-5, "#,##0;(#,##0)", "(5)"), (-5.2, "0.0", "-5.2"), (0, '0;-0;"-"', "-"), (1234.5, "[Red]#,##0.0", "1,234.5"),
    (12.5, "[$€-407] #,##0.00", "€ 12.50"),
    (12.5, '#,##0.00\\ "€"', "12.50 €"), (1234, '_("$"* #,##0.00_)', "$1,234.00"),
    (1234567, '0.0,,"M"', "1.2M"), (1500, '[>=1000]#,##0,"K";0', "2K"), (500, '[>=1000]#,##0,"K";0', "500"),
    (1e-7, "0.00E+00", "1.00E-07"), (12345, "0.00E+00", "1.23E+04"), (1.5, "# ?/?", "1 1/2"), (0.25, "# ?/?", "1/4"),
    (123456789, "000-00-0000", "123-45-6789"), (7, '"No. "0', "No. 7"), (float("nan"), "0", "nan"),
])  # fmt: skip
def test_numbers(value: object, pattern: str, text: str) -> None:
    assert shown(value, pattern) == text


@pytest.mark.parametrize(("value", "pattern", "text"), [
    (DAY, "mm-dd-yy", "2024-05-01"), (MOMENT, "m/d/yy h:mm", "2024-05-01 13:05"), (DAY, "[$-F800]dddd", "2024-05-01"),
    (DAY, "d mmmm yyyy", "1 May 2024"), (DAY, "mmm-yy", "May-24"), (DAY, "dddd, d. mmm", "Wednesday, 1. May"),
    (MOMENT, "dd.mm.yyyy hh:mm", "01.05.2024 13:05"), (MOMENT, "h:mm AM/PM", "1:05 PM"), (MOMENT, "mm:ss", "05:09"),
    (dt.time(13, 5), "h:mm", "13:05"), (dt.timedelta(hours=27, minutes=5), "[h]:mm", "27:05"),
    (dt.date(2024, 5, 1), '"Q2" yyyy', "Q2 2024"), (DAY, "yyyy\\-mm\\-dd;@", "2024-05-01"),
])  # fmt: skip
def test_dates_and_times(value: object, pattern: str, text: str) -> None:
    assert shown(value, pattern) == text
