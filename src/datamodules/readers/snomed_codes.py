"""Diagnoses scored in the PhysioNet/CinC Challenge 2021, and the databases that use them."""

import re

# Code, abbreviation, and the databases with a record of that code (dx_mapping_scored.csv in the
# Challenge's evaluation code). A database that never uses a code says nothing about it.
SCORED = """
    164889003 AF cpsc cpsc_extra stpetersburg ptb ptbxl georgia chapman
    164890007 AFL cpsc_extra ptb ptbxl georgia chapman ningbo
    6374002 BBB stpetersburg ptb georgia ningbo
    426627000 Brady cpsc_extra stpetersburg georgia ningbo
    733534002 CLBBB ningbo
    713427006 CRBBB cpsc_extra ptbxl georgia ningbo
    270492004 IAVB cpsc cpsc_extra ptbxl georgia chapman ningbo
    713426002 IRBBB cpsc_extra ptbxl georgia ningbo
    39732003 LAD ptbxl georgia chapman ningbo
    445118002 LAnFB ptbxl georgia ningbo
    164909002 LBBB cpsc cpsc_extra ptbxl georgia chapman ningbo
    251146004 LQRSV ptbxl georgia chapman ningbo
    698252002 NSIVCB cpsc_extra stpetersburg ptbxl georgia chapman ningbo
    426783006 NSR cpsc cpsc_extra ptb ptbxl georgia chapman ningbo
    284470004 PAC cpsc cpsc_extra stpetersburg ptbxl georgia chapman ningbo
    10370003 PR cpsc_extra ptbxl ningbo
    365413008 PRWP ningbo
    427172004 PVC cpsc_extra ningbo
    164947007 LPR ptbxl chapman ningbo
    111975006 LQT cpsc_extra ptbxl georgia chapman ningbo
    164917005 QAb cpsc_extra ptbxl georgia chapman ningbo
    47665007 RAD cpsc_extra ptbxl georgia chapman ningbo
    59118001 RBBB cpsc cpsc_extra stpetersburg georgia chapman ningbo
    427393009 SA cpsc_extra stpetersburg ptbxl georgia ningbo
    426177001 SB cpsc_extra ptbxl georgia chapman ningbo
    427084000 STach cpsc_extra stpetersburg ptb ptbxl georgia chapman ningbo
    63593006 SVPB cpsc_extra stpetersburg ptbxl georgia ningbo
    164934002 TAb cpsc_extra ptbxl georgia chapman ningbo
    59931005 TInv cpsc_extra stpetersburg ptbxl georgia chapman ningbo
    17338001 VPB cpsc_extra georgia chapman
"""
PREFIXES = {
    "A": "cpsc",
    "Q": "cpsc_extra",
    "I": "stpetersburg",
    "S": "ptb",
    "HR": "ptbxl",
    "E": "georgia",
    "JS": "chapman",
}
# The Challenge continues the numbers of Chapman-Shaoxing with the records of Ningbo.
LAST_OF_CHAPMAN = 10646


def database_of(record: str) -> str:
    """Database of a record by its name, such as "E07500"; empty for any other name."""
    found = re.fullmatch(r"([A-Z]+)(\d+)", record)
    database = PREFIXES.get(found[1], "") if found else ""
    is_later = found and database == "chapman" and int(found[2]) > LAST_OF_CHAPMAN
    return "ningbo" if is_later else database


def codes_of(database: str) -> list[str]:
    """Scored codes that this database uses."""
    rows = (line.split() for line in SCORED.strip().splitlines())
    return [code for code, _, *databases in rows if database in databases]
