"""The map of each window: all its countries, inside the drawing, none covering another, on land."""

from itertools import combinations
from math import dist

import pytest

from windows import directory, mapping
from windows.directory import Window

WINDOWS = directory.all_windows()


def map_of(window: Window) -> mapping.Map:
    own = [directory.get_country(code) for code in window.countries]
    return mapping.draw(own, [country for country in directory.all_countries() if country.code not in window.countries])


@pytest.mark.parametrize("window", WINDOWS, ids=[window.code for window in WINDOWS])
def test_a_map_shows_every_country_of_its_window_and_none_covers_another(window: Window) -> None:
    drawn = map_of(window)
    assert {dot.country.code for dot in drawn.dots if dot.is_own} == set(window.countries)
    for dot in drawn.dots:
        assert 25 <= dot.x <= mapping.WIDTH - 25
        assert 25 <= dot.y <= mapping.HEIGHT - 25
    for one, other in combinations(drawn.dots, 2):
        assert dist((one.x, one.y), (other.x, other.y)) >= mapping.CLOSE


@pytest.mark.parametrize("window", WINDOWS, ids=[window.code for window in WINDOWS])
def test_every_capital_lies_by_land_and_not_all_is_land(window: Window) -> None:
    drawn = map_of(window)
    for dot in drawn.dots:
        assert min(dist((dot.x, dot.y), place) for place in drawn.land) < 4 * mapping.GRAIN, dot.country.code
    places = (mapping.WIDTH // mapping.GRAIN) * (mapping.HEIGHT // mapping.GRAIN)
    assert places * 0.05 < len(drawn.land) < places * 0.8


def test_north_is_up_and_east_is_right() -> None:
    at = {dot.country.code: dot for dot in map_of(directory.get_window("belt_and_road")).dots}
    assert at["RU"].y < at["KZ"].y < at["ZA"].y
    assert at["EG"].x < at["IN"].x < at["PH"].x
