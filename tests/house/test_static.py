"""What the pages load: nothing from elsewhere, nothing inline, nothing unused, and colours that can be read."""

import hashlib
import re
import tomllib
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from hall.settings import HOUSE

STATIC = HOUSE / "static"
VENDOR = STATIC / "vendor"
PACKAGES: list[dict[str, Any]] = tomllib.loads((VENDOR / "vendor.toml").read_text(encoding="utf-8"))["package"]
STYLES = sorted((STATIC / "css").glob("*.css"))
SCRIPTS = sorted((STATIC / "js").glob("*.js"))
# Books are printed by their own press, which loads nothing at all.
TEMPLATES = sorted(chain((HOUSE / "hall" / "templates").rglob("*.html"), (HOUSE / "windows").rglob("*.html")))
OWN_ICON = "hall"

JINJA_COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
JINJA = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
ICON_NAMED = re.compile(r"""(?:\bicon\(\s*|\bicon_name\s*=\s*)['"]([a-z0-9-]+)['"]""")
QUOTED = re.compile(r"""['"]([a-z0-9]+(?:-[a-z0-9]+)*)['"]""")
COMMENT_IN_CSS = re.compile(r"/\*.*?\*/", re.DOTALL)
COMMENT_IN_JS = re.compile(r"/\*.*?\*/|(?m:^\s*//.*$)", re.DOTALL)
OUTSIDE = re.compile(r"""(?:https?:|wss?:)?//(?!www\.w3\.org/)[a-z0-9-]+\.[a-z]""", re.IGNORECASE)
INLINE_HANDLER = re.compile(r"\s(?:on[a-z]+|style)\s*=", re.IGNORECASE)
SCRIPT_WITH_BODY = re.compile(r"<script(?![^>]*\bsrc=)[^>]*>|<style\b", re.IGNORECASE)
# A physical side, where the writing may run the other way. `border-width: 0 a a 0` draws a tick and is not a side.
PHYSICAL = re.compile(
    r"(?<![\w-])(?:(?:margin|padding|border|inset|scroll-margin|scroll-padding)-(?:left|right|top|bottom)[\w-]*"
    r"|(?:left|right|top|bottom|width|height|(?:min|max)-(?:width|height))\s*(?=:)"
    r"|(?:text-align|float|clear)\s*:\s*(?:left|right))"
)
QUERY = re.compile(r"@(?:media|container)[^{]*\{")
COLOUR = re.compile(r"#[0-9a-f]{3,8}\b|\b(?:rgb|hsl|hwb|lab|lch|oklab|oklch)a?\(", re.IGNORECASE)
TOKEN = re.compile(r"--([\w-]+):\s*(#[0-9a-f]{6})\s*;")

# Inks without a ground of their own name, and the grounds they stand on (WCAG 2.2, 1.4.3: 4.5 to 1).
TEXT_ON = {
    "ink-soft": ("paper", "card", "sunken"),
    "link": ("paper", "card", "action-soft"),
    "danger": ("paper", "card"),
    "action": ("card", "action-soft"),
    "eu": ("paper", "card"),
    "us": ("paper", "card"),
    "japan": ("paper", "card"),
    "korea": ("paper", "card"),
    "belt": ("paper", "card"),
    "red-lane": ("paper", "card"),
    "night": ("on-night",),
    "board-soft": ("board", "board-row"),
}
# Lines and marks that say something (1.4.11: 3 to 1).
MARK_ON = {"line-strong": ("card", "paper"), "action": ("card",), "good": ("card",), "focus": ("focus-halo", "paper")}


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def markup_of(path: Path) -> str:
    """A template without its comments."""
    return JINJA_COMMENT.sub("", text_of(path))


def sprite() -> dict[str, str]:
    """The symbols of the sprite by their ids."""
    root = ElementTree.parse(STATIC / "icons.svg").getroot()  # our own file
    return {symbol.attrib["id"]: symbol.attrib["viewBox"] for symbol in root}


def words_of_templates() -> tuple[set[str], set[str]]:
    """Icons that a template surely names, and every quoted word that may be one."""
    named, quoted = set(), set()
    for path in TEMPLATES:
        for block in JINJA.findall(markup_of(path)):
            named.update(ICON_NAMED.findall(block))
            quoted.update(QUOTED.findall(block))
    return named, quoted


