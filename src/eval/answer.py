"""Answer to which heatmaps of a network may be used, made once from its findings."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ReadingLimits:
    """Limits of the first gate, "the network reads its target"; our own definition.

    Written and committed before the gate was computed on any network.
    """

    # Lower end of the 95 % interval of R² (a class: of AUROC − 0.5) on the evaluated ECGs. An R² of
    # 0.09 and an AUROC of 0.64 are medium effects (Cohen 1988: r = 0.3, d = 0.5). A network that
    # may know less than a tenth of the variance answers mostly with the mean label, and a map of it
    # shows a template. Reading poorly is another matter: that caution begins at R² 0.5.
    read: float = 0.1
    # Largest mean change of the prediction over the steps of the area, by any method, as a share of
    # the mean absolute error (a class: of the SD of the logit over the ECGs). A change of a tenth
    # of the error turns no reading into another: areas that small order numbers, not readings.
    moved: float = 0.1


READING = ReadingLimits()
