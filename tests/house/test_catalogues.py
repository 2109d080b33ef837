"""Every word of the hall is in the catalogues, and every catalogue is safe to show."""

import ast
import gettext
import io
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from flask import Flask

from hall import catalogues
from hall.catalogues import PLACES, SOURCE_LOCALE
from hall.languages import LANGUAGES
from hall.settings import HOUSE

LOCALES = catalogues.all_locales()
MARKERS = set(catalogues.KEYWORDS)


@pytest.fixture(scope="module")
def template() -> Catalog:
    return catalogues.gather()


def catalogue_with(msgid: str | tuple[str, str], msgstr: str | tuple[str, ...]) -> Catalog:
    catalogue = Catalog(locale="zh_Hans")
    catalogue.add(msgid, msgstr)
    return catalogue


def faults(msgid: str | tuple[str, str], msgstr: str | tuple[str, ...]) -> list[str]:
    return [fault.what for fault in catalogues.faults_of(catalogue_with(msgid, msgstr), "zh_Hans")]


def message(catalogue: Catalog, msgid: str) -> Message:
    found = catalogue.get(msgid)
    assert found is not None
    return found


# The catalogues of the repository


def test_every_language_of_the_hall_has_a_catalogue_and_no_other() -> None:
    assert set(LOCALES) == {language.locale for language in LANGUAGES}


def test_the_hall_has_words_of_every_kind_of_source(template: Catalog) -> None:
    kinds = {Path(file).suffix for message in template for file, _ in message.locations}
    assert {".py", ".toml", ".html"} <= kinds


@pytest.mark.parametrize("locale", LOCALES)
def test_a_catalogue_holds_exactly_what_the_sources_say(locale: str, template: Catalog) -> None:
    assert not list(map(str, catalogues.differences(template, catalogues.read(locale), locale)))


@pytest.mark.parametrize("locale", LOCALES)
def test_a_catalogue_is_complete(locale: str) -> None:
    assert not list(map(str, catalogues.gaps_of(catalogues.read(locale), locale)))


@pytest.mark.parametrize("locale", LOCALES)
def test_a_catalogue_is_safe_to_show(locale: str) -> None:
    assert not list(map(str, catalogues.faults_of(catalogues.read(locale), locale)))


@pytest.mark.parametrize("locale", LOCALES)
def test_the_compiled_catalogue_says_what_the_catalogue_says(locale: str) -> None:
    path = catalogues.catalogue_path(locale).with_suffix(".mo")
    assert path.exists(), "run make catalogues"
    content = path.read_bytes()
    assert content == catalogues.compiled(catalogues.read(locale)), "run make catalogues"

    spoken = gettext.GNUTranslations(io.BytesIO(content))
    for message in catalogues.read(locale):
        if isinstance(message.id, str) and message.id and message.string:
            assert spoken.gettext(message.id) == message.string


