"""What is put on the pages: periods in words, papers of a market, the time line, chapters that lag behind."""

import re
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from markupsafe import escape

from hall.languages import catalogue
from handbooks import composition, selection, shelf
from handbooks.composition import Pages, Writer
from handbooks.selection import Handbook, Section
from handbooks.wording import Sources
from tests.handbooks.conftest import TODAY, writer_of
from windows import directory, ledger, prose, rulebook
from windows.directory import Source

ALL = (
    *selection.all_handbooks(),
    selection.from_code("de.us.vn-mark-accused-en"),
    selection.from_code("br.mx-zh-hans"),
)


def words_of(markup: str) -> str:
    """The words of a page, without markup."""
    return re.sub(r"<[^>]+>", "", markup)


def section(key: str, place: str = "", *, variant: str = "", language: str = "en") -> str:
    handbook = selection.of_country("US", language)
    return str(writer_of(handbook).section(Section(key, place, variant)).html)


def html_of(handbook: Handbook, writer: Writer | None = None) -> str:
    return composition.compose(handbook, writer or writer_of(handbook))


def period_of(rule_id: str) -> str:
    """The words in the table of deadlines, without markup."""
    words = writer_of(selection.of_country("US", "en")).words
    return words_of(words._period(rulebook.get_rule(rule_id), in_prose=False))


@pytest.mark.parametrize(
    ("rule_id", "words"),
    [
        ("US-ANS-21", "21 days"),
        ("US-IPR-BAR-1Y", "1 year"),
        ("EU-CUS-10", "10 working days"),
        ("DMCA-RESTORE", "10 to 14 working days"),
        ("UPC-PI-MERITS-31", "31 days or 20 working days, whichever is longer; a date printed in the paper wins"),
        ("US-SUBP-OBJ", "14 days or the date printed in the paper, whichever is earlier"),
        ("DE-NOTICE-1M", "1 month; a date printed in the paper wins"),
        ("JP-COMPLAINT", "the date printed in the paper"),
        ("DE-ABMAHN", "the date printed in the paper"),
        ("DE-PI-WIDERSPRUCH", "no fixed time: act at once"),
    ],
)
def test_a_period_is_said_in_words(rule_id: str, words: str) -> None:
    assert period_of(rule_id) == words


def test_a_rule_without_a_source_shows_no_figure() -> None:
    unsourced = [rule for rule in rulebook.all_rules() if not rule.show_date]
    assert unsourced
    for rule in unsourced:
        assert not re.search(r"\d", period_of(rule.id) + rule.extension), rule.id


@pytest.mark.parametrize(("key", "variant"), [("rights_here", "patent"), ("times_here", "")])
def test_a_paper_tells_whether_there_is_more_time(key: str, variant: str) -> None:
    rows = re.findall(r"<tr>\s*<td.*?</tr>", section(key, "TR", variant=variant), re.DOTALL)
    [entry] = [row for row in rows if "Enter the national" in row and "30 months" in row]
    assert "More time: three months more, for an extra fee" in words_of(entry)


def test_a_market_shows_its_papers_and_those_of_its_common_systems() -> None:
    german = words_of(section("accused_here", "DE"))
    assert "UPC statement of claim" in german
    assert "German court claim" in german
    assert "US court summons" not in german
    assert "Japanese complaint" not in german


def test_every_rule_of_a_market_stands_in_its_handbook() -> None:
    for country in directory.all_countries():
        text = words_of(html_of(selection.of_country(country.code, "en")))
        for rule in rulebook.all_rules():
            ended = rule.effective_to is not None and rule.effective_to < country.checked
            if rule.jurisdiction == country.code and rule.kind != "authority_act" and not ended:
                assert str(escape(rule.action)) in text, rule.id


