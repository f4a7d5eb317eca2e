import pytest
from ecglens.eval.subject import donors
from hypothesis import given
from hypothesis import strategies as st

WHO = st.lists(st.sampled_from("abcd"), min_size=2, max_size=12).filter(lambda who: len({*who}) > 1)


@given(WHO, st.integers(0, 50))
def test_a_donor_is_another_patient_whatever_the_order_of_the_ecgs(patients, seed):
    records = [f"ecg-{number}" for number in range(len(patients))]
    found = donors(records, patients, seed, draw=1)
    assert all(patients[donor] != patient for donor, patient in zip(found, patients, strict=True))
    back = donors(records[::-1], patients[::-1], seed, draw=1)
    assert [records[donor] for donor in found] == [records[::-1][donor] for donor in back[::-1]]


def test_with_an_ecg_a_patient_each_is_the_donor_of_one_and_draws_differ():
    records = [str(number) for number in range(40)]
    one, other = (donors(records, records, 0, draw) for draw in (0, 1))
    assert sorted(one) == sorted(other) == list(range(40))
    assert one != other
    assert one != donors(records, records, 1, 0)


def test_one_patient_has_no_donor():
    with pytest.raises(ValueError, match="at least 2 patients for donors, got 2 of 1"):
        donors(["a", "b"], ["p", "p"], 0, 0)
