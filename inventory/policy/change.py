"""Hysteresis: whether a new par differs enough from today's to ask a person about it."""

import numpy as np
import numpy.typing as npt

from inventory.policy.outlook import Outlook

LEAST_SHARE = 0.1


def is_worth_proposing(
    par: npt.ArrayLike,
    todays_par: npt.ArrayLike,
    expected: Outlook,
    todays: Outlook,
    *,
    fill_floor: npt.ArrayLike,
    least_par: npt.ArrayLike = 0,
    least_saving: float = 1.0,
) -> npt.NDArray[np.bool_]:
    """Whether each pair's new par is worth a person's look.

    It is when today's par is under the mandated least, when today's fill is under the class's floor and the new one is
    better, or when the par differs by a tenth (one unit at least) and a year costs less by ``least_saving`` or more.
    Recomputed each 28 days, so a par at the edge between two values does not come back each time.
    """
    new, old = np.asarray(par), np.asarray(todays_par)
    differs = np.abs(new - old) >= np.maximum(1, np.ceil(LEAST_SHARE * old))
    mandated = old < np.asarray(least_par)
    unsafe = (todays.fill < np.asarray(fill_floor)) & (expected.fill > todays.fill + 1e-6)
    saves = todays.cost - expected.cost >= least_saving
    return np.asarray((new != old) & (mandated | unsafe | (differs & saves)))