def luminance(colour: str) -> float:
    """Relative luminance of '#rrggbb' (WCAG 2.2)."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, 1 to 21 (WCAG 2.2)."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def block_of(source: str, head: str) -> str:
    """What stands in the braces behind `head`."""
    start = source.index(head) + len(head)
    depth = 1
    for at in range(start, len(source)):
        depth += {"{": 1, "}": -1}.get(source[at], 0)
        if depth == 0:
            return source[start:at]
    raise AssertionError(head)


def themes() -> dict[str, dict[str, str]]:
    source = COMMENT_IN_CSS.sub("", text_of(STATIC / "css" / "tokens.css"))
    plain = dict(TOKEN.findall(block_of(source, ":root {")))
    high = plain | dict(TOKEN.findall(block_of(source, ".contrast-high {")))
    return {"plain": plain, "high": high}


def pairs(theme: dict[str, str]) -> Iterator[tuple[str, str, float]]:
    """Every ink, its ground, and the contrast that it needs."""
    for ink in theme:
        if ink.startswith("on-"):
            yield ink, ink.removeprefix("on-"), 4.5
    for least, table in ((4.5, TEXT_ON), (3.0, MARK_ON)):
        for ink, grounds in table.items():
            yield from ((ink, ground, least) for ground in grounds)


def physical_sides(source: str) -> list[str]:
    return PHYSICAL.findall(QUERY.sub("", COMMENT_IN_CSS.sub("", source)))


# Others' work


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: str(package["name"]))
def test_a_vendored_package_is_named_with_version_integrity_and_licence(package: dict[str, Any]) -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+", package["version"])
    assert re.fullmatch(r"sha512-[A-Za-z0-9+/]{86}==", package["integrity"])
    assert len(text_of(STATIC / package["licence_file"])) > 300
    assert (STATIC / package["file"]).exists()


@pytest.mark.parametrize("package", [one for one in PACKAGES if "sha256" in one], ids=lambda one: str(one["name"]))
def test_a_vendored_file_is_the_one_that_was_taken_in(package: dict[str, Any]) -> None:
    assert hashlib.sha256((STATIC / package["file"]).read_bytes()).hexdigest() == package["sha256"]


def test_nothing_lies_among_the_vendored_files_unnamed() -> None:
    named = {"vendor/vendor.toml"}
    named.update(*((package["file"], package["licence_file"]) for package in PACKAGES))
    assert {path.relative_to(STATIC).as_posix() for path in VENDOR.rglob("*") if path.is_file()} <= named
    unhashed = {package["name"] for package in PACKAGES if "sha256" not in package}
    assert unhashed == {"bootstrap-icons"}


# Nothing from elsewhere, nothing inline


def test_no_page_loads_anything_from_elsewhere() -> None:
    sources = {path: markup_of(path) for path in TEMPLATES}
    sources |= {path: COMMENT_IN_CSS.sub("", text_of(path)) for path in STYLES}
    sources |= {path: COMMENT_IN_JS.sub("", text_of(path)) for path in SCRIPTS}
    assert {path.name: found for path, source in sources.items() if (found := OUTSIDE.findall(source))} == {}


@pytest.mark.parametrize(
    "source", ["https://cdn.example.org/a.js", "url(//fonts.example.com/x)", "new WebSocket('wss://a.example.org')"]
)
def test_an_address_elsewhere_is_noticed(source: str) -> None:
    assert OUTSIDE.search(source)


def test_no_template_holds_an_inline_style_or_script() -> None:
    for path in TEMPLATES:
        tags = re.findall(r"<[a-z!][^<]*>", JINJA.sub("", markup_of(path)), re.IGNORECASE)
        assert [tag for tag in tags if INLINE_HANDLER.search(tag)] == [], path
        assert SCRIPT_WITH_BODY.search(markup_of(path)) is None, path


@pytest.mark.parametrize("tag", ['<p style="x">', "<a\n onclick='x()'>", "<body ONLOAD=x>"])
def test_an_inline_attribute_is_noticed(tag: str) -> None:
    assert INLINE_HANDLER.search(tag)


def test_no_script_writes_code_or_styles_at_run_time_or_keeps_more_than_a_count() -> None:
    # How many turns a terminal has had is all that a browser keeps of the hall.
    forbidden = re.compile(
        r"\beval\(|new Function|\.style\b|cssText|document\.write|localStorage|cookie"
        r"|sessionStorage(?!\.[gs]etItem\(\"turn\")"
    )
    assert {path.name: found for path in SCRIPTS if (found := forbidden.findall(text_of(path)))} == {}


def test_every_static_file_that_a_template_names_exists() -> None:
    named = {name for path in TEMPLATES for name in re.findall(r"static_url\('([^']+)'\)", markup_of(path))}
    assert named
    assert [name for name in sorted(named) if not (STATIC / name).is_file()] == []


# Icons


def test_every_icon_that_a_template_names_is_in_the_sprite() -> None:
    named, _ = words_of_templates()
    assert named - set(sprite()) == set()


def test_every_icon_of_the_sprite_is_used() -> None:
    _, quoted = words_of_templates()
    assert set(sprite()) - quoted - {OWN_ICON} == set()


# Colours and sides


@pytest.mark.parametrize("theme", ["plain", "high"])
def test_every_ink_can_be_read_on_its_ground(theme: str) -> None:
    colours = themes()[theme]
    weak = {
        f"{ink} on {ground}": round(contrast(colours[ink], colours[ground]), 2)
        for ink, ground, least in pairs(colours)
        if contrast(colours[ink], colours[ground]) < least
    }
    assert weak == {}


def test_high_contrast_is_seven_to_one() -> None:
    colours = themes()["high"]
    weak = {
        f"{ink} on {ground}": round(contrast(colours[ink], colours[ground]), 2)
        for ink, ground, least in pairs(colours)
        if least > 3 and contrast(colours[ink], colours[ground]) < 7
    }
    assert weak == {}


def test_contrast_is_counted_as_the_standard_says() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_the_system_s_wish_for_contrast_gives_the_same_colours_as_the_switch() -> None:
    source = COMMENT_IN_CSS.sub("", text_of(STATIC / "css" / "tokens.css"))
    wished = block_of(block_of(source, "@media (prefers-contrast: more) {"), ":root {")
    assert wished.split() == block_of(source, ".contrast-high {").split()


def test_only_the_tokens_name_colours() -> None:
    others = [path for path in STYLES if path.name != "tokens.css"]
    assert {path.name: found for path in others if (found := COLOUR.findall(text_of(path)))} == {}


def test_styles_know_no_left_and_right() -> None:
    assert {path.name: found for path in STYLES if (found := physical_sides(text_of(path)))} == {}


@pytest.mark.parametrize("rule", ["margin-left: 1px", "a { left: 0 }", "text-align: right", "max-width: 3rem"])
def test_a_physical_side_is_noticed(rule: str) -> None:
    assert physical_sides(rule)
