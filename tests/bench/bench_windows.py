"""The speed of what the windows know, each figure beside a reference in the same run."""

import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from functools import partial
from statistics import median

from flask import Flask

from hall import entries
from hall.languages import BY_TAG, speaking
from windows import deadlines, rulebook
from windows.search import Index, fold

WORDS = (
    "商标",
    "专利",
    "异议",
    "起诉状",
    "海关扣留",
    "德国 商标",
    "不使用",
    "답변서",
    "訴状",
    "trademark",
    "opposition",
)
TODAY = date(2026, 11, 25)
READ_ALL = """
import hall.app, time
from windows import calendars, changes, directory, ledger, offerings, rulebook, situations, specimens
began = time.perf_counter()
directory.all_countries(), rulebook.all_rules(), calendars.all_calendars(), situations.all_situations()
offerings.all_offerings(), changes.all_changes(), ledger.read(), specimens.drawing("US_COMPLAINT", "US")
print(time.perf_counter() - began)
"""
"""Reads every file in a process of its own, after the libraries are loaded and before anything is kept."""


def seconds(deed: Callable[[], object], *, times: int = 30) -> float:
    """The median time of a deed."""
    lengths = []
    for _ in range(times):
        began = time.perf_counter()
        deed()
        lengths.append(time.perf_counter() - began)
    return median(lengths)


def scan(texts: list[str], wanted: str) -> list[int]:
    """What a plain substring scan of the same text finds: every entry that holds all words."""
    words = fold(wanted).split()
    return [number for number, text in enumerate(texts) if all(word in text for word in words)]


def test_search_beside_a_scan(app: Flask) -> None:
    with speaking(app, BY_TAG["zh-Hans"]):
        began = time.perf_counter()
        index = entries.index(BY_TAG["zh-Hans"])
        built = time.perf_counter() - began
    texts = [fold("\n".join(entry.passages)) for entry in index.entries]
    print(f"\nindex of {len(texts)} entries, {sum(map(len, texts)):,} characters: built in {built:.2f} s")
    for word in WORDS:
        found, plain = seconds(partial(index.search, word, limit=20)), seconds(partial(scan, texts, word))
        missed = {index.entries[number] for number in scan(texts, word)} - _all(index, word)
        times = f"search {found * 1000:6.2f} ms  scan {plain * 1000:6.2f} ms  {found / plain:5.2f} x"
        print(f"{word:12} {times}, missed {len(missed)}")
        assert not missed or word.isascii()


def _all(index: Index, word: str) -> set[object]:
    return {found.entry for found in index.search(word, limit=len(index.entries)).found}


def test_deadlines_and_the_reading_of_knowledge() -> None:
    rule = rulebook.get_rule("US-ANS-21")
    began, count = time.perf_counter(), 20_000
    for _ in range(count):
        deadlines.compute(rule, dates={"served": date(2026, 11, 10)}, way=None, answers={}, place="US-IL", today=TODAY)
    print(f"\ndeadlines: {count / (time.perf_counter() - began):,.0f} a second")
    reading = [float(subprocess.check_output([sys.executable, "-c", READ_ALL], text=True)) for _ in range(5)]
    print(f"all that the windows know: read and checked in {median(reading):.2f} s")
