"""Conditions for a metric to be fit, written down before any metric was validated."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Thresholds:
    """Size of a validation, and the limits of fit; ValueError for a sample beyond the ECGs."""

    ecgs: int = 192  # a power of .95 is known to ± .016 from them, and a validation lasts minutes
    sample: int = 64  # what an evaluation of the application asks (configs/train.yaml, ecgs)
    repeats: int = 1000  # a rate of 5 % is known to ± 1.4 %
    randoms: int = 4  # random maps; any two of them are a null comparison
    doses: tuple[float, ...] = (0.0, 0.25, 0.5, 0.75, 1.0)  # shares of the truth that are noise
    trend: float = 0.05  # level of Page's test; the direction is given, so it is one-sided
    power: float = 0.95  # one ECG set in twenty may miss that the truth beats every control
    false_alarms: float = 0.05  # twice what the one-sided rule of the ranking promises, .025
    caught: float = 0.95  # a broken map is seen when it is shown to be worse as often as this

    def __post_init__(self) -> None:
        if not 2 <= self.sample <= self.ecgs:
            raise ValueError(
                f"expected a sample of 2 to {self.ecgs} ECGs, all there are, got {self.sample}"
            )


THRESHOLDS = Thresholds()
