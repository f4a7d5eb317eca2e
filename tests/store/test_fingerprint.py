import pytest
from ecglens.store import fingerprint
from hypothesis import given
from hypothesis import strategies as st

pytestmark = pytest.mark.heavy

plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(st.dictionaries(st.text(), plain, min_size=1))
def test_the_order_of_settings_does_not_matter(settings):
    turned = dict(reversed(settings.items()))
    assert fingerprint(turned) == fingerprint(settings)


@given(st.floats(allow_nan=False, allow_infinity=False), st.floats(allow_nan=False))
def test_two_different_numbers_have_two_fingerprints(one, other):
    same = fingerprint({"lr": one}) == fingerprint({"lr": other})
    assert same == (repr(one) == repr(other))


def test_a_fingerprint_stays_what_it_was():
    # A change here throws away every store in the field.
    assert fingerprint({"steps": 25, "noise": 0.2, "name": "QT"}) == "87a91846afb558be"


def test_what_has_no_exact_text_is_refused():
    with pytest.raises(TypeError, match="not JSON serializable"):
        fingerprint({"net": object()})


def test_names_that_are_one_text_are_refused():
    with pytest.raises(
        ValueError, match=r"names that differ as text, got \['1'\] twice; rename one"
    ):
        fingerprint({"names": {1: "one", "1": "two", "b": 3}})
    with pytest.raises(ValueError, match=r"got \['0', '1', '2'\] twice; rename one"):
        fingerprint({"names": dict.fromkeys([*range(5000), *map(str, range(5000))])})
    assert fingerprint({"names": {1: "one", "b": 2}}) == fingerprint(
        {"names": {"b": 2, "1": "one"}}
    )
