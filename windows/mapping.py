"""A map of dots: where the countries of a window lie to each other, without any border.

Equirectangular (plate carrée): degrees are lengths, shortened east to west at the middle of the map.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, radians

from windows.directory import Country

WIDTH, HEIGHT = 1000, 520
MARGIN = 70
LEAST_DEGREES = 24.0
CLOSE = 46  # two dots nearer than this would cover each other
SHIFTS = ((0, 0), (0, -1), (1, 0), (0, 1), (-1, 0), (1, -1), (-1, -1), (1, 1), (-1, 1))


@dataclass(frozen=True, slots=True)
class Dot:
    """A country on the map: where it stands in the drawing, and whether it belongs to the window."""

    country: Country
    x: int
    y: int
    is_own: bool


def draw(own: Sequence[Country], others: Sequence[Country]) -> tuple[Dot, ...]:
    """Return the dots of a map that shows all `own` countries and those `others` that lie between them."""
    longitudes, latitudes = zip(*(country.position for country in own), strict=True)
    middle = (min(longitudes) + max(longitudes)) / 2, (min(latitudes) + max(latitudes)) / 2
    shortening = max(0.4, cos(radians(middle[1])))
    wide = max((max(longitudes) - min(longitudes)) * shortening, LEAST_DEGREES)
    high = max(max(latitudes) - min(latitudes), LEAST_DEGREES * HEIGHT / WIDTH)
    scale = min((WIDTH - 2 * MARGIN) / wide, (HEIGHT - 2 * MARGIN) / high)
    dots: list[Dot] = []
    for country, is_own in [(one, True) for one in own] + [(one, False) for one in others]:
        x = WIDTH / 2 + (country.position[0] - middle[0]) * shortening * scale
        y = HEIGHT / 2 - (country.position[1] - middle[1]) * scale
        if is_own or (MARGIN / 2 < x < WIDTH - MARGIN / 2 and MARGIN / 2 < y < HEIGHT - MARGIN / 2):
            dots.append(Dot(country, *_beside(dots, round(x), round(y)), is_own))
    return tuple(dots)


def _beside(dots: Sequence[Dot], x: int, y: int) -> tuple[int, int]:
    """A place at or next to (x, y) that covers no dot."""
    for ring in range(1, 6):
        for right, down in SHIFTS:
            here = x + right * CLOSE * ring, y + down * CLOSE * ring
            if all((dot.x - here[0]) ** 2 + (dot.y - here[1]) ** 2 >= CLOSE**2 for dot in dots):
                return here
    return x, y
