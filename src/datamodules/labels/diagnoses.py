"""Diagnoses of ECGs, 1, 0 or unknown, from the codes that came with them.

The classes are our own definition, and so is that incomplete blocks, subendocardial injury,
unspecific ST-T changes, and every code that may mean a class without naming it, leave the class
unknown rather than negative. First-degree AV block cannot be diagnosed in atrial fibrillation or
flutter (there is no P) or under pacing.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float

from ..preparation.blocks import TEXT
from ..preparation.prepared import Prepared
from ..records import DATA_SET, UNKNOWN_MAKER, Excluded, Reader
from .sources import maker_of

VERSION = 2  # raised whenever a diagnosis changes for the same codes

# The vocabulary, in words.
DIAGNOSES: Mapping[str, str] = {
    "normal": "normal ECG",
    "af": "atrial fibrillation",
    "lbbb": "left bundle branch block",
    "rbbb": "right bundle branch block",
    "avb1": "first-degree AV block",
    "avb3": "third-degree AV block",
    "lvh": "left ventricular hypertrophy",
    "imi": "inferior infarction",
    "ami": "anterior infarction",
    "ischaemia": "ischaemia",
    "pac": "premature atrial contraction",
    "pvc": "premature ventricular contraction",
    "std": "ST depression",
    "ste": "ST elevation",
    "sbrad": "sinus bradycardia",
    "stach": "sinus tachycardia",
}


@dataclass(frozen=True)
class Rule:
    """Codes, separated by spaces, that decide a diagnosis.

    Any code of `yes` makes it 1. Without one, any code of `maybe` makes it unknown. Any code of
    `hidden_by` makes it unknown in every case. With `alone` it is 1 only if no other code is
    stated.
    """

    yes: str
    maybe: str = ""
    hidden_by: str = ""
    alone: bool = False


@dataclass(frozen=True)
class Coding:
    """A coding system: its name, the prefix of its labels, and its table of rules.

    `likelihood` is the prefix of the labels with the likelihood of a code in %, if there are any.
    """

    name: str
    prefix: str
    rules: Mapping[str, Rule]
    likelihood: str = ""


INJURY = "INJAL INJAS INJIL INJIN INJLA"
ISCHAEMIA = "ISC_ ISCAL ISCAN ISCAS ISCIL ISCIN ISCLA"
UNSPECIFIC = "NDT NST_ NT_ STD_ STE_ TAB_ INVT LOWT"
SCP = Coding(  # PTB-XL (Wagner 2020, tables 6 to 8)
    "SCP statements",
    "stated_",
    {
        "normal": Rule("NORM"),
        "af": Rule("AFIB"),
        "lbbb": Rule("CLBBB", maybe="ILBBB"),
        "rbbb": Rule("CRBBB", maybe="IRBBB"),
        "avb1": Rule("1AVB", maybe="LPR", hidden_by="AFIB AFLT PACE"),
        "avb3": Rule("3AVB"),
        "lvh": Rule("LVH", maybe="VCLVH"),  # voltage criteria alone
        "imi": Rule("IMI ILMI IPMI IPLMI", maybe="INJIL INJIN"),
        # The database counts lateral injury among the anterior infarcts (its scp_statements.csv).
        "ami": Rule("AMI ASMI ALMI", maybe="INJAL INJAS INJLA"),
        "ischaemia": Rule(ISCHAEMIA, maybe=f"{INJURY} {UNSPECIFIC}"),
        "pac": Rule("PAC", maybe="PRC(S) BIGU TRIGU"),  # of either chamber
        "pvc": Rule("PVC", maybe="PRC(S) BIGU TRIGU"),
        "std": Rule("STD_", maybe=f"{INJURY} {ISCHAEMIA} NST_"),
        "ste": Rule("STE_", maybe="NST_"),
        "sbrad": Rule("SBRAD"),
        "stach": Rule("STACH"),
    },
    likelihood="scp_",
)
# Atrial fibrillation or flutter; chronic, paroxysmal and rapid fibrillation.
OTHER_AF = "195080001 426749004 282825002 314208002"
# Atrial fibrillation, flutter; a pacing rhythm, atrial and ventricular pacing.
NO_PR = f"164889003 {OTHER_AF} 164890007 10370003 251268003 251266004"
# PhysioNet/CinC Challenges (readers/cinc.py has the abbreviations). Hypertrophy, infarcts,
# ischaemia and ST changes were not scored there: no header says that one of them is absent. Most
# codes of `maybe` were not scored either (dx_mapping_unscored.csv there).
SNOMED = Coding(
    "SNOMED CT codes",
    "snomed_",
    {
        # Sinus rhythm. A normal ECG has no code of its own.
        "normal": Rule("426783006", alone=True),
        "af": Rule("164889003", maybe=OTHER_AF),
        "lbbb": Rule("164909002 733534002", maybe="251120003 6374002"),
        "rbbb": Rule("59118001 713427006", maybe="713426002 6374002"),
        # A long PR; a block of no named degree.
        "avb1": Rule("270492004", maybe="164947007 233917008", hidden_by=NO_PR),
        # Blocked ones; atrial and supraventricular bigeminy.
        "pac": Rule("284470004 63593006", maybe="251170000 251173003 251168009"),
        # Ventricular ectopics, pairs of them, bigeminy, trigeminy.
        "pvc": Rule("427172004 17338001", maybe="164884008 251182009 11157007 251180001"),
        "sbrad": Rule("426177001", maybe="426627000"),  # bradycardia of no named origin
        "stach": Rule("427084000"),
    },
)
CPSC = Coding(  # CPSC 2018 in its original files
    "the classes of CPSC 2018",
    "cpsc_",
    {name: Rule(name) for name in ("normal", "af", "lbbb", "rbbb", "pac", "pvc", "std", "ste")}
    | {"avb1": Rule("iavb", hidden_by="af")},
)
CODE15 = Coding(  # Ribeiro 2020
    "the diagnoses of CODE-15 %",
    "",
    {
        "normal": Rule("normal_ecg"),
        "af": Rule("AF"),
        "lbbb": Rule("LBBB"),
        "rbbb": Rule("RBBB"),
        "avb1": Rule("1dAVb", hidden_by="AF"),
        "sbrad": Rule("SB"),
        "stach": Rule("ST"),
    },
)
# Exact ECGs; columns of a user may have these names too.
DX = Coding(
    "labels dx_…",
    "dx_",
    {name: Rule(name) for name in DIAGNOSES} | {"avb1": Rule("avb1", hidden_by="af")},
)
CODINGS = (DX, SCP, SNOMED, CPSC, CODE15)

# Likelihood (%) below which a statement is neither yes nor no.
LIKELY = 50.0
UNLIKELY = 0.5  # between not stated and stated
Values = Float[np.ndarray, " row"]


def diagnoses(table: pd.DataFrame, names: Sequence[str]) -> Float[np.ndarray, "row class"]:
    """A column for each name: 1, 0, or NaN where it is unknown.

    A column of the table with that name is taken as it is; any other name is derived from the codes
    by CODINGS. Raises ValueError when no diagnosis of any ECG is known.
    """
    y = np.column_stack([_diagnosis(table, name) for name in names])
    if np.isnan(y).all():
        known = ", ".join(known_diagnoses(table)) or "none"
        raise ValueError(
            f"expected ECGs with a diagnosis of {', '.join(names)}, got those of these ECGs: "
            f"{known}; name them in target.classes, take target=column for another label, or, of "
            "data=exact, data.kinds with more than sinus"
        )
    return y


def known_diagnoses(table: pd.DataFrame) -> list[str]:
    """Diagnoses of the vocabulary for which these ECGs have labels."""
    return [name for name in DIAGNOSES if not np.isnan(_diagnosis(table, name)).all()]


def coding_of(table: pd.DataFrame) -> Coding | None:
    """Coding system of these ECGs; None without diagnoses."""
    return next(iter(codings_of(table)), None)


def codings_of(table: pd.DataFrame) -> list[Coding]:
    """Coding system of these ECGs, of a mixture those of its data sets; none without diagnoses."""
    found = [coding for coding in CODINGS if columns_of(coding, table)]
    return found if DATA_SET in table else found[:1]


def coded(table: pd.DataFrame) -> Bool[np.ndarray, " row"]:
    """Mask of the ECGs that came with any code, including 0."""
    return _of_each(table, _coded) == 1


def _coded(table: pd.DataFrame) -> Values:
    coding = coding_of(table)
    if coding is None:
        return np.zeros(len(table))
    return np.asarray(table[columns_of(coding, table)].notna().any(axis=1), float)


def _of_each(table: pd.DataFrame, values: Callable[[pd.DataFrame], Values]) -> Values:
    """Values of the ECGs of each data set, which have coding systems of their own."""
    if DATA_SET not in table:
        return values(table)
    found = np.full(len(table), np.nan)
    for rows in table.reset_index(drop=True).groupby(DATA_SET).indices.values():
        found[rows] = values(table.iloc[rows].dropna(axis=1, how="all"))
    return found


def _diagnosis(table: pd.DataFrame, name: str) -> Values:
    return _of_each(table, lambda own: _of_one(own, name))


def _of_one(table: pd.DataFrame, name: str) -> Values:
    if name in table and name not in TEXT:
        return table[name].to_numpy(float)
    coding = coding_of(table)
    rule = coding.rules.get(name) if coding else None
    if coding is None or rule is None:
        return np.full(len(table), np.nan)
    said = _most(table, coding, rule.yes.split())
    y = np.where(said == UNLIKELY, np.nan, said)
    y[(y == 0) & (_most(table, coding, rule.maybe.split()) > 0)] = np.nan
    if rule.alone:
        codes = (name.removeprefix(coding.prefix) for name in columns_of(coding, table))
        others = [code for code in codes if code not in rule.yes.split()]
        y[(y == 1) & (_most(table, coding, others) > 0)] = 0
    y[_most(table, coding, rule.hidden_by.split()) > 0] = np.nan
    return y


def _most(table: pd.DataFrame, coding: Coding, codes: Iterable[str]) -> Values:
    """Maximum over these codes of 1, UNLIKELY or 0; NaN if none of them is ever used."""
    each = [_stated(table, coding, code) for code in codes if coding.prefix + code in table]
    return np.fmax.reduce([np.full(len(table), np.nan), *each])


def _stated(table: pd.DataFrame, coding: Coding, code: str) -> Values:
    stated = table[coding.prefix + code].to_numpy(float)
    likelihood = coding.likelihood + code
    if not coding.likelihood or likelihood not in table:
        return stated
    # NaN means that no likelihood was given: the statement counts.
    unlikely = (stated == 1) & (table[likelihood].to_numpy(float) < LIKELY)
    return np.where(unlikely, UNLIKELY, stated)


def columns_of(coding: Coding, table: pd.DataFrame) -> list[str]:
    """Columns of this coding system."""
    if coding.prefix:
        return [name for name in table if str(name).startswith(coding.prefix)]
    codes = " ".join(rule.yes for rule in coding.rules.values()).split()
    return [code for code in codes if code in table]


@dataclass(frozen=True)
class ClassLabels:
    """1, 0 or NaN for each class of `names`: see `diagnoses` and target.Labels."""

    names: tuple[str, ...]

    @property
    def settings(self) -> dict[str, Any]:
        """Version of the tables of codes."""
        return {"codes": VERSION}

    def of(self, prepared: Prepared) -> Float[np.ndarray, "row output"]:
        """A column for each class; ValueError when no label of any class is known."""
        return diagnoses(prepared.table, self.names)

    def without(self, prepared: Prepared) -> list[Excluded]:
        """ECGs without a known class, with the reason."""
        left = np.isnan(self.of(prepared)).all(axis=1)
        reasons = np.where(
            coded(prepared.table), "its codes leave every class open", "no diagnosis came with it"
        )
        pairs = zip(prepared.table["id"][left], reasons[left].tolist(), strict=True)
        return [Excluded(*pair) for pair in pairs]

    def maker(self, prepared: Prepared, name: str, reader: Reader) -> str:
        """Maker of the codes, or of the column of this name."""
        table, codings = prepared.table, codings_of(prepared.table)
        if name in table or not codings:
            return maker_of(reader, name)
        makers = [maker_of(reader, columns_of(coding, table)[0]) for coding in codings]
        return next((maker for maker in makers if maker != UNKNOWN_MAKER), UNKNOWN_MAKER)

    def words(self, prepared: Prepared) -> str:
        """Known classes with their coding system, and the classes that it never codes."""
        codings = " and ".join(coding.name for coding in codings_of(prepared.table))
        some = (~np.isnan(self.of(prepared))).any(axis=0)
        known = [self.names[place] for place in np.flatnonzero(some)]
        text = f"{', '.join(known)} from {codings or 'columns of these names'}"
        unknown = [name for name in self.names if name not in known]
        return f"{text}; never coded: {', '.join(unknown)}" if unknown else text
