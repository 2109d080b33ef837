"""Search over what the windows know: words of every script, two-character Chinese words, pinyin, slips of the pen.

Nothing here asks a database, so the results are the same on each. Scripts written without spaces (Han, Kana, Hangul,
Thai) are indexed by pairs of neighbouring characters: a pair finds all that a scan of the text finds, and what stands
nowhere as it was typed is taken apart into words that do. Others are indexed by words, found by their beginnings and,
where nothing begins so, by one or two letters' difference.
"""

import bisect
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, reduce
from itertools import pairwise
from operator import and_
from typing import Literal

from opencc import OpenCC
from pypinyin.pinyin_dict import pinyin_dict
from rapidfuzz import process
from rapidfuzz.distance import OSA

QUERY_MOST = 80
TERMS_MOST = 8
SNIPPET_BEFORE, SNIPPET_AFTER = 24, 96
# A slip is forgiven in words of at least so many letters, and a second one from the second length on.
ONE_SLIP, TWO_SLIPS = 4, 8
# Scripts written without spaces: Thai and Lao, 々〆〇, Kana, Han, Hangul, and Han of the further planes.
_UNSPACED = "\u0e00-\u0eff\u3005-\u3007\u3041-\u30ff\u3400-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff"
_RUN = re.compile(f"([{_UNSPACED}]+)|([^\\W_{_UNSPACED}]+)")
_SYLLABLES_MOST = 8
# Words of a question that say nothing about its matter (what to do, how, what, been, my …).
_LINKING = re.compile("怎么办|怎么|怎样|如何|什么|哪些|我们|可以|[被了的我您你吗呢在上里该]")
Why = Literal["word", "beginning", "pinyin", "similar"]


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that can be found: what it is, where it stands, its title and its texts in one language.

    `kind` and `place` are the pages' business. Entries earlier in the list come first among equals.
    """

    kind: str
    place: tuple[str, ...]
    title: str
    texts: tuple[str, ...] = ()

    @property
    def passages(self) -> tuple[str, ...]:
        """The title and the texts."""
        return (self.title, *self.texts)


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a passage, and whether it is what was searched for."""

    text: str
    is_match: bool


@dataclass(frozen=True, slots=True)
class Found:
    """An entry that fits; `title` and `snippet` in pieces, `why` tells how each term was found, with the word found."""

    entry: Entry
    title: tuple[Piece, ...]
    snippet: tuple[Piece, ...]
    why: tuple[tuple[str, Why, str], ...]


@dataclass(frozen=True, slots=True)
class Result:
    """What a search gave: how many entries fit, and those asked for; `is_partial` when no entry has all terms."""

    count: int
    found: tuple[Found, ...]
    is_partial: bool


@dataclass(frozen=True, slots=True)
class _Hit:
    """Where one term was found: sets of entries as the bits of a number, in all passages and in titles."""

    term: str
    why: Why
    words: tuple[str, ...]
    everywhere: int
    titles: int


