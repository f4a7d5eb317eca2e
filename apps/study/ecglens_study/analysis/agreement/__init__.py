"""Agreement of experts with each other and with themselves."""

from .coefficients import (
    Coefficient,
    cohen_kappa,
    cohen_kappas,
    gwet_ac1,
    krippendorff_alpha,
    mean_kappa,
    percent_agreement,
    weighted_kappa,
)
from .debrief import Debrief, debrief
from .interpretation import strength
from .so_far import KappaSoFar, kappa_so_far
from .tables import COEFFICIENTS, agreement_table

__all__ = [
    "COEFFICIENTS",
    "Coefficient",
    "Debrief",
    "KappaSoFar",
    "agreement_table",
    "cohen_kappa",
    "cohen_kappas",
    "debrief",
    "gwet_ac1",
    "kappa_so_far",
    "krippendorff_alpha",
    "mean_kappa",
    "percent_agreement",
    "strength",
    "weighted_kappa",
]
