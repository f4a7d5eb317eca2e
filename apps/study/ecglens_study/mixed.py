"""Mixed model with two crossed random effects: readers, and the ECGs that all of them judge."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Float, Int
from scipy import stats
from scipy.linalg import solve_triangular
from scipy.optimize import minimize

LEAST = 2  # readers, and ECGs: of one nobody knows how others differ
# Ratios of each variance to the residual: the first that is tried, on which the optimum does not
# depend, and the largest, of SDs a thousand times those of the rest.
START, MOST = 0.1, 1e6
LEAST_FREEDOM = 1  # below it an interval is hundreds of errors wide, and its ratio overflows
# Values that differ by less than rounding have no variance to estimate.
ROUNDING = 1e-12


@dataclass(frozen=True, eq=False)
class Fit:
    """Coefficients with standard errors and degrees of freedom (Satterthwaite), and variances.

    `weights` are those of the answers in each coefficient: values = y @ weights. `variances` are
    those of readers, of ECGs and of the rest. Degrees of freedom below LEAST_FREEDOM are NaN. All
    but `values` and `weights` are NaN where all answers are equal, for fewer than LEAST readers or
    ECGs, and for too few answers of each reader to tell ECGs from the rest.
    """

    values: Float[np.ndarray, " coefficient"]
    weights: Float[np.ndarray, "row coefficient"]
    errors: Float[np.ndarray, " coefficient"]
    freedom: Float[np.ndarray, " coefficient"]
    variances: Float[np.ndarray, "3"]

    def interval(self, place: int = 0) -> tuple[float, float, float]:
        """Coefficient, and the ends of its 95 % interval."""
        value, error = float(self.values[place]), float(self.errors[place])
        half = float(stats.t.ppf(0.975, self.freedom[place])) * error
        return value, value - half, value + half

    def p(self, place: int = 0) -> float:
        """Two-sided p value of the coefficient."""
        t = abs(self.values[place] / self.errors[place])
        return float(2 * stats.t.sf(t, self.freedom[place]))


def crossed(
    y: Float[np.ndarray, " row"],
    x: Float[np.ndarray, "row coefficient"],
    reader: Int[np.ndarray, " row"],
    ecg: Int[np.ndarray, " row"],
) -> Fit:
    """Fit of y = xβ + reader + ECG + rest by restricted maximum likelihood (REML).

    The likelihood is profiled over the two ratios of variances (Bates et al. 2015, J Stat Softw
    67(1), section 3); variances are 0 or more. Degrees of freedom are those of Satterthwaite with
    the expected information of all three variances, also of one that is estimated as 0, which
    makes the interval wider than leaving it out (Giesbrecht and Burns 1985).
    """
    z = np.concatenate([_indicators(reader), _indicators(ecg)], axis=1)
    groups = np.repeat([0, 1], [reader.max() + 1, ecg.max() + 1])
    plain, *_ = np.linalg.lstsq(x, y, rcond=None)
    rest = float(np.square(y - x @ plain).sum())
    enough = len(y) > len(groups) + x.shape[1] - 2  # a degree of freedom for the rest
    if min(np.bincount(groups)) < LEAST or not enough or rest <= ROUNDING * max(1.0, float(y @ y)):
        nothing = np.full(len(plain), np.nan)
        return Fit(plain, np.linalg.pinv(x).T, nothing, nothing, np.full(3, np.nan))
    model = _Model(y, x, z, groups)
    # By log(1 + ratio): steps that suit a ratio near 0 stop short of one in the hundreds.
    found = minimize(
        lambda logs: model.deviance(np.expm1(logs)), np.full(2, np.log1p(START)),
        method="L-BFGS-B", bounds=[(0, np.log1p(MOST))] * 2,
    )  # fmt: skip
    return model.fit(np.expm1(found.x))


def _indicators(codes: Int[np.ndarray, " row"]) -> Float[np.ndarray, "row group"]:
    return np.eye(int(codes.max()) + 1)[codes]


@dataclass(frozen=True, eq=False)
class _Model:
    """Data of a model; `groups` says for each column of `z` whether it is a reader or an ECG."""

    y: np.ndarray
    x: np.ndarray
    z: np.ndarray
    groups: np.ndarray

    @cached_property
    def products(self) -> np.ndarray:
        """Products of all columns: with them a step costs nothing that grows with the rows."""
        data = np.concatenate([self.z, self.x, self.y[:, None]], axis=1)
        return data.T @ data

    def _parts(self, ratios: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Cholesky factor of the random effects, and of what is left of x and y."""
        q = len(self.groups)
        scale = np.sqrt(np.maximum(ratios, 0))[self.groups]
        within = self.products[:q, :q] * np.outer(scale, scale) + np.eye(q)
        lower = np.linalg.cholesky(within)
        beside = solve_triangular(lower, scale[:, None] * self.products[:q, q:], lower=True)
        left = self.products[q:, q:] - beside.T @ beside
        return lower, scale, left

    def deviance(self, ratios: np.ndarray) -> float:
        """−2 log restricted likelihood, without constants."""
        lower, _, left = self._parts(ratios)
        freedom = len(self.y) - self.x.shape[1]
        fixed = left[:-1, :-1]
        sum_squares = left[-1, -1] - left[:-1, -1] @ np.linalg.solve(fixed, left[:-1, -1])
        logs = 2 * np.log(np.diag(lower)).sum() + np.linalg.slogdet(fixed)[1]
        return float(logs + freedom * np.log(sum_squares))

    def fit(self, ratios: np.ndarray) -> Fit:
        """Coefficients and their uncertainty at these ratios."""
        lower, scale, left = self._parts(ratios)
        rows, count = self.x.shape
        values = np.linalg.solve(left[:-1, :-1], left[:-1, -1])
        sigma = float(left[-1, -1] - left[:-1, -1] @ values) / (rows - count)
        half = solve_triangular(lower, (self.z * scale).T, lower=True)
        inverse = (np.eye(rows) - half.T @ half) / sigma
        weighted = inverse @ self.x
        covariance = np.linalg.inv(self.x.T @ weighted)
        spread = weighted @ covariance  # of each coefficient, a weight for each row
        projection = inverse - spread @ weighted.T
        parts = [self.z[:, self.groups == 0], self.z[:, self.groups == 1], np.eye(rows)]
        slopes = np.array([np.square(part.T @ spread).sum(0) for part in parts])
        information = np.array(
            [[np.square(one.T @ projection @ two).sum() / 2 for two in parts] for one in parts]
        )
        doubt = np.einsum("ik,ij,jk->k", slopes, np.linalg.inv(information), slopes)
        variance = np.diag(covariance)
        freedom = 2 * variance**2 / doubt
        return Fit(
            values, spread, np.sqrt(variance), np.where(freedom < LEAST_FREEDOM, np.nan, freedom),
            np.array([*(np.maximum(ratios, 0) * sigma), sigma]),
        )  # fmt: skip
