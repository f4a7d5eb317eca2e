"""From the codes of each data set to diagnoses: 1, 0, or unknown."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from ecglens.datamodules import open_records
from ecglens.datamodules.labels.diagnoses import (
    CODE15,
    CODINGS,
    CPSC,
    DIAGNOSES,
    DX,
    SCP,
    SNOMED,
    coded,
    coding_of,
    diagnoses,
    known_diagnoses,
)
from ecglens_formats.cinc import codes_of
from ecglens_formats.ptbxl import STATEMENTS, statements

NINE = ("normal", "af", "lbbb", "rbbb", "avb1", "lvh", "imi", "ami", "ischaemia")
DATA = Path(__file__).parents[1] / "data"
NAN = np.nan
KNOWN = {1.0: "1", 0.0: "0"}


def read(labels: Mapping[str, float], names: tuple[str, ...] = NINE) -> dict[str, float]:
    """The diagnoses of one ECG with these labels."""
    return dict(zip(names, diagnoses(pd.DataFrame([labels]), names)[0].tolist(), strict=True))


def said(labels: Mapping[str, float]) -> str:
    """The nine diagnoses in a line: 1, 0 or ? each."""
    return "".join(KNOWN.get(value, "?") for value in read(labels).values())


# What stands in scp_codes, and normal af lbbb rbbb avb1 lvh imi ami ischaemia.
PTBXL = {
    "{'NORM': 100.0, 'SR': 0.0}": "100000000",
    "{'AFIB': 0.0, 'LVH': 100.0}": "0100?1000",  # 0: nobody gave a likelihood; it stands
    "{'AFIB': 100.0, '1AVB': 100.0}": "0100?0000",  # no PR in atrial fibrillation
    "{'PACE': 100.0}": "0000?0000",
    "{'PACE': 0.0, '1AVB': 100.0}": "0000?0000",
    "{'1AVB': 100.0, 'SR': 0.0}": "000010000",
    "{'LPR': 100.0, 'SR': 0.0}": "0000?0000",  # a long PR, called no block
    "{'AFLT': 0.0}": "0000?0000",  # nor is there one in flutter
    "{'CLBBB': 100.0}": "001000000",
    "{'ILBBB': 100.0}": "00?000000",
    "{'CRBBB': 100.0, 'IRBBB': 100.0}": "000100000",  # stated completely
    "{'IRBBB': 100.0}": "000?00000",
    "{'VCLVH': 0.0}": "00000?000",
    "{'ILMI': 100.0}": "000000100",
    "{'IPLMI': 35.0}": "000000?00",  # less likely than not is neither yes nor no
    "{'IPLMI': 35.0, 'IMI': 50.0}": "000000100",
    "{'ASMI': 15.0, 'IMI': 100.0}": "0000001?0",
    "{'PMI': 100.0}": "000000000",  # neither inferior nor anterior
    "{'INJAS': 100.0}": "0000000??",
    "{'INJIL': 100.0, 'IMI': 100.0}": "00000010?",
    "{'ISCAL': 100.0}": "000000001",
    "{'NST_': 100.0}": "00000000?",
    "{'NDT': 100.0, 'ISC_': 100.0}": "000000001",
    "{'NORM': 35.0}": "?00000000",
    "{}": "000000000",
}


@pytest.mark.parametrize("codes", PTBXL)
def test_statements_of_ptbxl(codes: str) -> None:
    assert said(statements(codes)) == PTBXL[codes]


def snomed(database: str, *codes: str) -> dict[str, float]:
    """Labels as the reader gives them to a record of this database with these codes."""
    scored = {f"snomed_{code}": 0.0 for code in codes_of(database)}
    return scored | {f"snomed_{code}": 1.0 for code in codes}


# Database and codes of a header; hypertrophy, infarcts and ischaemia are never scored.
CINC = {
    ("georgia", "426783006"): "10000????",
    ("georgia", "426783006", "164909002"): "00100????",  # sinus rhythm, and not alone
    ("georgia", "164889003", "270492004"): "0100?????",
    ("georgia", "713426002"): "000?0????",  # incomplete right
    ("georgia", "6374002"): "00??0????",  # a block of either bundle
    ("georgia", "713427006"): "00010????",
    ("ningbo", "733534002"): "0?100????",  # Ningbo never codes atrial fibrillation
    ("ningbo", "10370003"): "0?00?????",  # paced
    ("georgia", "251266004"): "0000?????",
    ("georgia", "195080001"): "0?00?????",  # fibrillation or flutter
    ("chapman", "164947007"): "0000?????",  # a long PR
    ("chapman", "233917008"): "0000?????",  # a block of no named degree
    ("ningbo", "164890007"): "0?00?????",  # flutter
    ("georgia", "164873001"): "00000????",  # hypertrophy, which only the headers with it name
}


@pytest.mark.parametrize("record", CINC)
def test_snomed_codes_of_the_challenge(record: tuple[str, ...]) -> None:
    assert said(snomed(*record)) == CINC[record]


@pytest.mark.parametrize(
    ("name", "code"),
    [("pac", "251173003"), ("pvc", "164884008"), ("pvc", "11157007"), ("sbrad", "426627000")],
)
def test_what_may_be_a_class_under_another_name_is_not_its_absence(name: str, code: str) -> None:
    assert read(snomed("georgia", "164889003"), (name,))[name] == 0
    found = diagnoses(
        pd.DataFrame([snomed("georgia", code), snomed("georgia", "164889003")]), [name]
    )
    assert found[:, 0].tolist() == pytest.approx([NAN, 0.0], nan_ok=True)


def test_a_record_of_the_challenge_without_codes_is_unknown() -> None:
    table = pd.DataFrame([snomed("georgia", "164889003"), {"age": 60.0}])
    assert np.isnan(diagnoses(table, NINE)[1]).all()
    assert coded(table).tolist() == [True, False]


def test_classes_of_cpsc_2018() -> None:
    names = ("normal", "af", "avb1", "lbbb", "rbbb", "pac", "pvc", "std", "ste")
    given = ("normal", "af", "iavb", "lbbb", "rbbb", "pac", "pvc", "std", "ste")
    for one, name in zip(given, names, strict=True):
        labels = {f"cpsc_{label}": float(label == one) for label in given}
        hidden = {"avb1": NAN} if one == "af" else {}
        expected = {each: float(each == name) for each in names} | hidden
        assert read(labels, names) == pytest.approx(expected, nan_ok=True)


def test_diagnoses_of_code15_are_those_of_ribeiro() -> None:
    names = ("avb1", "rbbb", "lbbb", "sbrad", "af", "stach", "normal")
    given = dict.fromkeys(("1dAVb", "RBBB", "LBBB", "SB", "AF", "ST", "normal_ecg"), 0.0)
    for one, name in zip(given, names, strict=True):
        expected = {each: float(each == name) for each in names}
        if one == "AF":
            expected["avb1"] = NAN
        assert read({**given, one: 1.0}, names) == pytest.approx(expected, nan_ok=True)


def test_exact_ecgs_are_what_they_were_drawn_as() -> None:
    kinds = {"af": 0.25, "avb1": 0.25, "lbbb": 0.25, "ami_q": 0.25}
    records = list(open_records("exact", n=40, kinds=kinds))
    table = pd.DataFrame([record.labels for record in records])
    y = dict(zip(NINE, diagnoses(table, NINE).T, strict=True))
    for name in ("af", "lbbb", "ami"):
        assert np.array_equal(y[name], table[f"dx_{name}"])
    assert np.isnan(y["avb1"][table["dx_af"] == 1]).all()
    assert np.array_equal(y["avb1"][table["dx_af"] == 0], table["dx_avb1"][table["dx_af"] == 0])
    assert known_diagnoses(table) == ["af", "lbbb", "avb1", "ami"]
    for name in ("normal", "rbbb", "lvh", "imi", "ischaemia"):
        assert np.isnan(y[name]).all()


def test_a_column_of_that_name_stands_before_any_code() -> None:
    table = pd.DataFrame({"af": [0.0, NAN], "dx_af": [1.0, 1.0], "reasons": ["{}", "{}"]})
    assert diagnoses(table, ["af"])[:, 0].tolist() == pytest.approx([0.0, NAN], nan_ok=True)


def test_ecgs_without_any_of_the_diagnoses_are_refused_with_those_there_are() -> None:
    table = pd.DataFrame([{"dx_af": 1.0, "dx_normal": 0.0, "pr": 160.0}])
    with pytest.raises(ValueError, match=r"diagnosis of lvh, imi, got .*: normal, af; name them"):
        diagnoses(table, ["lvh", "imi"])
    with pytest.raises(ValueError, match=r"got those of these ECGs: none; .* target=column"):
        diagnoses(pd.DataFrame([{"pr": 160.0}]), NINE)


def test_each_system_is_known_by_its_labels() -> None:
    record = next(iter(open_records("ptbxl", DATA / "ptbxl")))
    assert coding_of(pd.DataFrame([record.labels])) == SCP
    record = next(iter(open_records("cinc", DATA / "cinc")))
    assert coding_of(pd.DataFrame([record.labels])) == SNOMED
    assert coding_of(pd.DataFrame([{"cpsc_af": 0.0}])) == CPSC
    assert coding_of(pd.DataFrame([{"1dAVb": 0.0}])) == CODE15
    assert coding_of(pd.DataFrame([{"dx_af": 0.0}])) == DX
    assert coding_of(pd.DataFrame([{"pr": 160.0}])) is None


def test_the_tables_name_diagnoses_and_codes_that_exist() -> None:
    for coding in CODINGS:
        assert set(coding.rules) <= set(DIAGNOSES)
    for rule in SCP.rules.values():
        assert set(f"{rule.yes} {rule.maybe} {rule.hidden_by}".split()) <= set(STATEMENTS)
    used = {code for rule in SNOMED.rules.values() for code in rule.yes.split()}
    databases = ("cpsc", "cpsc_extra", "stpetersburg", "ptb", "ptbxl", "georgia", "chapman")
    assert used <= {code for name in (*databases, "ningbo") for code in codes_of(name)}
