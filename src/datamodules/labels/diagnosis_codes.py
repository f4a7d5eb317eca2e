"""Codes of each data set by diagnosis: one table per coding system.

The classes are our own definition, and so is that incomplete blocks, subendocardial injury,
unspecific ST-T changes, and every code that may mean a class without naming it, leave the class
unknown rather than negative. First-degree AV block cannot be diagnosed in atrial fibrillation or
flutter (there is no P) or under pacing.
"""

from collections.abc import Mapping
from dataclasses import dataclass

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
# PhysioNet/CinC Challenges (readers/snomed_codes.py has the abbreviations). Hypertrophy, infarcts,
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
    {
        "normal": Rule("normal"),
        "af": Rule("af"),
        "lbbb": Rule("lbbb"),
        "rbbb": Rule("rbbb"),
        "avb1": Rule("iavb", hidden_by="af"),
        "pac": Rule("pac"),
        "pvc": Rule("pvc"),
        "std": Rule("std"),
        "ste": Rule("ste"),
    },
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