@pytest.mark.parametrize("window", [window.code for window in directory.all_windows()])
def test_a_window_shows_the_papers_of_its_markets_and_what_is_common_once(window: str) -> None:
    handbook = selection.of_window(window, "en")
    text = words_of(html_of(handbook))
    for rule in rulebook.all_rules():
        ended = rule.effective_to is not None and rule.effective_to < directory.get_country("EU").checked
        if rule.jurisdiction in handbook.markets and rule.kind != "authority_act" and not ended:
            assert str(escape(rule.action)) in text, rule.id
    common = "Lodge the statement of defence (and counterclaim for revocation)"
    assert common in {rule.action for rule in rulebook.all_rules() if rule.jurisdiction == "UPC"}
    assert words_of(section("times_here", "EU")).count(common) == 1
    assert common not in words_of(section("times_here", "FR"))


def test_the_papers_of_others_come_before_those_of_the_offices() -> None:
    text = words_of(section("times_here", "SG"))
    assert text.index("Court complaint or summons") < text.index("Publication of somebody else")


def test_a_handbook_tells_how_the_hall_is_reached() -> None:
    reach = (("Telephone", "010-1234567"), ("Address", "1 <Main> Street"))
    told = composition.writer("zh_Hans", catalogue("zh_Hans"), today=TODAY, reach=reach)
    page = str(told.section(Section("contacts")).html)
    assert "电话" in page
    assert "1 &lt;Main&gt; Street" in page
    silent = composition.writer("zh_Hans", catalogue("zh_Hans"), today=TODAY)
    assert "怎样联系本大厅" not in str(silent.section(Section("contacts")).html)


def test_rules_that_have_ended_are_left_out() -> None:
    text = words_of(html_of(selection.of_country("DE", "en")))
    ended = [rule for rule in rulebook.all_rules() if rule.jurisdiction in ("DE", "EP") and rule.effective_to]
    assert ended
    assert not [rule.id for rule in ended if "old" in rule.action and rule.action in text]


@pytest.mark.parametrize("language", shelf.LANGUAGES)
@pytest.mark.parametrize("country", [country.code for country in directory.all_countries()])
def test_both_halves_of_a_market_are_written(country: str, language: str) -> None:
    writer = writer_of(selection.of_country(country, language))
    for key in ("accused", "copied"):
        assert shelf.chapters_for(language, key, country)
        assert len(words_of(writer.section(Section(f"{key}_here", country)).html)) > (400 if language == "en" else 200)


@pytest.mark.parametrize("country", [country.code for country in directory.all_countries()])
def test_the_time_line_is_drawn_to_scale(country: str) -> None:
    facts = directory.get_country(country).facts
    words = writer_of(selection.of_country(country, "en")).words
    drawn = words.lanes(directory.get_country(country), Sources(country))
    has_pct = facts["pct_member"].value is True or country == "EU"  # the European Patent Office is no state
    assert len(drawn) == (3 if has_pct else 2)
    whole = [lane.first_percent + lane.second_percent for lane in drawn]
    assert max(whole) == pytest.approx(100)
    months = [facts[key].value for key in ("priority_tm_design_months", "priority_patent_months")]
    assert whole[0] / whole[1] == pytest.approx(float(str(months[0])) / float(str(months[1])))


@pytest.mark.parametrize(
    ("country", "ways"),
    [
        ("KR", ["direct filing, Madrid or Hague", "direct filing (Paris Convention)"]),
        ("ZA", ["direct filing", "direct filing (Paris Convention)"]),
        ("PH", ["direct filing; trademarks also through Madrid", "direct filing (Paris Convention)"]),
    ],
)
def test_the_time_line_names_only_ways_that_lead_there(country: str, ways: list[str]) -> None:
    place = directory.get_country(country)
    lanes = writer_of(selection.of_country(country, "en")).words.lanes(place, Sources(country))
    assert [lane.way for lane in lanes][:2] == ways
    has_models = place.facts["utility_model_available"].value is True
    assert lanes[1].right == ("Patents and utility models" if has_models else "Patents")


