"""Arrays as the policy's functions take them: broadcast, finite, and refused with the name of what is wrong."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

# What a stock may grow to where nothing limits it: as an answer, "no cap".
NO_CAP = int(np.iinfo(np.int64).max)


def numbers(
    name: str,
    values: npt.ArrayLike,
    *,
    least: float = 0.0,
    above: float | None = None,
    below: float = np.inf,
    may_be_endless: bool = False,
) -> Floats:
    """``values`` as floats. ``ValueError`` for NaN, and for what is under ``least``, not over ``above``, or not
    under ``below``; infinity only where it has a meaning."""
    found = np.asarray(values, dtype=np.float64)
    if np.isnan(found).any():
        raise ValueError(f"{name} holds NaN.")
    if not may_be_endless and np.isinf(found).any():
        raise ValueError(f"{name} must be finite.")
    if above is not None and (found <= above).any():
        raise ValueError(f"{name} must be above {above:g}.")
    if (found < least).any():
        raise ValueError(f"{name} must be at least {least:g}.")
    if below < np.inf and (found >= below).any():
        raise ValueError(f"{name} must be below {below:g}.")
    return found


def together(*arrays: Floats) -> tuple[tuple[int, ...], list[Floats]]:
    """The common shape, and every array stretched to it and laid flat."""
    try:
        stretched = np.broadcast_arrays(*arrays)
    except ValueError as error:
        shapes = ", ".join(str(array.shape) for array in arrays)
        raise ValueError(f"These shapes do not go together: {shapes}.") from error
    return stretched[0].shape, [np.ascontiguousarray(array).ravel() for array in stretched]
