"""Sources and bases as readers see them."""

from hall.languages import say
from windows import citations, directory, rulebook


def in_chinese(message: str) -> str:
    return say("zh_Hans", message)


def test_a_web_address_stays_and_a_repository_gets_its_host() -> None:
    assert citations.address_words("https://www.epo.org/a", in_chinese) == "https://www.epo.org/a"
    assert citations.address_words("github:a/b@1234567 c.md", in_chinese) == "github.com/a/b@1234567 c.md"


def test_no_code_of_a_source_reaches_a_reader() -> None:
    facts = [fact.sources for country in directory.all_countries() for fact in country.facts.values()]
    documents = rulebook.all_documents()
    rules = [rule.sources for document in documents for rule in rulebook.rules_for(document=document.code)]
    sources = [source for cited in (*facts, *rules) for source in cited]
    assert any(source.address.startswith("unrecorded:") for source in sources)
    for source in sources:
        assert not citations.address_words(source.address, in_chinese).startswith(("unrecorded:", "github:"))
        assert citations.dated_words(source.dated, in_chinese) != "undated"