def test_dates_in_facts_are_said_in_words() -> None:
    note = "for marks published since 2025-07-22; 2025-07-222 and 12025-07-22 are no dates"
    assert prose.with_dates(note, lambda day: f"<{day:%d %B %Y}>") == (
        "for marks published since <22 July 2025>; 2025-07-222 and 12025-07-22 are no dates"
    )
    html = section("rights_here", "KR", variant="mark", language="zh_Hans")
    assert "2025年7月22日" in html
    assert not re.search(r">[^<]*2025-07-22[^<]*<", html)


def test_a_source_keeps_its_number_in_its_place() -> None:
    sources = Sources("DE")
    one, two = Source("https://one.example", "2026"), Source("https://two.example", "2026")
    assert ">1<" in sources.cite([one])
    assert ">2<" in sources.cite([two])
    assert 'href="#source-DE-1"' in sources.cite([one])
    assert sources.cite([]) == ""
    assert list(sources) == [(1, [one.address], ["2026"]), (2, [two.address], ["2026"])]


def test_a_page_read_on_two_days_is_one_source() -> None:
    sources = Sources("DE")
    first, again = Source("https://one.example", "2025-01"), Source("https://one.example", "2026")
    other = Source("https://two.example", "undated")
    assert sources.cite([first]) == sources.cite([again])
    sources.cite([other])
    listed = writer_of(selection.of_country("DE", "en")).words.listed(sources)
    assert [line[1:3] for line in listed] == [(1, "https://one.example"), (2, "https://two.example")]
    assert [line[5] for line in listed] == ["2025-01, 2026", "undated"]


def test_a_law_read_at_its_publisher_and_in_a_copy_is_one_source() -> None:
    sources = Sources("US")
    copy = Source("github:legalize-dev/legalize-us us/USC-T35-S286.md", "2025-12-12")
    place = "https://uscode.house.gov/view.xhtml?req=granuleid:USC-prelim-title35-section286"
    assert sources.cite([copy]) == sources.cite([Source(place, "2026")])
    [(_, number, words, link, read, dated)] = writer_of(selection.of_country("US", "en")).words.listed(sources)
    assert (number, words, link, dated) == (1, place, place, "2025-12-12, 2026")
    assert read == "github.com/legalize-dev/legalize-us us/USC-T35-S286.md"


@pytest.mark.parametrize("handbook", ALL, ids=lambda handbook: handbook.code)
def test_every_mark_and_link_of_a_book_leads_to_a_place_in_it(handbook: Handbook) -> None:
    html = html_of(handbook)
    marks = set(re.findall(r'href="#(source-[^"]+)"', html))
    assert marks
    places = re.findall(r'id="([^"]+)"', html)
    assert len(set(places)) == len(places)
    assert marks | set(re.findall(r'href="#([^"]+)"', html)) <= set(places)


@pytest.mark.parametrize("handbook", ALL, ids=lambda handbook: handbook.code)
def test_nothing_of_another_market_is_in_a_book(handbook: Handbook) -> None:
    others = {country.code for country in directory.all_countries()} - set(handbook.markets)
    sources = {place.split("-")[1] for place in re.findall(r'id="(source-[A-Z]+-\d+)"', html_of(handbook))}
    assert sources == set(handbook.markets)
    assert not sources & others


def test_a_section_reads_the_same_in_every_book() -> None:
    series, own = (selection.from_code(code) for code in ("de-en", "us.de-accused-en"))
    shared = set(series.sections) & set(own.sections)
    assert Section("accused_here", "DE", selection.variant_of("accused_here")) in shared
    for one in shared:
        composed = str(writer_of(series).section(one).html)
        assert composed in html_of(series)
        assert composed in html_of(own)


def test_a_chapter_that_lags_behind_or_is_not_translated_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    handbook = selection.of_country("VN", "zh_Hans")
    plain = html_of(handbook)
    assert "本章尚未译出" not in plain
    chapters = shelf.all_chapters("zh_Hans")
    [english] = shelf.chapters_for("en", "customs", "")
    changed = tuple(
        english if one.key == "customs" and not one.markets else replace(one, is_behind=one.key == "fairs")
        for one in chapters
    )
    monkeypatch.setattr(shelf, "all_chapters", lambda _language: changed)
    html = html_of(handbook, Writer("zh_Hans", catalogue("zh_Hans")))
    assert html.count("本章尚未译出") == 1
    assert html.count("本章译出之后，英文原文又有修订") >= 1
    assert '<div class="part" lang="en">' in html


