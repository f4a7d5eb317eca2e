"""Words of the tables of docs/findings.md, and which rows they have."""

TARGETS = {"pr": "PR", "qrs": "QRS", "qt": "QT", "r": "R", "j": "J", "t": "T"}
SHOWN = ("outcome", "network")  # the choices whose options are shown
DEPARTED = ("qrs", "qt")  # targets of benchmarks.departures
ALL = "all"  # of a conclusion on all targets together
CHOICES = {
    "network": "network (three seeds)",
    "until": "cut-off (10, 15, 25)",
    "ecgs": "number of ECGs (256, 128, 64)",
    "outcome": "outcome (signed, absolute, change)",
    "labels": "labels (whole, measured)",
    "short": "maps of few points (dropped, kept)",
}
# Those of `ecglens reproduce multiverse`, on fewer ECGs.
MORE_CHOICES = {
    "step": "what a step perturbs (point, segment by a bump, segment by a donor)",
    "noise": "draw of the noise (three)",
    "multiplied": "attribution times ECG (yes, no)",
    "smoothgrad": "SmoothGrad (signed, absolute)",
    **CHOICES,
    "ecgs": "number of ECGs (64, 32, 16)",
}
