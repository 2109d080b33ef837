"""Sources and bases as readers see them."""

import pytest

from hall.languages import say
from windows import citations, directory, rulebook


def in_chinese(message: str) -> str:
    return say("zh_Hans", message)


def test_a_web_address_stays_and_a_repository_gets_its_host() -> None:
    assert citations.address_words("https://www.epo.org/a", in_chinese) == "https://www.epo.org/a"
    assert citations.address_words("github:a/b@1234567 c.md", in_chinese) == "github.com/a/b@1234567 c.md"


@pytest.mark.parametrize(
    ("copy", "place"),
    [
        (
            "legalize-dev/legalize-eu@8995e45 eu/9b/32017R1001.md",
            "eur-lex.europa.eu/legal-content/EN/TXT/?uri=CELEX:32017R1001",
        ),
        ("bundestag/gesetze@77abca2 g/geschmmg_2004/index.md", "www.gesetze-im-internet.de/geschmmg_2004/"),
        ("legalize-kr/legalize-kr@6c23568 kr/특허법/법률.md", "www.law.go.kr/법령/특허법"),
        ("xxyy89890-wq/legalize-kr@7460e2a kr/관세법/시행령.md", "www.law.go.kr/법령/관세법시행령"),
        (
            "legalize-dev/legalize-us us/USC-T15-S1059.md",
            "uscode.house.gov/view.xhtml?req=granuleid:USC-prelim-title15-section1059",
        ),
        ("usarscotus/legal-directory@47be0b5 _frap/rule_4.md", "www.law.cornell.edu/rules/frap/rule_4"),
        (
            "legalize-dev/legalize-pl@a95f17c pl/DU-2024-68.md",
            "isap.sejm.gov.pl/isap.nsf/DocDetails.xsp?id=WDU20240000068",
        ),
        ("legalize-dev/legalize-uk@02c054e uk/uksi-2008-1797.md", "www.legislation.gov.uk/uksi/2008/1797"),
    ],
)
def test_a_law_read_in_a_copy_is_named_by_its_publisher(copy: str, place: str) -> None:
    words = citations.address_words(f"github:{copy}", in_chinese)
    assert f"https://{place}" in words
    assert f"github.com/{copy}" in words
    assert citations.published_at(f"github:{copy}") == f"https://{place}"


def test_most_copies_of_laws_have_their_publisher() -> None:
    rules = rulebook.all_rules()
    cited = {source.address for rule in rules for source in rule.sources if source.address.startswith("github:")}
    unknown = [address for address in cited if not citations.published_at(address)]
    assert len(unknown) < len(cited) / 2
    assert not [address for address in unknown if "legalize" in address]


def test_no_code_of_a_source_reaches_a_reader() -> None:
    facts = [fact.sources for country in directory.all_countries() for fact in country.facts.values()]
    documents = rulebook.all_documents()
    rules = [rule.sources for document in documents for rule in rulebook.rules_for(document=document.code)]
    sources = [source for cited in (*facts, *rules) for source in cited]
    assert any(source.address.startswith("unrecorded:") for source in sources)
    for source in sources:
        assert not citations.address_words(source.address, in_chinese).startswith(("unrecorded:", "github:"))
        assert citations.dated_words(source.dated, in_chinese) != "undated"