def test_a_chapter_due_for_review_says_so() -> None:
    handbook = selection.of_country("VN", "en")
    words = "is due for review"
    oldest = min(chapter.reviewed for chapter in shelf.all_chapters("en"))
    fresh = composition.writer("en", catalogue("en"), today=oldest + timedelta(days=shelf.REVIEW_DAYS))
    assert words not in html_of(handbook, fresh)
    stale = composition.writer("en", catalogue("en"), today=TODAY + timedelta(days=shelf.REVIEW_DAYS + 1))
    assert html_of(handbook, stale).count(words) > 10


def test_the_edition_is_the_day_of_the_newest_content() -> None:
    handbook = selection.of_country("US", "en")
    writer = writer_of(handbook)
    edition = composition.edition(handbook, writer)
    assert edition >= max(writer.section(one).reviewed for one in handbook.sections)
    assert edition >= directory.get_country("US").checked
    # What the hall told otherwise of customs in the Union is news to every member.
    german = selection.of_country("DE", "en")
    news = [one.day for one in ledger.all_corrections() if one.rule.startswith("EU-CUS")]
    assert news
    assert composition.edition(german, writer_of(german)) >= max(news)
    assert writer.words.day(date(2026, 3, 5)) == "March 5, 2026"
    assert writer_of(selection.of_country("US", "zh_Hans")).words.day(date(2026, 3, 5)) == "2026年3月5日"


def test_where_sources_disagree_both_values_and_their_sources_are_printed() -> None:
    html = html_of(selection.of_country("PK", "en"))
    found = re.search(r"Other sources say: 3 months.*?#(source-PK-\d+)", html)
    assert found
    assert re.search(rf'id="{found[1]}">.*?wizwits\.in', html)


def test_a_value_without_a_source_is_printed_as_to_be_confirmed() -> None:
    fact = directory.get_country("US").facts["sp_us_itc337_target_months"]
    assert fact.confidence == "general"
    writer = writer_of(selection.of_country("US", "en"))
    writer.section(Section("brief", "US"))
    marked = writer.words.marked(fact, writer.sources("US"))
    assert "to be confirmed" in marked
    assert 'href="#source' not in marked


@pytest.mark.parametrize(("market", "is_told"), [("DE", True), ("IN", True), ("US", False), ("SA", False)])
def test_a_member_of_a_treaty_without_a_rule_of_its_own_shows_that_of_the_treaty(market: str, is_told: bool) -> None:
    [printed] = [rule for rule in rulebook.all_rules() if rule.treaty]
    html = section("rights_here", market, variant="patent.utility_model.design.mark")
    assert (printed.action.partition(" or in WIPO")[0] in html) == is_told
    facts = directory.get_country(market).facts
    assert facts[printed.treaty].value is (market != "SA")


def test_a_book_for_marks_holds_no_papers_of_patents() -> None:
    marks = html_of(selection.from_code("de.us-mark-en"))
    inventions = html_of(selection.from_code("de.us-patent-en"))
    everything = html_of(selection.from_code("de.us-en"))
    others = {rule.action for rule in rulebook.all_rules() if not rule.rights}
    by_right = {rule.action: rule.rights for rule in rulebook.all_rules() if rule.rights and rule.action not in others}
    told = {action: rights for action, rights in by_right.items() if f"{escape(action)}<" in everything}
    assert set(told.values()) >= {("patent",), ("mark",), ("design", "mark"), ("patent", "design")}
    for action, rights in told.items():
        assert (f"{escape(action)}<" in marks) == ("mark" in rights), action
        assert (f"{escape(action)}<" in inventions) == ("patent" in rights), action
    for document in rulebook.all_documents():
        heading = f"<h3>{escape(document.name)}</h3>"
        if heading in everything and document.right in ("patent", "design", "copyright"):
            assert heading not in marks, document.code
            assert (heading in inventions) == (document.right == "patent"), document.code


