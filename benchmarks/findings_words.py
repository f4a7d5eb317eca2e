"""Words of the tables of docs/findings.md, and which rows they have."""

TARGETS = {"pr": "PR", "qrs": "QRS", "qt": "QT", "r": "R", "j": "J", "t": "T"}
SHOWN = ("outcome", "network")  # the choices whose options are shown
RAW = ("qrs", "qt")  # targets of benchmarks.raw_units
ALL = "all"  # of a conclusion on all targets together
STATEMENTS = {
    "deconvolution_is_poor": "Deconvolution is at the level of random",
    "guided_gradcam_below_par": "Guided Grad-CAM is below the median method",
    "four_do_well": (
        "DeepLIFT, Gradient SHAP, Saliency and SmoothGrad have a better mean place than the other "
        "five"
    ),
    "two_fail_on_r": "Guided backprop and Input × gradient fail on R",
    "printed_winner_wins": "The printed winner wins",
    "one_order_for_every_cutoff": "One order at every cut-off from 10 to 25",
    "no_single_best": "No method is the best for all targets",
    "intervals_rise_less": "The error rises less for intervals than for amplitudes",
    "experts_disagree": "The experts’ first choice is mostly another method",
}
CHOICES = {
    "network": "network (three seeds)",
    "until": "cut-off (10, 15, 25)",
    "ecgs": "number of ECGs (256, 128, 64)",
    "outcome": "outcome (signed, absolute, change)",
    "labels": "labels (whole, measured)",
    "short": "maps of few points (dropped, kept)",
}
