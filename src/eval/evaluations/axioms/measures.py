"""Measures of the properties that every map should have."""

from ...measures.measure import Measure

OWN = "our own definition"

COMPLETENESS = Measure(
    name="completeness",
    label="Completeness gap",
    unit="",
    higher_is_better=False,
    about="faithfulness",
    source="Sundararajan 2017, proposition 1; its scale is our own",
    explained="How far the sum of a contribution map is from the change of the output since the "
    "baseline, as a share of both; slopes promise no sum.",
)
INFIDELITY = Measure(
    name="infidelity",
    label="Infidelity",
    unit="",
    higher_is_better=False,
    about="faithfulness",
    source="Yeh 2019, definition 2.1 with its optimal scale; the share is our own",
    explained="Mean squared error of what the map says of removing 100 ms of a lead, as a share of "
    "that of a map of nothing.",
    chance=1.0,
)
SENSITIVITY = Measure(
    name="sensitivity",
    label="Sensitivity-max",
    unit="",
    higher_is_better=None,
    about="robustness",
    source="Yeh 2019, definition 2.2, divided by the map's length",
    explained="The most that the map changes under noise of 10 µV, as a share of its length.",
)
NOISE = Measure(
    name="noise",
    label="Agreement under noise",
    unit="",
    higher_is_better=None,
    about="robustness",
    source=OWN,
    explained="Spearman's ρ of the map's sizes with those under noise of 10 µV.",
)
SHIFT = Measure(
    name="shift",
    label="Agreement under a baseline shift",
    unit="",
    higher_is_better=None,
    about="robustness",
    source="Kindermans 2019, section 3",
    explained="Spearman's ρ of the map's sizes with those when the baseline is 100 µV higher and "
    "the network takes that off again.",
)
LEAD_OFF = Measure(
    name="lead_off",
    label="Relevance on a lead that is off",
    unit="",
    higher_is_better=None,
    about="robustness",
    source=OWN,
    explained="Share of relevance on a chest lead that is set to 0 µV.",
    chance=1 / 12,
)
RUNS = Measure(
    name="runs",
    label="Agreement of two runs",
    unit="",
    higher_is_better=None,
    about="robustness",
    source=OWN,
    explained="Spearman's ρ of the map's sizes with those of another seed of the method.",
)
MEASURES = (COMPLETENESS, INFIDELITY, SENSITIVITY, NOISE, SHIFT, LEAD_OFF, RUNS)