def test_a_book_for_marks_tells_no_facts_and_ways_of_patents() -> None:
    marks = words_of(html_of(selection.from_code("de.us-mark-en")))
    inventions = words_of(html_of(selection.from_code("de.us-patent-en")))
    for words in ("Priority period: patents", "Patents through the PCT", "Patent: longest term"):
        assert words not in marks, words
        assert words in inventions, words
    for words in ("Priority period: trademarks", "direct filing or through Madrid", "Trademark: time to oppose"):
        assert words in marks, words
        assert words not in inventions, words
    assert "Hague" not in marks.partition("The ways here")[2].partition("All periods run")[0]


def test_a_paper_about_designs_stands_in_a_book_for_designs_where_the_office_sends_the_same_as_for_patents() -> None:
    designs = {market: words_of(section("rights_here", market, variant="design")) for market in ("US", "JP")}
    assert "Reply to a restriction requirement" in designs["US"]
    assert "Patent office action" not in designs["JP"]


@pytest.mark.parametrize(("market", "is_told"), [("KR", True), ("US", False)])
def test_an_office_sends_papers_about_utility_models_where_it_registers_them(market: str, *, is_told: bool) -> None:
    assert ("Patent office action" in words_of(section("rights_here", market, variant="utility_model"))) == is_told


def test_a_time_that_runs_only_after_one_of_several_papers_says_after_which() -> None:
    [row] = re.findall(
        r"<tr>\s*<td[^>]*>File notice of appeal and pay.*?</tr>", section("times_here", "EU"), re.DOTALL
    )[:1]
    assert "What did the EPO send? – a decision\n" in words_of(row)


def test_whoever_must_act_at_the_border_is_named_in_the_third_person() -> None:
    held = words_of(section("border_here", "EU"))
    assert "the other side must act" not in held
    for actor in ("Holder of the goods: oppose", "Right holder: confirm", "Right holder must start"):
        assert actor in held, actor
    assert held.count("the day the right holder was notified") == 5
    assert held.count("the day you were notified") == 2


def test_a_fact_in_words_tells_a_reader_of_one_right_what_is_of_that_right() -> None:
    told = {
        right: words_of(section("accused_here", "US", variant=right) + section("brief", "US", variant=right))
        for right in ("mark", "patent", "copyright")
    }
    assert "6 years before the complaint" in told["patent"]
    assert "6 years before the complaint" not in told["mark"] + told["copyright"]
    assert "laches" in told["mark"]
    assert "laches" not in told["patent"]


def test_how_to_use_a_book_names_no_chapter_that_it_does_not_hold() -> None:
    accused = words_of(html_of(selection.from_code("th-mark-accused-en")))
    claim = words_of(html_of(selection.from_code("th-mark-claim-en")))
    assert "If a paper has arrived" in accused
    assert "If somebody copies you" not in accused
    assert "If a paper has arrived" not in claim
    assert "What to do about a lawyer's letter or a paper of a court is not in this book" in claim
    assert "Bring every paper, with its envelope or e-mail, to the window on the day it comes" in claim


def test_a_book_on_trade_secrets_holds_no_papers_of_customs_and_no_lists_of_other_rights() -> None:
    assert "EU customs suspension" not in words_of(section("border_here", "DE", variant="trade_secret"))
    assert "EU customs suspension" in words_of(section("border_here", "DE", variant="mark"))
    border = words_of(section("border_here", "US", variant="trade_secret"))
    assert "US CBP notice" not in border
    assert "exclusion order of the ITC" in border
    assert "copyright: goods may be held" not in border
    brief = words_of(section("brief", "IN", variant="trade_secret"))
    assert "At the border: nothing on record for the right of this book" in brief


