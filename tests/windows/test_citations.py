"""Sources and bases as readers see them."""

from hall.languages import say
from windows import citations, directory, rulebook


def in_chinese(message: str) -> str:
    return say("zh_Hans", message)


def test_a_citation_stays_as_the_law_writes_it() -> None:
    assert citations.basis_words("FRCP 12(a)(1)(A)(i)", in_chinese) == "FRCP 12(a)(1)(A)(i)"


def test_a_basis_that_is_a_phrase_is_said_in_the_readers_words() -> None:
    words = citations.basis_words("no statutory period; court practice", in_chinese)
    assert words.isascii() is False


def test_a_law_that_was_not_read_keeps_its_name_and_says_so() -> None:
    words = citations.basis_words("Art 63 EPC (not read)", in_chinese)
    assert words.startswith("Art 63 EPC")
    assert "not read" not in words


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
