"""How far experts agree with each other and with themselves."""

from .coefficients import (
    Coefficient,
    cohen_kappa,
    cohen_kappas,
    gwet_ac1,
    krippendorff_alpha,
    percent_agreement,
)
from .tables import COEFFICIENTS, agreement_table
from .words import strength

__all__ = [
    "COEFFICIENTS",
    "Coefficient",
    "agreement_table",
    "cohen_kappa",
    "cohen_kappas",
    "gwet_ac1",
    "krippendorff_alpha",
    "percent_agreement",
    "strength",
]
