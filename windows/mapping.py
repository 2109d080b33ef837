"""A map of dots: where the countries of a window lie to each other, on land drawn without any border.

Equirectangular (plate carrée): degrees are lengths, shortened east to west at the middle of the map. `land.png` is
white where there is land, a pixel for each half degree from 180° W and 90° N on (Natural Earth, 1:50m land, public
domain).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from math import cos, radians, sin, tau
from pathlib import Path

from PIL import Image

from windows.directory import Country

LAND = Path(__file__).parent / "land.png"
PIXELS_PER_DEGREE = 2
WIDTH, HEIGHT = 1000, 520
MARGIN = 70
LEAST_DEGREES = 24.0
CLOSE = 47  # two countries nearer than this would cover each other
GRAIN = 13  # from one dot of land to the next


@dataclass(frozen=True, slots=True)
class Dot:
    """A country on the map: where it stands in the drawing, and whether it belongs to the window."""

    country: Country
    x: int
    y: int
    is_own: bool


@dataclass(frozen=True, slots=True)
class Map:
    """A drawing of WIDTH by HEIGHT: places of land, GRAIN from each other, and countries."""

    land: tuple[tuple[int, int], ...]
    dots: tuple[Dot, ...]


@dataclass(frozen=True, slots=True)
class View:
    """What part of the earth is seen: the degrees in the middle, and units of the drawing for a degree each way."""

    longitude: float
    latitude: float
    eastward: float
    northward: float

    def place(self, longitude: float, latitude: float) -> tuple[int, int]:
        """Where a point stands in the drawing."""
        x = WIDTH / 2 + (longitude - self.longitude) * self.eastward
        return round(x), round(HEIGHT / 2 - (latitude - self.latitude) * self.northward)

    def look(self, x: int, y: int) -> tuple[float, float]:
        """The longitude and latitude of a place of the drawing."""
        longitude = self.longitude + (x - WIDTH / 2) / self.eastward
        return longitude, self.latitude - (y - HEIGHT / 2) / self.northward


def draw(own: Sequence[Country], others: Sequence[Country]) -> Map:
    """Return a map that shows all `own` countries, and those `others` that lie between them and have room."""
    view = _view([country.position for country in own])
    dots: list[Dot] = []
    for country in own:
        dots.append(Dot(country, *_free_place(dots, *view.place(*country.position)), is_own=True))
    for country in others:
        x, y = view.place(*country.position)
        if MARGIN / 2 < x < WIDTH - MARGIN / 2 and MARGIN / 2 < y < HEIGHT - MARGIN / 2 and _is_free(dots, x, y):
            dots.append(Dot(country, x, y, is_own=False))
    return Map(tuple(_land(view)), tuple(dots))


def _view(positions: Sequence[tuple[int, int]]) -> View:
    longitudes, latitudes = zip(*positions, strict=True)
    west, east, south, north = min(longitudes), max(longitudes), min(latitudes), max(latitudes)
    shortening = max(0.4, cos(radians((south + north) / 2)))
    wide = max((east - west) * shortening, LEAST_DEGREES)
    high = max(north - south, LEAST_DEGREES * HEIGHT / WIDTH)
    scale = min((WIDTH - 2 * MARGIN) / wide, (HEIGHT - 2 * MARGIN) / high)
    return View((west + east) / 2, (south + north) / 2, shortening * scale, scale)


@cache
def _is_land() -> tuple[tuple[bool, ...], ...]:
    with Image.open(LAND) as image:
        wide, _ = image.size
        pixels = [bool(pixel) for pixel in image.convert("L").tobytes()]
    return tuple(tuple(pixels[at : at + wide]) for at in range(0, len(pixels), wide))


def _land(view: View) -> Iterator[tuple[int, int]]:
    rows = _is_land()
    for y in range(GRAIN // 2, HEIGHT, GRAIN):
        for x in range(GRAIN // 2, WIDTH, GRAIN):
            longitude, latitude = view.look(x, y)
            row = int((90 - latitude) * PIXELS_PER_DEGREE)
            if 0 <= row < len(rows) and rows[row][int((longitude + 180) * PIXELS_PER_DEGREE) % len(rows[row])]:
                yield x, y


def _free_place(dots: Sequence[Dot], x: int, y: int) -> tuple[int, int]:
    """The place nearest to (x, y) that covers no dot."""
    for far in range(0, 4 * CLOSE, 4):
        for turn in range(16):
            here = x + round(far * cos(turn / 16 * tau)), y + round(far * sin(turn / 16 * tau))
            if _is_free(dots, *here):
                return here
    return x, y


def _is_free(dots: Sequence[Dot], x: int, y: int) -> bool:
    return all((dot.x - x) ** 2 + (dot.y - y) ** 2 >= CLOSE**2 for dot in dots)
