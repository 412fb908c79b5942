"""What a par and its minimum lead to: fill, stock, waste, order lines and their cost a year."""

from dataclasses import dataclass, fields
from typing import Self

import numpy as np
import numpy.typing as npt

from inventory.policy.checks import Floats, Whole

YEAR = 365.0
Which = npt.NDArray[np.intp] | npt.NDArray[np.bool_] | slice


@dataclass(frozen=True)
class Rows:
    """Columns of one length, one row per pair. Scalars are stretched by ``stretched``."""

    def taken(self, of: Which) -> Self:
        """These rows only."""
        return type(self)(**{field.name: getattr(self, field.name)[of] for field in fields(self)})

    def stretched(self, size: int) -> Self:
        """Every column as an array of ``size`` rows."""
        columns = {field.name: np.broadcast_to(getattr(self, field.name), (size,)) for field in fields(self)}
        return type(self)(**columns)

    def put(self, of: Which, rows: Self) -> None:
        """Write ``rows`` into these rows."""
        for field in fields(self):
            getattr(self, field.name)[of] = getattr(rows, field.name)

    @property
    def size(self) -> int:
        return rows_in_common(*(np.size(getattr(self, field.name)) for field in fields(self)))


def rows_in_common(*sizes: int) -> int:
    """How many rows columns of these sizes have together; one row goes with any. ``ValueError`` where they disagree."""
    several = {size for size in sizes if size != 1}
    if len(several) > 1:
        raise ValueError(f"Columns of {' and '.join(map(str, sorted(several)))} rows do not go together.")
    return several.pop() if several else 1


@dataclass(frozen=True)
class Demand(Rows):
    """What each pair is expected to use.

    ``mean_per_day``: units a day, 0 or more. ``vmr``: variance ÷ mean of a day's use, 1 or more. ``doubt``: the squared
    coefficient of variation of the mean itself, 0 where it is known; over T days the variance is then
    vmr·m·T + doubt·(m·T)², which is again negative binomial (a gamma mixture, as in Silver and Rahnama 1986).
    """

    mean_per_day: Floats
    vmr: Floats
    doubt: Floats

    def over(self, days: Floats) -> tuple[Floats, Floats]:
        """Mean and variance-to-mean of what is used in so many days."""
        mean = self.mean_per_day * days
        return mean, self.vmr + self.doubt * mean


@dataclass(frozen=True)
class Terms(Rows):
    """What keeping a pair means. All arrays of one row per pair, or scalars for all of them.

    ``review_days``: between two chances to order, above 0. ``lead_days``: days of use between an order and its
    arrival. ``life_days``: usable days of a fresh unit at the place; infinite where it does not expire. ``unit_cost``,
    ``lost_unit_cost`` (what one unit asked for and not there costs) and ``line_cost`` (to ask for, pick and put away
    one line): in one currency, whatever it is. ``holding_rate``: of the unit cost a year (0.2 = 20 %). ``fill_floor``:
    the least share of units that must be there, from 0 to below 1. ``least_par``: mandated, 0 where nothing is.
    ``most_par``: what the shelf holds; ``NO_CAP`` where it is no limit.
    """

    review_days: Floats
    lead_days: Floats
    life_days: Floats
    unit_cost: Floats
    lost_unit_cost: Floats
    fill_floor: Floats
    least_par: Whole
    most_par: Whole
    holding_rate: Floats
    line_cost: Floats


@dataclass(frozen=True)
class Outlook(Rows):
    """What is to be expected of each pair, on average over the years.

    ``fill``: share of units there when asked for (1 where nothing is asked for). ``stock_units`` and ``stock_value``:
    on the shelf. ``lost_units``, ``waste_units``, ``waste_value``, ``lines`` and ``cost`` (holding + waste + lines +
    lost units): a year.
    """

    fill: Floats
    stock_units: Floats
    stock_value: Floats
    lost_units: Floats
    waste_units: Floats
    waste_value: Floats
    lines: Floats
    cost: Floats