def test_a_book_of_one_right_cites_the_laws_the_sources_and_the_offices_of_that_right() -> None:
    told = {
        right: words_of(section("brief", "US", variant=right) + section("copied_here", "US", variant=right))
        for right in ("copyright", "patent", "trade_secret")
    }
    assert "copyright.gov" in told["copyright"]
    assert "uspto.gov" not in told["copyright"] + told["trade_secret"]
    assert "uspto.gov" in told["patent"]
    courts = words_of(section("courts_here", "DE", variant="mark"))
    assert "MarkenG sec. 20" in courts
    assert "PatG sec. 141" not in courts
    assert "BGB sec. 195, 199" in courts


def test_a_book_on_utility_models_tells_of_the_priority_and_of_no_paper_of_the_patent_office_of_europe() -> None:
    general = words_of(section("upkeep", variant="utility_model"))
    assert "12 months" in general
    german = words_of(section("rights_here", "DE", variant="utility_model"))
    assert "Prüfungsbescheid" in german
    assert "Article 94(3) EPC" not in german


def test_a_defence_that_is_counted_back_from_the_hearing_says_so() -> None:
    row = re.search(r"<tr>\s*<td[^>]*>Count back 70 days(.*?)</tr>", section("accused_here", "IT"), re.DOTALL)
    assert row
    assert "70 days before the hearing printed in the paper" in words_of(row[1])
    assert "counted from" not in words_of(row[1])


def test_markets_side_by_side_show_the_facts_of_each() -> None:
    html = html_of(selection.from_code("de.us.vn-mark-en"))
    table = html[html.index('id="comparison"') : html.index("How long a mark stays open")]
    row = re.search(r"Trademark: time to oppose</th>(.*?)</tr>", table)
    assert row
    cells = [words_of(cell) for cell in re.findall(r'<td data-label="[^"]+">(.*?)</td>', row[1])]
    for code, cell in zip(("DE", "US", "VN"), cells, strict=True):
        fact = directory.get_country(code).facts["tm_opposition_period"]
        assert cell.startswith(str(fact.value)), cell
        assert f"#source-{code}-" in row[1]
    assert "Patent: longest term" not in table


def test_contents_are_printed_with_the_pages_that_are_known() -> None:
    handbook = selection.from_code("us-preparing-en")
    first = {one.anchor: number for number, one in enumerate(handbook.sections, start=3)}
    html = composition.compose(handbook, writer_of(handbook), pages=Pages(first, 77))
    for anchor, number in first.items():
        assert re.search(rf'class="page-of" href="#{anchor}"[^>]*>{number}</a>', html), anchor
    assert " of 77<" in html
    assert "page-of counted" not in html


def test_what_is_told_otherwise_is_another_document() -> None:
    handbook = selection.of_country("US", "en")
    hashes = {composition.content_hash(html_of(selection.from_code(code))) for code in ("us-en", "us-zh-hans", "jp-en")}
    assert len(hashes) == 3
    assert composition.content_hash(html_of(handbook)) in hashes
    assert composition.content_hash(html_of(handbook) + ".") not in hashes


def test_changes_of_law_are_printed_with_their_market() -> None:
    assert "3 months (previously 6 months)" in words_of(section("sources_here", "US"))
    assert ledger.all_corrections() is not None


def sources_of(market: str) -> str:
    return words_of(str(Writer("en", catalogue("en")).section(Section("sources_here", market)).html))


def test_a_handbook_tells_what_changed_since_the_last_edition(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelf, "EDITIONS", tmp_path / "editions.toml")
    shelf.EDITIONS.write_text("days = []", encoding="utf-8")
    assert "This is the first edition." in sources_of("US")
    shelf.EDITIONS.write_text("days = [2026-11-01, 2026-11-25]", encoding="utf-8")
    changed = sources_of("US")
    assert "since the edition of November 25, 2026" in changed
    assert "Trade secrets: time to sue" in changed
    assert "Trade secrets: time to sue" not in sources_of("DE")
    shelf.EDITIONS.write_text("days = [2029-01-01]", encoding="utf-8")
    assert "Nothing that the hall tells of this market has changed" in sources_of("US")
    shelf.EDITIONS.write_text("days = [2026-11-25, 2026-11-01]", encoding="utf-8")
    with pytest.raises(shelf.InvalidChapter, match="oldest first"):
        sources_of("US")