def test_no_translated_sentence_is_built_with_braces_or_parts() -> None:
    """An f-string, `+` or `%` inside the marker gives a msgid no catalogue has; `.format` would show internals."""
    wrong = []
    for place in PLACES:
        for path in sorted((HOUSE / place).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and is_wrongly_built(node):
                    wrong.append(f"{path.relative_to(HOUSE)}:{node.lineno}")
    assert not wrong


def is_marker(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MARKERS


def is_wrongly_built(call: ast.Call) -> bool:
    if is_marker(call):
        return any(isinstance(argument, ast.JoinedStr | ast.BinOp) for argument in call.args)
    return isinstance(call.func, ast.Attribute) and call.func.attr == "format" and is_marker(call.func.value)


@pytest.mark.parametrize(
    ("source", "wrong"),
    [
        ("gettext(f'{a} cases')", True),
        ("gettext('%s cases' % a)", True),
        ("gettext('a {b}').format(b=1)", True),
        ("gettext('%(a)s cases') % {'a': 1}", False),
        ("'{a}'.format(a=1)", False),
    ],
)
def test_a_wrongly_built_sentence_is_recognised(source: str, *, wrong: bool) -> None:
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    assert any(is_wrongly_built(call) for call in calls) is wrong


def test_templates_are_read_by_the_tools_as_by_the_application(app: Flask) -> None:
    """Else a sentence over two lines is looked up under another msgid than the one that was gathered."""
    read = {
        "trimmed": app.jinja_env.policies["ext.i18n.trimmed"],
        "newstyle_gettext": app.jinja_env.newstyle_gettext,  # type: ignore[attr-defined]
        "trim_blocks": app.jinja_env.trim_blocks,
        "lstrip_blocks": app.jinja_env.lstrip_blocks,
    }
    for options in catalogues.OPTIONS.values():
        assert read == {name: options[name] == "true" for name in read}


# What the gate refuses


def test_a_faithful_translation_passes() -> None:
    assert faults("<b>%(name)s</b> is called", "<b>%(name)s</b>，请到窗口") == []


def test_a_placeholder_may_not_be_lost_renamed_or_doubled() -> None:
    for text in ("请到窗口", "%(nome)s，请到窗口", "%(name)s，%(name)s，请到窗口"):
        assert "its placeholders differ from the English" in faults("%(name)s is called", text)


def test_a_language_without_plural_forms_says_the_sentence_with_the_number() -> None:
    both = ("One case", "%(num)d cases")
    assert faults(both, ("%(num)d 个案件",)) == []
    assert faults(both, ("一个案件",)) == ["its placeholders differ from the English"]


@pytest.mark.parametrize(
    "text",
    ["<img src=x onerror=alert(1)>窗口", "<b onclick=x>窗口</b>", "<script>窗口", "窗口<img src=x "],
)
def test_markup_that_the_english_does_not_have_is_refused(text: str) -> None:
    assert "it brings in markup that the English does not have" in faults("<b>Window</b>", text)


@pytest.mark.parametrize("character", ["\u202e", "\u2066", "\u200b", "\ufeff", "\x00", "\x1b", "\x85", "\u2028"])
def test_an_invisible_character_is_refused(character: str) -> None:
    assert "it holds an invisible or control character" in faults("Window", f"窗{character}口")


@pytest.mark.parametrize("character", ["\n", "\u200c", "\u200d", "\u200f"])
def test_a_character_that_honest_writing_needs_is_allowed(character: str) -> None:
    assert faults("Window", f"窗{character}口") == []


@pytest.mark.parametrize("text", ["50% 的案件", "50%% 的案件", "100 %"])
def test_a_bare_percent_sign_is_refused(text: str) -> None:
    assert "it holds a percent sign: give it as a parameter" in faults("Half of the cases", text)


def test_a_brace_is_refused() -> None:
    assert "it holds a brace: placeholders are %(name)s, never str.format" in faults("Window", "窗口{0.__class__}")


def test_a_fault_in_the_english_itself_is_found() -> None:
    assert faults("{name} is called", "")
    assert faults("50% of all", "")


def test_a_gap_and_a_guess_are_found() -> None:
    catalogue = catalogue_with("Window", "")
    catalogue.add("Ticket", "号票", flags=["fuzzy"])
    assert {fault.what for fault in catalogues.gaps_of(catalogue, "zh_Hans")} == {"not translated", "only a guess"}


def test_english_has_no_second_wording() -> None:
    assert list(catalogues.gaps_of(catalogue_with("Window", "Counter"), SOURCE_LOCALE))
    assert not list(catalogues.gaps_of(catalogue_with("Window", ""), SOURCE_LOCALE))


def test_a_missing_and_an_unused_message_are_found() -> None:
    new, old = catalogue_with("Window", ""), catalogue_with("Counter", "柜台")
    found = {(fault.message, fault.what) for fault in catalogues.differences(new, old, "zh_Hans")}
    assert found == {
        ("Window", "missing, run make catalogues"),
        ("Counter", "no longer used, run make catalogues"),
    }


# The tools


def test_toml_gives_its_messages_with_their_lines() -> None:
    source = """
# name = "a comment"
code = "eu"
name = "European Union"
alpha3 = "name"

[[questions]]
id = "role"
label = 'Which side are you on?'
hint = \"\"\"
Two
lines\"\"\"
options.claim.label = "We claim"
options.accused = { label = "We are accused", value = "title" }
text = ["First.", "Second \\u2013 third."]
"""
    found = catalogues.extract_toml(io.BytesIO(source.encode()), {}, (), {})
    assert {(message, line) for line, _, message, _ in found} == {
        ("European Union", 4),
        ("Which side are you on?", 9),
        ("Two\nlines", 10),
        ("We claim", 13),
        ("We are accused", 14),
        ("First.", 15),
        ("Second \u2013 third.", 15),
    }


def test_an_update_keeps_translations_and_guesses_nothing(tmp_path: Path) -> None:
    first, second = Catalog(), Catalog()
    first.add("Take a number")
    first.add("Call the next one")
    second.add("Take a number")
    second.add("Call the next ones")
    catalogue = catalogues.update("zh_Hans", first, tmp_path)
    message(catalogue, "Take a number").string = "取号"
    message(catalogue, "Call the next one").string = "叫号"
    catalogues.write(catalogue, "zh_Hans", tmp_path)

    catalogues.update("zh_Hans", second, tmp_path)

    again = catalogues.read("zh_Hans", tmp_path)
    assert message(again, "Take a number").string == "取号"
    assert message(again, "Call the next ones").string == ""
    assert "Call the next one" not in again
    assert not again.obsolete


def test_an_update_with_nothing_new_changes_no_byte(tmp_path: Path) -> None:
    template = catalogue_with("Window", "")
    catalogues.update("en", template, tmp_path)
    before = catalogues.catalogue_path("en", tmp_path).read_bytes()
    catalogues.update("en", template, tmp_path)
    assert catalogues.catalogue_path("en", tmp_path).read_bytes() == before


def test_a_faulty_catalogue_is_not_compiled_and_the_last_good_one_stays(tmp_path: Path) -> None:
    catalogues.write(catalogue_with("Window", "窗口"), "zh_Hans", tmp_path)
    assert catalogues.compile_all(tmp_path) == []
    compiled = catalogues.catalogue_path("zh_Hans", tmp_path).with_suffix(".mo")
    good = compiled.read_bytes()

    catalogues.write(catalogue_with("Window", "<script>窗口"), "zh_Hans", tmp_path)

    assert [fault.message for fault in catalogues.compile_all(tmp_path)] == ["Window"]
    assert compiled.read_bytes() == good


def test_an_unknown_command_is_refused_with_the_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert catalogues.main(["publish"]) == 2
    assert "update|compile|check" in capsys.readouterr().err
