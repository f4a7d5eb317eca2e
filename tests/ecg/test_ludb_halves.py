from dataclasses import replace

import numpy as np

from benchmarks.label_uncertainty import centred
from benchmarks.label_uncertainty import rows as uncertainty_rows
from benchmarks.ludb_halves import chooses, rows
from benchmarks.ludb_reading import readings

from .conftest import LUDB

ALL = [str(number) for number in range(1, 201)]


def test_the_halves_are_near_equal_and_records_in_tests_data_always_judge():
    held_out = {path.stem for path in (LUDB / "data").glob("*.hea")}
    chosen = [name for name in ALL if chooses(name, held_out)]
    assert len(chosen) == 87
    assert not held_out & {*chosen}


def test_a_large_error_is_shown_with_its_sign_and_counted():
    first, second = readings([LUDB / "data" / "1", LUDB / "data" / "78"])
    late = replace(first, manual_global=first.manual_global - [0.0, 0.0, 100.0])
    lines = [*rows([late, second], {"1", "78"})]
    (line,) = (line for line in lines if "judged: clean sinus" in line and "QT" in line)
    error = late.errors_ms[2]
    assert f"{error:+8.0f}    1" in line
    assert not any("chosen" in line for line in lines)


def test_an_uncertainty_that_is_the_error_orders_the_groups_by_it():
    errors = centred(np.arange(-50.0, 51.0)[:, None])
    (line,) = uncertainty_rows(errors, np.abs(errors), ["qt"])
    name, n, tau, p, *_ = line.split()
    assert (name, n, tau) == ("qt", "101", "+1.00")
    assert float(p) < 0.001