class Index:
    """An index over entries in one language, built once; an entry is known by its place in the list."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.entries = tuple(entries)
        self._texts = [fold("\n".join(entry.passages)) for entry in self.entries]
        self._characters, self._words, self._syllables = _Postings(), _Postings(), _Postings()
        for number, text in enumerate(self._texts):
            title_end = text.index("\n") if "\n" in text else len(text)
            for start, run in _runs(text):
                self._add(run, 1 << number, is_title=start < title_end)
        self._vocabulary = sorted(self._words.everywhere)

    def search(self, query: str, *, limit: int = 20, start: int = 0) -> Result:
        """Return the entries that hold every term of `query`, best first; where none does, those that hold most.

        A query is cut at QUERY_MOST characters and TERMS_MOST terms. An empty one finds nothing.
        """
        hits = self._hits(terms_of(query))
        every, ranked, is_partial = _ranked(hits, start + limit)
        found = tuple(_shown(self.entries[number], number, hits) for number in ranked[start:])
        return Result(every.bit_count(), found, is_partial)

    def _add(self, run: str, bit: int, *, is_title: bool) -> None:
        if not _is_unspaced(run):
            self._words.add((_singular(run),), bit, is_title=is_title)
            return
        self._characters.add({*run, *map("".join, pairwise(run))}, bit, is_title=is_title)
        readings = map(_readings, run)
        pairs = {f"{one} {two}" for here, after in pairwise(readings) for one in here for two in after}
        self._syllables.add(pairs, bit, is_title=is_title)

    def _hits(self, terms: Sequence[str]) -> list[_Hit]:
        hits = [hit for term in terms for hit in self._whole_or_parts(term)]
        if len(terms) > 1 and not all(hit.everywhere for hit in hits) and all(term in _syllables() for term in terms):
            # Pinyin typed with spaces between the syllables.
            joined = self._pinyin("".join(terms), [tuple(terms)])
            return [joined] if joined.everywhere else hits
        return hits

    def _whole_or_parts(self, term: str) -> list[_Hit]:
        hit = self._hit(term)
        if hit.everywhere or not _is_unspaced(term):
            return [hit]
        # Words typed without a space between them (商标抢注) that nowhere stand together.
        words = (word for run in _LINKING.split(term) for word in self._standing(run))
        return [self._exact(word) for word in dict.fromkeys(words)] or [hit]

    def _standing(self, term: str) -> Iterator[str]:
        """The longest words from left to right that stand somewhere; what stands nowhere is left out."""
        at = 0
        while at + 1 < len(term):
            ends = (end for end in range(len(term), at + 1, -1) if self._exact(term[at:end]).everywhere)
            end = next(ends, 0)
            if end:
                yield term[at:end]
            at = end or at + 1

    def _hit(self, term: str) -> _Hit:
        hit = self._exact(term)
        if hit.everywhere or _is_unspaced(term):
            return hit
        if len(term) > 1:
            first = bisect.bisect_left(self._vocabulary, term)
            last = bisect.bisect_left(self._vocabulary, term + "\U0010ffff")
            hit = self._any_of(term, "beginning", self._vocabulary[first:last])
        if not hit.everywhere and term.isascii() and term.isalpha():
            hit = self._pinyin(term, split_pinyin(term))
        if not hit.everywhere and len(term) >= ONE_SLIP:
            hit = self._any_of(term, "similar", self._nearest(term))
        return hit

    def _exact(self, term: str) -> _Hit:
        ways = _spellings(term)
        found = [self._holding(way) for way in ways]
        return _Hit(term, "word", ways, _any(here for here, _ in found), _any(titles for _, titles in found))

    def _holding(self, term: str) -> tuple[int, int]:
        if not _is_unspaced(term):
            return self._words.of(_singular(term))
        pairs = [self._characters.of(pair) for pair in (map("".join, pairwise(term)) if len(term) > 1 else term)]
        here, titles = reduce(and_, (pair[0] for pair in pairs)), reduce(and_, (pair[1] for pair in pairs))
        # The pairs of a longer word may stand apart: only then the texts have to be read.
        return (here, titles) if len(term) <= 2 else (self._reading(term, here), self._reading(term, titles))

    def _reading(self, term: str, candidates: int) -> int:
        return _any(1 << number for number in _bits(candidates) if term in self._texts[number])

    def _pinyin(self, term: str, ways: Sequence[tuple[str, ...]]) -> _Hit:
        everywhere = titles = 0
        for syllables in ways:
            pairs = [self._syllables.of(f"{one} {two}") for one, two in pairwise(syllables)]
            if pairs:
                everywhere |= reduce(and_, (pair[0] for pair in pairs))
                titles |= reduce(and_, (pair[1] for pair in pairs))
        return _Hit(term, "pinyin", tuple(" ".join(way) for way in ways), everywhere, titles)

    def _nearest(self, term: str) -> list[str]:
        slips = 2 if len(term) >= TWO_SLIPS else 1
        near = process.extract(term, self._vocabulary, scorer=OSA.distance, score_cutoff=slips, limit=8)
        best = min((distance for _, distance, _ in near), default=0)
        return [word for word, distance, _ in near if distance == best]

    def _any_of(self, term: str, why: Why, words: Sequence[str]) -> _Hit:
        found = [self._words.of(word) for word in words]
        return _Hit(term, why, tuple(words), _any(here for here, _ in found), _any(titles for _, titles in found))


class _Postings:
    """For each key the entries that hold it, and those that hold it in their title, as the bits of a number."""

    def __init__(self) -> None:
        self.everywhere: dict[str, int] = {}
        self._titles: dict[str, int] = {}

    def add(self, keys: Iterable[str], bit: int, *, is_title: bool) -> None:
        for key in keys:
            self.everywhere[key] = self.everywhere.get(key, 0) | bit
            if is_title:
                self._titles[key] = self._titles.get(key, 0) | bit

    def of(self, key: str) -> tuple[int, int]:
        return self.everywhere.get(key, 0), self._titles.get(key, 0)


class _Plain(dict[int, str]):
    """A table for str.translate: compatibility forms, capitals and accents are folded away, character by character."""

    def __missing__(self, code: int) -> str:
        character = unicodedata.normalize("NFKC", chr(code)).casefold().replace("đ", "d").replace("ı", "i")
        parts = unicodedata.normalize("NFD", character)
        # Accents of letters; the voicing marks of Kana make another letter.
        if unicodedata.category(parts[0]).startswith("L") and not _is_unspaced(character):
            character = "".join(part for part in parts if not unicodedata.combining(part))
        self[code] = character
        return character


_PLAIN = _Plain()


def fold(text: str) -> str:
    """Return a text as it is compared: without width, case and accents of letters."""
    return unicodedata.normalize("NFC", text).translate(_PLAIN)


def terms_of(query: str) -> list[str]:
    """Return the terms of a query, folded, each once."""
    return list(dict.fromkeys(run for _, run in _runs(fold(query[:QUERY_MOST]))))[:TERMS_MOST]


def split_pinyin(letters: str) -> list[tuple[str, ...]]:
    """Return every way to read letters as two or more syllables of Hanyu Pinyin without tones (GB/T 16159)."""
    ways: list[tuple[str, ...]] = []

    def read(at: int, before: tuple[str, ...]) -> None:
        if at == len(letters):
            ways.append(before)
        elif len(before) < _SYLLABLES_MOST:
            for end in range(min(len(letters), at + 6), at, -1):
                if letters[at:end] in _syllables():
                    read(end, (*before, letters[at:end]))

    read(0, ())
    return [way for way in ways if len(way) > 1]


def _runs(text: str) -> Iterator[tuple[int, str]]:
    return ((match.start(), match[0]) for match in _RUN.finditer(text))


def _is_unspaced(run: str) -> bool:
    match = _RUN.match(run)
    return match is not None and match[1] is not None


def _singular(word: str) -> str:
    # An English plural and its singular are one word; a word of another language loses nothing by it.
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


@cache
def _converter() -> OpenCC:
    return OpenCC("t2s")


def _spellings(term: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys((term, _converter().convert(term)))) if _is_unspaced(term) else (term,)


@cache
def _readings(character: str) -> tuple[str, ...]:
    spoken = pinyin_dict.get(ord(character), "").split(",")
    plain = (unicodedata.normalize("NFD", way.replace("ü", "v")) for way in spoken)
    letters = ("".join(part for part in way if part.isascii() and part.isalpha()) for way in plain)
    return tuple(dict.fromkeys(way for way in letters if way))


@cache
def _syllables() -> frozenset[str]:
    # Of the characters in use: the rare ones add readings such as "m" and "ng" that no one types.
    return frozenset(
        way for code in range(0x4E00, 0x9FA6) for way in _readings(chr(code)) if len(way) > 1 or way in "aeo"
    )


def _any(sets: Iterable[int]) -> int:
    found = 0
    for one in sets:
        found |= one
    return found


def _bits(found: int) -> Iterator[int]:
    while found:
        lowest = found & -found
        yield lowest.bit_length() - 1
        found ^= lowest


def _ranked(hits: Sequence[_Hit], most: int) -> tuple[int, list[int], bool]:
    """All that is found, the first `most` in order, and whether every one of them misses a term."""
    having = _at_least([hit.everywhere for hit in hits])
    best = next((level for level in reversed(having) if level), 0)
    is_partial = bool(best) and not having[-1]
    tiers = [best & level for level in reversed(_at_least([hit.titles for hit in hits]))]
    every, ranked = 0, list[int]()
    for tier in (*tiers, best):
        for number in _bits(tier & ~every):
            if len(ranked) == most:
                break
            ranked.append(number)
        every |= tier
    return every, ranked, is_partial


def _at_least(sets: Sequence[int]) -> list[int]:
    """For one, two … sets: the entries that are in so many of them."""
    levels = [0] * len(sets)
    for one in sets:
        for level in range(len(sets) - 1, 0, -1):
            levels[level] |= levels[level - 1] & one
        if levels:
            levels[0] |= one
    return levels


def _shown(entry: Entry, number: int, hits: Sequence[_Hit]) -> Found:
    here = [hit for hit in hits if hit.everywhere >> number & 1]
    in_title = _spans(entry.title, here)
    # What is not in the title decides which text is shown; most often all is there, and the first text will do.
    sought = [hit for hit in here if not hit.titles >> number & 1]
    text, spans = _best(entry.texts, sought or here, is_needed=bool(sought))
    found_by: dict[str, tuple[Why, str]] = {}
    for words, of in ((entry.title, in_title), (text, spans)):
        for start, end, hit in of:
            found_by.setdefault(hit.term, (hit.why, words[start:end]))
    why = tuple((hit.term, *found_by[hit.term]) for hit in here if hit.term in found_by)
    return Found(entry, _pieces(entry.title, in_title), _pieces(text, spans, is_cut=True), why)


_Span = tuple[int, int, _Hit]


def _best(texts: Sequence[str], hits: Sequence[_Hit], *, is_needed: bool) -> tuple[str, list[_Span]]:
    """The text that holds most of the terms, and where it holds them; the first where none is needed."""
    if not texts:
        return "", []
    if not is_needed:
        return texts[0], _spans(texts[0], hits)
    best, most = (texts[0], list[_Span]()), 0
    for text in texts:
        spans = _spans(text, hits)
        count = len({id(hit) for _, _, hit in spans})
        if count > most:
            best, most = (text, spans), count
        if most == len(hits):
            break
    return best


def _spans(text: str, hits: Sequence[_Hit]) -> list[_Span]:
    """Where in a text the terms stand, in the order of the text."""
    folded = fold(text)
    found = [(start, end, hit) for hit in hits for start, end in _within(folded, hit)]
    found.sort(key=lambda span: span[:2])
    if len(folded) == len(text):
        return found
    origin = [place for place, character in enumerate(text) for _ in fold(character)]
    return [(origin[start], origin[end - 1] + 1, hit) for start, end, hit in found]


def _within(text: str, hit: _Hit) -> Iterator[tuple[int, int]]:
    if hit.why == "pinyin":
        yield from _read_aloud(text, hit)
    elif _is_unspaced(hit.term):
        for word in hit.words:
            at = text.find(word)
            while at >= 0:
                yield at, at + len(word)
                at = text.find(word, at + 1)
    else:
        words = {_singular(word) for word in hit.words}
        yield from ((start, start + len(run)) for start, run in _runs(text) if _singular(run) in words)


def _read_aloud(text: str, hit: _Hit) -> Iterator[tuple[int, int]]:
    ways = [way.split() for way in hit.words]
    for start, run in _runs(text):
        for syllables in ways if _is_unspaced(run) else ():
            for at in range(len(run) - len(syllables) + 1):
                if all(syllable in _readings(run[at + n]) for n, syllable in enumerate(syllables)):
                    yield start + at, start + at + len(syllables)


def _pieces(text: str, spans: Sequence[_Span], *, is_cut: bool = False) -> tuple[Piece, ...]:
    first, last = 0, len(text)
    if is_cut:
        first = max(0, (spans[0][0] if spans else 0) - SNIPPET_BEFORE)
        last = min(len(text), first + SNIPPET_BEFORE + SNIPPET_AFTER)
    pieces, at = [Piece("…", is_match=False)] if first else [], first
    for start, end, _hit in spans:
        if start >= last:
            break
        if end > at:
            pieces += [
                Piece(text[at : max(at, start)], is_match=False),
                Piece(text[max(at, start) : end], is_match=True),
            ]
            at = end
    pieces += [Piece(text[at:last], is_match=False), Piece("…" if last < len(text) else "", is_match=False)]
    return tuple(piece for piece in pieces if piece.text)
