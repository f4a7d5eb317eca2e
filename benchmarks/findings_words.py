"""Words of the tables of docs/findings.md, and which rows they have."""

TARGETS = {"pr": "PR", "qrs": "QRS", "qt": "QT", "r": "R", "j": "J", "t": "T"}
SHOWN = ("outcome", "network")  # the choices whose options are shown
RAW = ("qrs", "qt")
