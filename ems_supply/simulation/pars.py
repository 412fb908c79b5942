"""Par levels from expected use: how much a shelf needs until help comes, and a safety for bad luck.

Use is taken as Poisson, so that its variance equals its mean. Over ``cover`` days, the review and the lead time, a
shelf needs the mean and ``SAFETY`` standard deviations of it: that is the minimum, and never fewer than two, one to
use and one to spare. The par adds the mean use of one review, in whole issue packs.
"""

import numpy as np
from numpy.typing import NDArray

SAFETY = 2.33  # 99 of 100 normal deviates are below: stock-outs at most 1 % of lines is the field's benchmark
LEAST = 2

Numbers = NDArray[np.float64]
Units = NDArray[np.int64]


def par_levels(per_day: Numbers, issue_packs: Units, *, review_days: int, lead_days: int) -> tuple[Units, Units]:
    """Pars and minimums, in base units, for a use per day. Zero for what is not used."""
    mean = per_day * (review_days + lead_days)
    minimum = np.maximum(np.ceil(mean + SAFETY * np.sqrt(mean)), LEAST)
    wanted = minimum + np.maximum(np.ceil(per_day * review_days), 1)
    par = np.ceil(wanted / issue_packs) * issue_packs
    is_used = per_day > 0
    return np.where(is_used, par, 0).astype(np.int64), np.where(is_used, minimum, 0).astype(np.int64)