def test_two_languages_do_not_speak_in_each_others_books() -> None:
    english, chinese = (selection.from_code(code) for code in ("us-accused-en", "us-accused-zh-hans"))
    before = html_of(english, Writer("en", catalogue("en")))
    writer = Writer("en", catalogue("en"))
    html_of(chinese, Writer("zh_Hans", catalogue("zh_Hans")))
    assert html_of(english, writer) == before


def test_foreign_words_carry_their_language() -> None:
    html = section("accused_here", "DE") + section("sources_here", "DE")
    assert '<span lang="de">Abmahnung</span>' in html
    assert '<span lang="zh-Hans">警告函</span>' in html


@pytest.mark.parametrize("window", [window.code for window in directory.all_windows()])
def test_a_window_lists_the_sources_that_it_cites_and_no_others(window: str) -> None:
    html = html_of(selection.of_window(window, "en"))
    listed = re.findall(r'<tr id="(source-[A-Z]+-\d+)"', html)
    cited = set(re.findall(r'href="#(source-[A-Z]+-\d+)"', html))
    assert len(listed) == len(set(listed))
    assert set(listed) == cited


def test_a_market_beside_no_union_shows_its_common_papers_itself() -> None:
    assert "European Union stands" in words_of(section("times_here", "FR"))
    turkish = words_of(section("times_here", "TR"))
    assert "European Union stands" not in turkish
    common = [rule for rule in rulebook.all_rules() if rule.id == "EP-OPP-OBS-4M"]
    assert [rule.id for rule in common if str(escape(rule.action)) in turkish] == ["EP-OPP-OBS-4M"]


def test_a_book_of_one_right_leaves_out_the_lines_and_situations_of_others() -> None:
    mark = words_of(html_of(selection.from_code("de.us-mark-accused-dispute-en")))
    patent = words_of(html_of(selection.from_code("de.us-patent-accused-dispute-en")))
    whole = words_of(html_of(selection.from_code("us-en")))
    for line in ("Think of the patent itself", "A firm that sells nothing asserts a patent"):
        assert line in patent, line
        assert line in whole, line
        assert line not in mark, line
    assert "You are said to have taken secrets" not in mark + patent
    assert "{.of-" not in mark + patent + whole


@pytest.mark.parametrize("language", ["en", "zh_Hans"])
@pytest.mark.parametrize("right", selection.RIGHTS)
def test_a_book_of_one_right_holds_no_line_about_others_alone(right: str, language: str) -> None:
    html = words_of(html_of(selection.own(["DE", "BR"], language, rights=[right])))
    chapters = (one for one in shelf.all_chapters(language) if not one.markets or {"DE", "BR"} & set(one.markets))
    told = {line for chapter in chapters for line in chapter.text.split("\n")}
    others = [line for line in told if (named := prose.rights_named(line)) and right not in named]
    assert len(others) > 15
    for line in others:
        beginning = re.split(r"[\[\]{}*|]", line.lstrip("-*#| 0123456789."))[0].strip()
        if len(beginning) > 15:
            assert str(escape(beginning)) not in html, line


def test_a_situation_of_one_market_stands_in_the_books_of_that_market_alone() -> None:
    commission = "An investigation of the US trade commission"
    for code, is_told in (("US-en", True), ("window-us-en", True), ("de.us-mark-accused-en", True), ("DE-en", False)):
        assert (commission in html_of(selection.from_code(code))) == is_told, code


def test_a_way_out_is_told_to_readers_of_its_rights() -> None:
    for right, is_told in (("patent", True), ("mark", False)):
        html = html_of(selection.from_code(f"us-{right}-accused-en"))
        assert ("Neutral evaluation" in html) == is_told
        assert "A platform took your listing down" in html
