"""Distances on the globe, for all calls and all stations at once."""

import numpy as np
from numpy.typing import NDArray

EARTH_RADIUS_KM = 6371.0088  # mean radius, IUGG
CHUNK = 20_000

Degrees = NDArray[np.float64]


def distances_km(latitudes: Degrees, longitudes: Degrees, to_latitudes: Degrees, to_longitudes: Degrees) -> Degrees:
    """Great-circle distances by the haversine formula: one row per point, one column per destination."""
    latitude, longitude = np.radians(latitudes)[:, None], np.radians(longitudes)[:, None]
    to_latitude, to_longitude = np.radians(to_latitudes)[None, :], np.radians(to_longitudes)[None, :]
    half = (
        np.sin((to_latitude - latitude) / 2) ** 2
        + np.cos(latitude) * np.cos(to_latitude) * np.sin((to_longitude - longitude) / 2) ** 2
    )
    result: Degrees = 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.clip(half, 0, 1)))
    return result


def nearest(
    latitudes: Degrees, longitudes: Degrees, to_latitudes: Degrees, to_longitudes: Degrees
) -> tuple[NDArray[np.intp], Degrees]:
    """For each point the index of the nearest destination (the first of equals) and how many kilometres it is away."""
    indices = np.empty(len(latitudes), dtype=np.intp)
    kilometres = np.empty(len(latitudes), dtype=np.float64)
    for start in range(0, len(latitudes), CHUNK):
        part = slice(start, start + CHUNK)
        table = distances_km(latitudes[part], longitudes[part], to_latitudes, to_longitudes)
        indices[part] = table.argmin(axis=1)
        kilometres[part] = table.min(axis=1)
    return indices, kilometres
