"""The words of what the windows know, as handbooks print them: facts, deadlines, changes and sources in one language.

Every value that was read somewhere bears the number of its source in the list of its place.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from babel import Locale
from babel.dates import format_date
from markupsafe import Markup, escape

from hall.words import N_
from handbooks.shelf import Catalogue
from windows import changes, citations, directory, ledger, prose, rulebook
from windows.directory import Code, Country, Day, Fact, Flag, Names, Number, Source, Text, Texts
from windows.rulebook import DocumentType, Period, Rule

TO_BE_CONFIRMED = N_("to be confirmed")
NOT_KNOWN = N_("not yet in our records")
NOT_OF_THIS_RIGHT = N_("nothing on record for the right of this book")
_SHORT_BRACKET = re.compile("(（[ -~]{1,16}）)")
LONG = 3
"""From so many lines on the table of a paper may be parted by the end of a page."""
WITH_PROVISO = frozenset({"local_agent_required", "patent_exam_request_months"})
"""Facts told with their note wherever they stand: no agent but an address, or the day from which the months run."""
LEFT_OUT = frozenset({"pct_national_phase_months_ch2", "pct_entry_date", "filing_language_note"})
DIRECT = N_("direct filing")
MARK_WAYS: Mapping[tuple[bool, bool], str] = {
    (True, True): N_("direct filing, Madrid or Hague"),
    (True, False): N_("direct filing; trademarks also through Madrid"),
    (False, True): N_("direct filing; designs also through Hague"),
    (False, False): DIRECT,
}
"""The ways of marks and designs: whether the market is in Madrid, in Hague."""
MARK_WAYS_ALONE = {
    **MARK_WAYS,
    (True, False): N_("direct filing or through Madrid"),
    (False, True): N_("direct filing or through Hague"),
}
"""The same where only one of the two is told of, which then needs no name."""
MARKS_OR_DESIGNS: Mapping[tuple[bool, bool], str] = {
    (True, True): N_("Trademarks and designs"),
    (True, False): N_("Trademarks"),
    (False, True): N_("Designs"),
    (False, False): "",
}
PATENTS_OR_MODELS: Mapping[tuple[bool, bool], str] = {
    (True, True): N_("Patents and utility models"),
    (True, False): N_("Patents"),
    (False, True): N_("Utility models"),
    (False, False): "",
}
PREFIXED = frozenset({"customs"})
"""Groups of facts whose labels begin with what their heading names already, in a table too short to lose it."""
CHANGES_SINCE_DAYS = 5 * 365
"""How far back changes of law are printed."""


class Sources:
    """The list of sources of a place, numbered in the order in which they are cited."""

    def __init__(self, place: str = "") -> None:
        self.place = place
        self._read: dict[str, tuple[list[str], list[str]]] = {}

    def anchor(self, number: int) -> str:
        """Return the name of a source inside a book."""
        return f"source-{self.place}-{number}" if self.place else f"source-{number}"

    def cite(self, sources: Iterable[Source]) -> Markup:
        """Return the marks of sources as linked numbers; what was read on several days or in copies has one number."""
        numbers = set()
        for source in sources:
            place = citations.published_at(source.address) or source.address
            addresses, dates = self._read.setdefault(place, ([], []))
            for value, known in ((source.address, addresses), (source.dated, dates)):
                if value not in known:
                    known.append(value)
            numbers.add(list(self._read).index(place) + 1)
        links = [Markup('<a href="#{}">{}</a>').format(self.anchor(number), number) for number in sorted(numbers)]
        if not links:
            return Markup("")
        # The word joiner: a mark alone at the head of a line looks lost.
        return Markup('\u2060<span class="marks">{}</span>').format(Markup(",").join(links))

    def __iter__(self) -> Iterator[tuple[int, list[str], list[str]]]:
        """Yield number, addresses (the publisher's, and those of copies) and the dates of what was read there."""
        return iter([(number, addresses, dates) for number, (addresses, dates) in enumerate(self._read.values(), 1)])


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a table of facts."""

    label: str
    value: Markup
    others: tuple[Markup, ...]
    note: str
    basis: str


@dataclass(frozen=True, slots=True)
class Task:
    """A line of a table of deadlines; `more` is what else is said of its length: how it is extended, notes."""

    action: str
    kind: str
    forum: str
    when: str
    period: Markup
    since: str
    more: tuple[Markup, ...]
    consequence: str
    basis: str
    marks: Markup


@dataclass(frozen=True, slots=True)
class Paper:
    """A type of paper: its name, the words printed on it, and what is to be done."""

    name: str
    printed: Markup
    tasks: list[Task]

    @property
    def is_long(self) -> bool:
        """Whether its table may go on over the page: its head then names the paper."""
        return len(self.tasks) >= LONG


UNION = "EU"
NOT_THE_HOLDERS = frozenset({"other_side_act", "own_or_other_side"})
"""What binds the right holder where customs holds goods (kinds of rules)."""
PATENTS_ALONE = frozenset({"EP", "UPC"})
"""The jurisdictions that know no utility models."""
NATIONAL_PHASE = N_("one application, then the national phase"), N_("enter the national phase")
EUROPEAN_PHASE = N_("one application, then the European phase"), N_("enter the European phase")
"""The way of a PCT application, and its second step (msgids)."""


@dataclass(frozen=True, slots=True)
class Lane:
    """A bar of a time line: months and their places on it in percent of the whole; `then` is what is done second.

    `marks` are those of the sources of both, or that one is to be confirmed: a short bar has no room for them.
    """

    right: str
    way: str
    marks: Markup
    first: str
    first_percent: float
    second: str = ""
    second_percent: float = 0.0
    then: str = ""


class Wording:
    """Puts facts, rules, changes and sources into the words of one language (a locale, which `catalogue` speaks)."""

    def __init__(self, language: str, catalogue: Catalogue) -> None:
        self.language = language
        self.catalogue = catalogue

    def say(self, message: str) -> str:
        """Return a message (msgid) in the language; nothing for nothing."""
        return self.catalogue.gettext(message) if message else ""

    def amount(self, amount: int, unit: str) -> str:
        """Return a number of a unit (directory.UNITS)."""
        return self.catalogue.ngettext(*directory.UNITS[unit], amount) % {"num": amount}

    def day(self, day: date) -> str:
        """Return a date in words."""
        return str(format_date(day, "long", self.language))

    def told(self, message: str) -> str:
        """Return a message (msgid) in the language, the dates in it in words."""
        return prose.with_dates(self.say(message), self.day)

    def market(self, code: str) -> str:
        """Return the name of a country (ISO code)."""
        country = directory.get_country(code)
        return self.say(country.name) or str(Locale.parse(self.language).territories[country.code])

    # Facts

    def value(self, fact: Fact) -> str:
        """Return the value of a fact in words."""
        return self._value(directory.value_of(fact))

    def marked(self, fact: Fact, cited: Sources, *, are_clauses_apart: bool = False) -> Markup:
        """Return the value of a fact with the marks of its sources; an unsettled one says it is to be confirmed.

        In a table its clauses stand apart, each on a line of its own.
        """
        manner = "fact words" if fact.unit == "text" else "fact"
        value = Markup('<span class="{}">{}</span>').format(manner, self.value(fact))
        if are_clauses_apart and len(fact.clauses) > 1:
            clauses = [Markup('<span class="clause">{}</span>').format(self.told(one.text)) for one in fact.clauses]
            value = Markup('<span class="{}">{}</span>').format(manner, Markup("").join(clauses))
        marks = self._marks([fact], cited)
        if fact.confidence == "general":
            return value + marks
        is_short = isinstance(directory.value_of(fact), Number | Flag | Day)
        return together(value, marks, is_short=is_short)

    def _marks(self, facts: Sequence[Fact], cited: Sources) -> Markup:
        """Return the marks of the sources of facts, or that they are to be confirmed where one is unsettled."""
        if any(fact.confidence == "general" for fact in facts):
            words = self.say(N_("(%(words)s)")) % {"words": self.say(TO_BE_CONFIRMED)}
            # A full-width bracket brings its own space.
            return Markup('{}<span class="unsettled">{}</span>').format(" " if words[0] == "(" else "", words)
        # Clauses rest on sources of their own, all of which are named; else two are enough.
        return cited.cite(source for fact in facts for source in (fact.sources if fact.clauses else fact.sources[:2]))

    def glance(self, facts: Iterable[Fact], cited: Sources) -> list[Row]:
        """Return a table of the values of facts alone: all that belongs to them stands on later pages."""
        return [
            Row(
                self.say(directory.get_fact_key(fact.key).label),
                self.marked(fact, cited, are_clauses_apart=True),
                (),
                self.proviso(fact),
                "",
            )
            for fact in facts
        ]

    def proviso(self, fact: Fact) -> str:
        """Return the note of a fact whose bare value would mislead; nothing for others."""
        return self.told(fact.note) if fact.key in WITH_PROVISO else ""

    def rows(self, facts: Iterable[Fact], cited: Sources) -> list[Row]:
        """Return a table of facts; what disagrees with one stands with it."""
        return [
            Row(
                self._label(fact),
                self.marked(fact, cited, are_clauses_apart=True),
                tuple(self._other(value, sources, cited) for value, sources in directory.other_values(fact)),
                self.told(fact.note),
                self.say(N_("; ")).join(map(self.told, directory.basis_of(fact))),
            )
            for fact in facts
            if fact.key not in LEFT_OUT
        ]

    def groups(
        self, country: Country, codes: Sequence[str], cited: Sources, rights: frozenset[str] = frozenset()
    ) -> list[tuple[str, list[Row]]]:
        """Return the groups of facts (codes) that a country has facts of: their titles and tables.

        Left out is what is about other rights than `rights` (none named: nothing is).
        """
        found = {group.code: (group, facts) for group, facts in directory.facts_by_group(country)}
        told = [
            (group.label, self.rows(filter(None, (directory.told_of(fact, rights) for fact in facts)), cited))
            for group, facts in (found[code] for code in codes if code in found)
        ]
        return [(self.say(label), rows) for label, rows in told if rows]

    def lanes(self, country: Country, cited: Sources, rights: frozenset[str] = frozenset()) -> list[Lane]:
        """Return the time line of the ways from a first filing to a country: those that lead there.

        Left out are those of other rights than `rights` (none named: none is).
        """
        facts = country.facts

        def has(key: str) -> bool:
            return key in facts and facts[key].value is True

        def is_wanted(right: str) -> bool:
            return not rights or right in rights

        signs = MARKS_OR_DESIGNS[is_wanted("mark"), is_wanted("design")]
        ways_of_signs = MARK_WAYS if is_wanted("mark") and is_wanted("design") else MARK_WAYS_ALONE
        way = ways_of_signs[
            is_wanted("mark") and has("madrid_protocol"),
            is_wanted("design") and has("hague_geneva_act"),
        ]
        has_models = is_wanted("utility_model") and has("utility_model_available")
        inventions = PATENTS_OR_MODELS[is_wanted("patent"), has_models]
        ways = [
            (signs, way, "priority_tm_design_months", ""),
            (inventions, N_("direct filing (Paris Convention)"), "priority_patent_months", ""),
        ]
        # Some states have closed the way from the PCT to themselves: it leads through the European Patent Office.
        closed = "pct_direct_national_route" in facts and facts["pct_direct_national_route"].value is False
        is_european = closed or country.code == UNION
        phase = EUROPEAN_PHASE if is_european else NATIONAL_PHASE
        international = ""
        if is_wanted("patent") and (has("pct_member") or is_european):
            international = N_("Patents through the PCT")
        elif has_models and has("pct_member") and not is_european:
            international = N_("Utility models through the PCT")
        ways.append((international, phase[0], "priority_patent_months", "pct_national_phase_months"))
        months = {key: fact.value for key, fact in facts.items() if isinstance(fact.value, int)}
        ways = [way for way in ways if way[0]]
        longest = max([1, *(months.get(key, 0) for *_, first, second in ways for key in (first, second or first))])
        lanes = []
        for right, how, first, second in ways:
            if first not in months:
                continue
            share = 100 * months[first] / longest
            shown = [facts[key] for key in (first, second) if key in months]
            lane = Lane(self.say(right), self.say(how), self._marks(shown, cited), self.value(facts[first]), share)
            if second in months:
                rest = 100 * months[second] / longest - share
                lane = replace(lane, second=self.value(facts[second]), second_percent=rest, then=self.say(phase[1]))
            lanes.append(lane)
        return lanes

    def _label(self, fact: Fact) -> str:
        key = directory.get_fact_key(fact.key)
        label = self.say(key.label)
        _, colon, rest = label.partition(self.say(N_(": ")))
        return rest[0].upper() + rest[1:] if colon and key.group in PREFIXED else label

    def _value(self, value: directory.Value) -> str:
        match value:
            case Number(amount, unit):
                return self.amount(amount, unit)
            case Flag(is_true):
                return self.say(N_("yes")) if is_true else self.say(N_("no"))
            case Code(_, label):
                return self.say(label)
            case Day(day):
                return self.day(day)
            case Names(names):
                return self.say(N_(", ")).join(map(self.say, names)) if names else self.say(N_("none"))
            case Text(message):
                return self.told(message)
            case Texts(messages):
                return self.say(N_("; ")).join(map(self.told, messages))

    def _other(self, value: directory.Value, sources: tuple[Source, ...], cited: Sources) -> Markup:
        words = Markup.escape(self.say(N_("Other sources say: %(value)s")) % {"value": self._value(value)})
        return together(words, cited.cite(sources), is_short=False)

    # Deadlines

    def papers(
        self,
        documents: Iterable[DocumentType],
        country: Country | None,
        checked: date,
        cited: Sources,
        *,
        rights: frozenset[str] = frozenset(),
        told_elsewhere: frozenset[str] = frozenset(),
    ) -> list[Paper]:
        """Return types of papers with what each asks for in a country (None: under no law of one country).

        Left out are papers that ask for nothing there, what is about other rights than `rights` (none named: nothing
        is), rules no longer in force on the day `checked`, and those of laws (jurisdictions) that are `told_elsewhere`.
        Where no rule of a country's own is known, that of a treaty stands there.
        """
        laws = rulebook.laws_of(country) if country else rulebook.EVERYWHERE
        places = [law for law in laws if law not in told_elsewhere]
        papers = []
        for document in documents:
            in_force = [
                rule
                for rule in rulebook.rules_for(document=document.code)
                if rule.kind != "authority_act"
                and not (rule.effective_to is not None and rule.effective_to < checked)
                and (not rights or _is_of(rights, _rights_of(rule, document, country)))
            ]
            rules = [rule for rule in in_force if rule.jurisdiction in places]
            if country and not told_elsewhere and not any(rule.jurisdiction == country.code for rule in rules):
                rules += [rule for rule in in_force if rule.treaty and _has_joined(country, rule.treaty)]
            if rules:
                no_patents = PATENTS_ALONE if rights and "patent" not in rights else frozenset()
                words = prose.printed_words(document, country, without=told_elsewhere | no_patents)
                papers.append(
                    Paper(
                        self.say(document.name_under(country.code) if country else document.name),
                        words,
                        [self._task(rule, cited) for rule in rules],
                    )
                )
        return papers

    def period(self, rule: Rule) -> Markup:
        """Return how long a rule gives, as prose says it: the table of papers says what a printed date changes."""
        return self._period(rule, in_prose=True)

    def _task(self, rule: Rule, cited: Sources) -> Task:
        return Task(
            action=self.say(rule.action),
            kind=self._kind(rule),
            forum=self.say(rulebook.get_forum(rule.forum).name) if rule.forum else "",
            when=self.told(rule.applies_when) or self._answers(rule),
            period=self._period(rule, in_prose=False),
            since=self._since(rule) if rule.event and _tells_length(rule) else "",
            more=self._more(rule),
            consequence=self.told(rule.consequence),
            basis=self.told(rule.basis),
            marks=cited.cite(rule.sources[:2]),
        )

    def _kind(self, rule: Rule) -> str:
        if rule.is_own_act or rule.kind == "no_deadline":
            return ""
        if _is_at_the_border(rule):
            # The reader may be on either side of goods that customs holds: the action names who must act.
            return ""
        return self.say(rulebook.KINDS[rule.kind])

    def _answers(self, rule: Rule) -> str:
        """Return the questions on which a rule depends, with the answers for which it holds."""
        told = []
        for condition in rule.conditions:
            question = rulebook.get_question(condition.question)
            answers = self.say(N_(" / ")).join(self.say(question.options[answer].label) for answer in condition.answers)
            told.append(
                self.say(N_("%(question)s – %(answer)s")) % {"question": self.say(question.label), "answer": answers}
            )
        return self.say(N_("; ")).join(told)

    def _since(self, rule: Rule) -> str:
        # It stands after a colon: within a sentence.
        event = rulebook.get_event(rule.event)
        words = self.say(event.name if event.name and _binds_right_holder(rule) else rulebook.start_of(rule))
        words = words[0].lower() + words[1:]
        if rulebook.get_counting(rule.counting).first_day == "included":
            return self.say(N_("%(event)s; that day is day one")) % {"event": words}
        return words

    def _more(self, rule: Rule) -> tuple[Markup, ...]:
        told = [self.told(rule.note)] if rule.note else []
        if rule.additions:
            told.append(self.say(N_("service by mail or by courier adds days")))
        if rule.extension:
            # What ends, or what others must do, is not the reader's to make longer.
            is_own = rule.is_own_act and not _binds_right_holder(rule)
            words = N_("More time: %(extension)s") if is_own else N_("Extension: %(extension)s")
            told.append(self.say(words) % {"extension": self.told(rule.extension)})
        return tuple(_held_together(words[0].upper() + words[1:]) for words in told)

    def _period(self, rule: Rule, *, in_prose: bool) -> Markup:
        if rule.kind == "no_deadline":
            return Markup('<span class="fact">{}</span>').format(self.say(N_("no fixed time: act at once")))
        if not rule.show_date or rule.confidence == "general":
            if rule.period.set_in_document:
                return Markup('<span class="fact">{}</span>').format(self.say(N_("the date printed in the paper")))
            return Markup('<span class="unsettled">{}</span>').format(self.say(TO_BE_CONFIRMED))
        return Markup('<span class="fact">{}</span>').format(self._length(rule.period, in_prose=in_prose))

    def _length(self, period: Period, *, in_prose: bool) -> str:
        length = prose.length_words(period, self.amount, self.say)
        if in_prose or not period.n:
            return length
        if period.earlier_of_printed:
            words = self.say(N_("%(length)s or the date printed in the paper, whichever is earlier"))
            length = words % {"length": length}
        elif period.set_in_document:
            length = self.say(N_("%(length)s; a date printed in the paper wins")) % {"length": length}
        return length

    # Changes and sources

    def changes(self, country: Country, cited: Sources) -> Iterator[tuple[str, str, Markup]]:
        """Yield day, words and source marks of the changes of law in a country, the newest first."""
        since = country.checked - timedelta(days=CHANGES_SINCE_DAYS)
        for change in changes.changes_of(country.code):
            if change.day >= since:
                yield self.day(change.day), self.told(change.text), cited.cite(change.sources)

    def corrected(self, country: Country, last: date) -> Iterator[str]:
        """Yield what the hall tells of a country otherwise than in the edition of `last`: facts and rules by name."""
        for correction in ledger.all_corrections():
            if correction.day <= last or correction.jurisdiction != country.code:
                continue
            if correction.rule:
                told = correction.now or correction.before or {}
                yield self.say(rulebook.get_document(told["document"]).name)
            else:
                yield self.say(directory.get_fact_key(correction.fact[1]).label)

    def listed(self, cited: Sources) -> list[tuple[str, int, str, str, str, str]]:
        """Return the list of sources: anchor, number, words, address to follow and copy read (or nothing), dates."""
        return [(cited.anchor(number), number, *self._source(addresses, dates)) for number, addresses, dates in cited]

    def _source(self, addresses: Sequence[str], dates: Iterable[str]) -> tuple[str, str, str, str]:
        known = [dated for dated in dates if dated != "undated"] or ["undated"]
        told = ", ".join(citations.dated_words(dated, self.say) for dated in known)
        published = [(place, address) for address in addresses if (place := citations.published_at(address))]
        if published:
            copies = ", ".join(citations.copy_words(address) for _, address in published)
            return published[0][0], published[0][0], copies, told
        [address] = addresses
        words = citations.address_words(address, self.say)
        return words, address if words == address else "", "", told


def _has_joined(country: Country, treaty: str) -> bool:
    fact = country.facts.get(treaty)
    return fact is not None and fact.value is True


def _rights_of(rule: Rule, document: DocumentType, country: Country | None) -> Iterator[str]:
    """Yield the rights a rule is about: its own, or those of its paper."""
    yield from rule.rights or document.rights
    if document.right == "patent" and not rule.rights and rule.jurisdiction not in PATENTS_ALONE:
        # An office that registers utility models sends the same papers about them.
        fact = country.facts.get("utility_model_available") if country else None
        if country is None or (fact is not None and fact.value is True):
            yield "utility_model"


def _is_at_the_border(rule: Rule) -> bool:
    return rulebook.get_document(rule.document).group == "customs"


def _binds_right_holder(rule: Rule) -> bool:
    """Whether a rule binds the right holder whose goods these are not, where customs holds them."""
    roles = [condition.answers for condition in rule.conditions if condition.question == "eu_customs_role"]
    return _is_at_the_border(rule) and (rule.kind in NOT_THE_HOLDERS or ("right_holder",) in roles)


def _is_of(chosen: frozenset[str], rights: Iterable[str]) -> bool:
    """Whether something is about one of the chosen rights; what names none is about any."""
    about = {right for right in rights if right}
    return not about or bool(about & chosen)


def _tells_length(rule: Rule) -> bool:
    return bool(rule.period.n) and rule.show_date and rule.confidence != "general"


def _held_together(words: str) -> Markup:
    """Return words in which no bracket of Chinese print around the article of a foreign law is torn."""
    return Markup(_SHORT_BRACKET.sub(r'<span class="together">\1</span>', str(escape(words))))  # noqa: S704 - escaped


def together(value: Markup, marks: Markup, *, is_short: bool) -> Markup:
    """Return a value with its marks: a mark alone at the head of a line looks lost; only long texts may break there."""
    return Markup('<span class="together">{}{}</span>').format(value, marks) if is_short else value + marks
