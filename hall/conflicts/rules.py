"""Names and conflicts of interest: the forms of a name, how alike two names are, what a likeness means. Pure.

A check only ever proposes: it says what was found, or that nothing was found in so many names. Company names across
languages are translated and not spelled, so no rule of letters can clear anybody.
"""

import hashlib
import re
import tomllib
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, lru_cache
from importlib.resources import files
from itertools import pairwise
from pathlib import Path

from opencc import OpenCC
from pypinyin import lazy_pinyin
from rapidfuzz.distance import OSA, Indel
from stdnum import lei
from stdnum.cn import uscc
from stdnum.eu import vat
from stdnum.exceptions import ValidationError
from stdnum.jp import cn as houjin_bangou
from stdnum.kr import brn

from hall.words import N_

RULES_VERSION = "conflicts-1"
HERE = Path(__file__).parent
TABLES = ("legal_forms.toml", "common_words.toml", "readings.toml", "aliases.toml")

# Recall first: a conflict that is missed costs more than a name that an officer looks at in vain.
HIT = 0.92
REVIEW = 0.60
JUST_BELOW_HIT = 0.91

# A word in at least so many names of the register, and in at least this share of them, is common there.
COMMON_LEAST = 50
COMMON_SHARE = 0.01

MOST_WORDS = 9  # of a legal form
UNCHECKED_LEAST = 8  # signs of a number whose form we cannot check, below which an equal number says nothing

REASONS: dict[str, str] = {
    "same_id": N_("The same registration number"),
    "alias": N_("Two known names of one company"),
    "same_name": N_("The same name"),
    "same_core": N_("The same name without legal form"),
    "same_core_elsewhere": N_("The same name, registered in different places"),
    "same_words": N_("The same words in another order"),
    "brand": N_("The same brand: possibly companies of one group"),
    "contained": N_("One name is part of the other"),
    "spelling": N_("Almost the same spelling"),
    "homophone": N_("Other characters, the same sound"),
    "sound": N_("Another script, the same sound"),
    "acronym": N_("The initials of the other name"),
    "shared_words": N_("The names share distinctive words"),
    "none": N_("No likeness found"),
}
RULES: dict[str, str] = {
    "against_client": N_("The other side is a client in an open matter."),
    "client_is_adverse": N_("The client is the other side in an open matter."),
    "against_former_client": N_("The other side was a client in a closed matter."),
    "client_was_adverse": N_("The client was the other side in a closed matter."),
    "against_consulted": N_("The other side has consulted us or is connected with a matter."),
    "client_is_connected": N_("The client is connected with a matter as neither side."),
    "connected": N_("Somebody connected with this case stands on a side of another matter."),
}
NOTHING_FOUND = N_("No match in %(count)s names compared.")
FOUND = N_("%(hits)s possible matches in %(count)s names compared. A conflict officer decides.")

SIDES = ("client", "adverse", "other")
_SIDE_OF_ROLE = {"client": "client", "adverse": "adverse", "counsel": "counsel"}
# Nobody is against a name that stands on the same of these sides.
_SAME_SIDE_IS_NO_CONFLICT = frozenset({"client", "adverse", "counsel"})
_BESIDE_THE_PARTIES = frozenset({"counsel", "other"})


# The tables


@cache
def _table(file: str) -> Mapping[str, object]:
    return tomllib.loads((HERE / file).read_text("utf-8"))


@cache
def version() -> str:
    """Return the version of the rules with the digest of the tables they read."""
    digest = hashlib.sha256(b"".join((HERE / file).read_bytes() for file in TABLES)).hexdigest()
    return f"{RULES_VERSION}/{digest[:8]}"


def _part(file: str, key: str) -> Mapping[str, object]:
    value = _table(file)[key]
    if not isinstance(value, Mapping):
        raise TypeError(f"{file}: {key} is no table")
    return value


def _words(file: str, *path: str) -> tuple[str, ...]:
    value: object = _table(file)
    for key in path:
        if not isinstance(value, Mapping):
            raise TypeError(f"{file}: {'.'.join(path)} is no table")
        value = value.get(key, [])
    if not isinstance(value, list):
        raise TypeError(f"{file}: {'.'.join(path)} is no list")
    return tuple(str(word) for word in value)


@cache
def _characters() -> dict[int, str]:
    """Return one sign for every family of Han variants: OpenCC's traditional to simplified, and shinjitai.

    Single characters only. OpenCC also weighs phrases, which makes good prose and uneven keys.
    """
    convert = OpenCC("t2s").convert
    table: dict[int, str] = {}
    for first, last in ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF)):
        for number in range(first, last + 1):
            simple = convert(chr(number))
            if simple != chr(number):
                table[number] = simple
    variants = (files("opencc") / "dictionary" / "JPVariants.txt").read_text("utf-8")
    for line in variants.splitlines():
        old, _, new = line.strip().partition("\t")
        for sign in new.split():
            if ord(sign) not in table:
                table[ord(sign)] = convert(old)
    return {number: sign for number, sign in table.items() if sign != chr(number)}


# Folding

_LETTERS = str.maketrans(
    {"ß": "ss", "ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "&": " und "}
)
_DOTTED = re.compile(r"\b(?:\w[./]){1,}\w\b[.]?")
_APOSTROPHES = re.compile(r"(?<=\w)['’‘`´ʼ](?=\w)")
_NO_WORD = re.compile(r"[^a-z0-9]+")
# Thai is written without spaces. NFKC takes the vowel of จำกัด apart.
_THAI_FORM = re.compile(unicodedata.normalize("NFKC", "(บริษัท|จำกัด|มหาชน|ห้างหุ้นส่วน|สามัญ)"))
_AND = frozenset({"und", "and", "et", "y", "e", "ve"})


@lru_cache(maxsize=4096)
def _fold(name: str) -> str:
    """Return the name in NFKC, without case, accents and punctuation; 'S.A.' becomes 'sa'; brackets stay."""
    text = unicodedata.normalize("NFKC", name).casefold()
    text = text.translate(_LETTERS)
    if not text.isascii():
        text = "".join(map(_base, text))
    text = _DOTTED.sub(lambda found: found.group().replace(".", "").replace("/", ""), text)
    text = _APOSTROPHES.sub("", text)
    text = text.replace("（", "(").replace("）", ")")
    text = _THAI_FORM.sub(r" \1 ", text)
    parts = re.split(r"([()])", text)
    return " ".join(word for part in parts for word in _spaced(part))


def _spaced(part: str) -> list[str]:
    if part in {"(", ")"}:
        return [part]
    if part.isascii():
        return _NO_WORD.sub(" ", part).split()
    # Marks are part of the word in Thai and the Indic scripts.
    return "".join(sign if unicodedata.category(sign)[0] in "LNM" else " " for sign in part).split()


def _base(sign: str) -> str:
    if not "\u00c0" <= sign <= "\u024f" and not "\u1e00" <= sign <= "\u1eff" and not "\u0300" <= sign <= "\u036f":
        return sign
    return "".join(part for part in unicodedata.normalize("NFKD", sign) if not unicodedata.combining(part))


_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff々]")
_KANA = re.compile(r"[\u3040-\u30ff]")
_HANGUL = re.compile(r"[\uac00-\ud7af]")
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff々]")
_CYRILLIC = re.compile(r"[\u0400-\u04ff]")
_LATIN = re.compile(r"[a-z0-9]")
_LATIN_RUN = re.compile(r"[a-z0-9]+")


def _script_of(text: str) -> str:
    """Return 'han', 'kana', 'hangul', 'latin', 'cyrillic' or 'other'; any CJK sign makes a name CJK."""
    for script, pattern in (("kana", _KANA), ("hangul", _HANGUL), ("han", _HAN), ("cyrillic", _CYRILLIC)):
        if pattern.search(text):
            return script
    return "latin" if _LATIN.search(text) else "other"


_CJK_SCRIPTS = frozenset({"han", "kana", "hangul"})


# Legal forms and places


@cache
def _forms(where: str, *, cjk: bool) -> frozenset[str]:
    """Return the folded legal forms that stand at 'ends' or 'starts'."""
    tables = _part("legal_forms.toml", "forms")
    found = {
        _plain(word, cjk=cjk) for language in tables for word in _words("legal_forms.toml", "forms", language, where)
    }
    return frozenset(word for word in found if bool(_CJK.search(word)) is cjk)


@cache
def _regions(*, cjk: bool) -> frozenset[str]:
    words = _words("legal_forms.toml", "regions", "cjk" if cjk else "latin")
    return frozenset(_plain(word, cjk=cjk) for word in words)


@cache
def _ranks() -> tuple[str, ...]:
    return tuple(_plain(word, cjk=True) for word in _words("legal_forms.toml", "regions", "cjk_ranks"))


@cache
def _common() -> frozenset[str]:
    cjk = {_plain(word, cjk=True) for word in _words("common_words.toml", "cjk")}
    other = {
        _plain(word, cjk=False)
        for word in (
            *_words("common_words.toml", "latin"),
            *_words("common_words.toml", "cyrillic"),
            *_words("readings.toml", "frequent", "latin"),
        )
    }
    return frozenset(cjk | other)


def _plain(word: str, *, cjk: bool) -> str:
    folded = _fold(word)
    return _joined(folded).translate(_characters()) if cjk else folded


def _joined(folded: str) -> str:
    """Return the text without spaces between CJK signs; words in Latin letters stay apart."""
    return re.sub(r"(?<![a-z0-9]) | (?![a-z0-9])", "", folded)


@cache
def _longest(words: frozenset[str]) -> int:
    return max(map(len, words), default=0)


def _cut_cjk(text: str) -> tuple[str, str, tuple[str, ...]]:
    """Return core, region and legal forms of a joined CJK name."""
    cut: list[str] = []
    places: list[str] = []

    def bracket(found: re.Match[str]) -> str:
        inside = found.group(1)
        if f"({inside})" in _forms("ends", cjk=True) or inside in _forms("ends", cjk=True):
            cut.append(inside)
            return ""
        if _place_before(inside) == len(inside):
            places.append(_bare_place(inside))
            return ""
        return inside

    text = re.sub(r"\(([^()]*)\)", bracket, text).replace("(", "").replace(")", "")
    text = _cut_ends(text, cut)
    length = _place_before(text)
    if length and not _is_all_common(text[length:]):
        places.insert(0, _bare_place(text[:length]))
        text = text[length:]
    return text, " ".join(places), tuple(cut)


def _cut_ends(text: str, cut: list[str]) -> str:
    ends, starts = _forms("ends", cjk=True), _forms("starts", cjk=True)
    changed = True
    while changed:
        changed = False
        for size in range(min(_longest(ends), len(text) - 1), 0, -1):
            if text[-size:] in ends:
                cut.append(text[-size:])
                text, changed = text[:-size].strip(), True
                break
        for size in range(min(_longest(starts), len(text) - 1), 0, -1):
            if text[:size] in starts:
                cut.append(text[:size])
                text, changed = text[size:].strip(), True
                break
    return text


def _place_before(text: str) -> int:
    """Return how many signs in front are a place, with its rank; 0 if none."""
    taken = 0
    while True:
        places = _regions(cjk=True)
        for size in range(min(_longest(places), len(text) - taken), 1, -1):
            if text[taken : taken + size] in places:
                break
        else:
            return taken
        taken += size
        for rank in _ranks():
            if text.startswith(rank, taken):
                taken += len(rank)
                break


def _bare_place(text: str) -> str:
    for rank in _ranks():
        text = text.replace(rank, "") or text
    return text


def _cut_words(words: Sequence[str]) -> tuple[list[str], str, tuple[str, ...]]:
    """Return core words, region and legal forms of a name that is written in words."""
    rest = list(words)
    cut: list[str] = []
    places: list[str] = []
    inside = [word for word in rest if word not in {"(", ")"}]
    # 'Huawei (Hong Kong) Limited': what stands in brackets is cut when it is a place.
    while "(" in rest:
        start = rest.index("(")
        end = rest.index(")", start) if ")" in rest[start:] else len(rest)
        part = rest[start + 1 : end]
        if " ".join(part) in _regions(cjk=False):
            places.append(" ".join(part))
            part = []
        rest[start : end + 1] = part
    rest = [word for word in rest if word not in {"(", ")"}] or inside
    changed = True
    while changed:
        changed = _cut_one(rest, _forms("ends", cjk=False), cut, last=True) or _cut_one(
            rest, _forms("starts", cjk=False), cut, last=False
        )
        if not changed:
            changed = _cut_place(rest, places)
    return rest, " ".join(places), tuple(cut)


def _cut_one(words: list[str], forms_: frozenset[str], cut: list[str], *, last: bool) -> bool:
    for size in range(min(MOST_WORDS, len(words) - 1), 0, -1):
        part = " ".join(words[-size:] if last else words[:size])
        if part in forms_:
            cut.append(part)
            del words[slice(-size, None) if last else slice(0, size)]
            return True
    return False


def _cut_place(words: list[str], places: list[str]) -> bool:
    for size in range(min(3, len(words) - 1), 0, -1):
        for span in (slice(-size, None), slice(0, size)):
            part = " ".join(words[span])
            rest = words[:-size] if span.start is not None and span.start < 0 else words[size:]
            if part in _regions(cjk=False) and not all(_is_common_word(word) for word in rest):
                places.append(part)
                del words[span]
                return True
    return False


def _is_common_word(word: str) -> bool:
    return len(word) < 2 or word in _common() or word in _regions(cjk=False)


def _brand_of(core: str) -> str:
    """Return a CJK core without the common words behind it; the core itself if nothing else is left."""
    brand = core
    changed = True
    while changed:
        changed = False
        for size in range(min(8, len(brand)), 1, -1):
            if brand[-size:] in _common():
                brand, changed = brand[:-size].strip(), True
                break
    return brand if len(brand) > 1 and brand not in _regions(cjk=True) else core


def _is_all_common(core: str) -> bool:
    while core:
        for size in range(min(8, len(core)), 1, -1):
            if core[-size:] in _common():
                core = core[:-size].strip()
                break
        else:
            return len(core) < 2
    return True


# Sound

_SMALL_Y = {"ャ": "ya", "ュ": "yu", "ョ": "yo"}
_SMALL_VOWELS = "ァィゥェォ"


def _spelling(key: str) -> list[str]:
    return str(_part("readings.toml", "spelling")[key]).split()


@cache
def _kana_spellings() -> dict[str, str]:
    return dict(zip("".join(_spelling("kana")), _spelling("kana_latin"), strict=True))


@cache
def _cyrillic_spellings() -> dict[int, str]:
    latin = [spelled.replace("-", "") for spelled in _spelling("cyrillic_latin")]
    return str.maketrans(dict(zip("".join(_spelling("cyrillic")), latin, strict=True)))


@cache
def _hangul_spellings() -> tuple[list[str], list[str], list[str]]:
    return _spelling("hangul_leads"), _spelling("hangul_vowels"), _spelling("hangul_tails")


_SOUND = (
    (re.compile("shch|tsz|tch|tz|ts|zh|ch|hs|sh"), lambda m: "s" if m.group() in {"hs", "sh"} else "c"),
    (re.compile("ph"), lambda _: "f"),
    (re.compile("[qjz]"), lambda _: "c"),
    (re.compile("ck|k|g"), lambda _: "k"),
    (re.compile("t"), lambda _: "d"),
    (re.compile("p"), lambda _: "b"),
    (re.compile("x"), lambda _: "s"),
    (re.compile("eo|eu|v|ou|u"), lambda _: "o"),
    (re.compile("ae"), lambda _: "ai"),
    (re.compile("y"), lambda _: "i"),
    (re.compile(r"(.)\1+"), lambda m: m.group(1)),
)


@lru_cache(maxsize=65536)
def _sound(letters: str) -> str:
    """Return the frame of a sound, the same for pinyin, Wade-Giles, Hepburn and Korean spellings of a syllable."""
    for pattern, becomes in _SOUND:
        letters = pattern.sub(becomes, letters)
    return letters


def _hangul(sign: str) -> str:
    number = ord(sign) - 0xAC00
    lead, vowel, tail = number // 588, number % 588 // 28, number % 28
    leads, vowels, tails = _hangul_spellings()
    return (leads[lead] + vowels[vowel] + tails[tail]).replace("-", "")


def _kana(text: str) -> Iterator[str]:
    double = False
    pending = ""
    for sign in text:
        if sign == "ッ":
            double = True
            continue
        if sign in _SMALL_Y and pending.endswith("i"):
            stem = pending[:-1]
            pending = stem + (_SMALL_Y[sign][1:] if stem.endswith(("sh", "ch", "j")) else _SMALL_Y[sign])
            continue
        if sign in _SMALL_VOWELS and pending:
            pending = pending.rstrip("aiueo") + _kana_spellings()[sign]
            continue
        if pending:
            yield pending
        pending = _kana_spellings().get(sign, "")
        if double and pending:
            pending, double = pending[0] + pending, False
    if pending:
        yield pending


def _syllables(core: str) -> tuple[str, ...]:
    """Return the reading of a CJK core, syllable by syllable; words in Latin letters stay words."""
    read: list[str] = []
    for run in re.findall(r"[\u3041-\u30ff]+|[\uac00-\ud7af]+|[\u3400-\u4dbf\u4e00-\u9fff]+|[a-z0-9]+", core):
        if _KANA.match(run):
            read += _kana("".join(chr(ord(s) + 0x60) if "\u3041" <= s <= "\u3096" else s for s in run))
        elif _HANGUL.match(run):
            read += [_hangul(sign) for sign in run]
        elif _HAN.match(run):
            read += lazy_pinyin(run)
        else:
            read.append(run)
    return tuple(read)


def _surname_readings(core: str, syllables: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """Return the readings of the core if it begins with a surname that is read in a way of its own."""
    chinese, korean = _part("readings.toml", "chinese"), _part("readings.toml", "korean")
    if core[:2] in chinese and len(syllables) > 2:
        return ((str(chinese[core[:2]]), *syllables[2:]),)
    if core[:1] in chinese:
        return ((str(chinese[core[:1]]), *syllables[1:]),)
    spelled = korean.get(core[:1], [])
    return tuple((str(way), *syllables[1:]) for way in spelled) if isinstance(spelled, list) else ()


SOUND_LEAST = 4  # letters: shorter sounds are shared by chance


def _sounds_of_syllables(readings: Iterable[tuple[str, ...]]) -> frozenset[str]:
    """Return the sounds by which a CJK name may be spelled in Latin letters: its beginnings, and a person's name."""
    found: set[str] = set()
    for read in readings:
        for size in range(1 if read and len(read[0]) > 5 else 2, min(len(read), 5) + 1):
            found.add("".join(read[:size]))
        if 2 <= len(read) <= 4:
            found.add("".join((*read[1:], read[0])))
        found.update(word for word in read if word.isascii() and len(word) > 6)
    return frozenset(_sound(spelled) for spelled in found if len(spelled) >= SOUND_LEAST)


def _sounds_of_words(words: Sequence[str]) -> frozenset[str]:
    found = {word for word in words if not _is_common_word(word)}
    for size in (2, 3):
        found.update("".join(words[n : n + size]) for n in range(len(words) - size + 1))
    if len(words) in {2, 3}:
        found.add("".join((*words[1:], words[0])))
        found.add("".join((words[-1], *words[:-1])))
    return frozenset(_sound(spelled) for spelled in found if len(spelled) >= SOUND_LEAST)


# Numbers in registers


def _checked(number: str) -> tuple[str, str] | None:
    """Return kind and plain form of a register's number; kind 'unchecked' where no check digit vouches for it."""
    kind, colon, rest = number.partition(":")
    plain = re.sub(r"[\s.\-/]", "", unicodedata.normalize("NFKC", rest if colon else kind)).upper()
    for name, check, length in (("uscc", uscc, 18), ("lei", lei, 20), ("houjin", houjin_bangou, 13), ("brn", brn, 10)):
        if len(plain) == length and _is_valid(check, plain):
            return name, plain
    if plain[:2].isalpha() and _is_valid(vat, plain):
        return "vat", plain
    return ("unchecked", plain) if len(plain) >= UNCHECKED_LEAST else None


def _is_valid(check: object, number: str) -> bool:
    try:
        check.validate(number)  # type: ignore[attr-defined]
    except ValidationError:
        return False
    return True


# The forms of a name


@dataclass(frozen=True, slots=True)
class NameForms:
    """One name in every form in which it is compared. `brand` is the core without common words."""

    raw: str
    folded: str
    simplified: str
    core: str
    region: str
    legal_forms: tuple[str, ...]
    script: str
    tokens: tuple[str, ...]
    distinctive: tuple[str, ...]
    brand: str
    bigrams: frozenset[str]
    pinyin: str
    initials: str
    sounds: frozenset[str]
    brand_sounds: frozenset[str]
    ids: frozenset[tuple[str, str]]

    @property
    def is_cjk(self) -> bool:
        """Whether the name is written in Chinese, Japanese or Korean signs."""
        return self.script in _CJK_SCRIPTS


def forms(name: str, *, ids: Iterable[str] = ()) -> NameForms:
    """Return the forms of a name; `ids` are numbers in registers: USCC, 法人番号, BRN, LEI, VAT, checked by stdnum.

    A name without any letter gives empty forms, which are like nothing.
    """
    folded = _fold(name)
    script = _script_of(folded)
    numbers = frozenset(number for number in map(_checked, ids) if number)
    if script in _CJK_SCRIPTS:
        return _cjk_forms(name, folded, script, numbers)
    words, region, cut = _cut_words(folded.split())
    words = [word for word in words if word not in _AND] or words
    distinctive = tuple(word for word in words if not _is_common_word(word))
    latin = [word.translate(_cyrillic_spellings()) for word in words] if script == "cyrillic" else words
    brand = " ".join(distinctive)
    sounds = _sounds_of_words(latin)
    return NameForms(
        raw=name,
        folded=folded,
        simplified=folded,
        core=" ".join(words),
        region=region,
        legal_forms=cut,
        script=script,
        tokens=tuple(words),
        distinctive=distinctive,
        brand=brand,
        bigrams=frozenset(),
        pinyin="",
        initials="".join(word[0] for word in latin if word),
        sounds=sounds,
        brand_sounds=frozenset({_sound("".join(word for word in latin if not _is_common_word(word)))}) - {""},
        ids=numbers,
    )


def _cjk_forms(name: str, folded: str, script: str, numbers: frozenset[tuple[str, str]]) -> NameForms:
    simplified = _joined(folded).translate(_characters())
    core, region, cut = _cut_cjk(simplified)
    brand = _brand_of(core)
    read = _syllables(core)
    of_brand = _syllables(brand) if brand != core else read
    others = _surname_readings(core, read) if len(core) <= 4 or script == "hangul" else ()
    is_person = not cut and 2 <= len(core) <= 4
    pinyin = "".join(others[0] if others and is_person else read)
    tokens = tuple(_LATIN_RUN.findall(core))
    return NameForms(
        raw=name,
        folded=folded,
        simplified=simplified,
        core=core,
        region=region,
        legal_forms=cut,
        script=script,
        tokens=tokens,
        distinctive=tuple(word for word in tokens if not _is_common_word(word)),
        brand=brand,
        bigrams=frozenset(map("".join, pairwise(brand))) or frozenset(brand),
        pinyin=pinyin,
        initials="".join(syllable[0] for syllable in of_brand),
        sounds=_sounds_of_syllables((read, *others)),
        brand_sounds=frozenset(_sound("".join(way)) for way in (of_brand, *(others if brand == core else ()))),
        ids=numbers,
    )


class Frequencies:
    """In how many names of a register a word or brand stands; tells what is common there."""

    def __init__(self, names: Iterable[NameForms] = ()) -> None:
        self.total = 0
        self._counts: Counter[str] = Counter()
        for name in names:
            self.add(name)

    def add(self, name: NameForms) -> None:
        """Count the words of one more name."""
        self.total += 1
        self._counts.update({name.brand, *name.distinctive})

    def is_common(self, word: str) -> bool:
        """Whether the word is shared by too many names to be evidence by itself."""
        seen = self._counts[word]
        return _is_common_word(word) or (seen >= COMMON_LEAST and seen >= COMMON_SHARE * self.total)


NO_FREQUENCIES = Frequencies()


class Aliases:
    """Groups of names that mean one company; the kept table, and what a hall adds."""

    def __init__(self, groups: Iterable[Sequence[str]] = ()) -> None:
        self._group: dict[str, int] = {}
        for number, group in enumerate(groups):
            for name in group:
                form = forms(name)
                self._group[form.core] = number
                self._group[form.brand] = number

    def group_of(self, name: NameForms) -> int | None:
        """Return the number of the group to which the name belongs, or None."""
        return self._group.get(name.core, self._group.get(name.brand))


@cache
def kept_aliases() -> Aliases:
    """Return the table of aliases that comes with the rules."""
    groups = _table("aliases.toml")["groups"]
    if not isinstance(groups, list):
        raise TypeError("aliases.toml: groups is no list")
    return Aliases(groups)


# Likeness


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike two names are: score 0 to 1, band 'hit', 'review' or 'none', a code of REASONS, what they share."""

    score: float
    band: str
    reason: str
    shown: str


NOTHING = Likeness(0.0, "none", "none", "")


def _likeness(score: float, reason: str, shown: str) -> Likeness:
    score = round(score, 4)
    return Likeness(score, "hit" if score >= HIT else "review" if score >= REVIEW else "none", reason, shown)


def compare(
    a: NameForms, b: NameForms, *, frequencies: Frequencies = NO_FREQUENCIES, aliases: Aliases | None = None
) -> Likeness:
    """Return how alike two names are; the order of the two makes no difference.

    0.92 and more is a hit, 0.60 and more is for review. Another script only ever proposes a review, save by number
    or alias. Numbers of one kind that differ lower a likeness but never clear it.
    """
    same = _checked_ids(a) & _checked_ids(b) or a.ids & b.ids
    if same:
        return _likeness(1.0, "same_id", min(number for _, number in same))
    found = _compare_names(a, b, frequencies, aliases or kept_aliases())
    if found.score >= REVIEW and _has_other_id(a, b):
        return _lowered(found)
    return found


def _checked_ids(name: NameForms) -> frozenset[tuple[str, str]]:
    return frozenset(number for number in name.ids if number[0] != "unchecked")


def _has_other_id(a: NameForms, b: NameForms) -> bool:
    return bool({kind for kind, _ in _checked_ids(a)} & {kind for kind, _ in _checked_ids(b)})


def _lowered(found: Likeness) -> Likeness:
    return _likeness(max(REVIEW, min(JUST_BELOW_HIT, found.score - 0.05)), found.reason, found.shown)


def _compare_names(a: NameForms, b: NameForms, frequencies: Frequencies, aliases: Aliases) -> Likeness:
    if not a.core or not b.core:
        return NOTHING
    found = NOTHING
    if a.is_cjk and b.is_cjk:
        found = _compare_cjk(a, b, frequencies)
    elif a.is_cjk == b.is_cjk and a.script == b.script:
        found = _compare_words(a, b, frequencies)
    if found.score < HIT:
        group = aliases.group_of(a)
        if group is not None and group == aliases.group_of(b) and a.brand != b.brand:
            return _likeness(0.95, "alias", " = ".join(sorted((a.brand, b.brand))))
    if found.score < REVIEW:
        found = max(found, _compare_sound(a, b, frequencies), key=lambda likeness: likeness.score)
    return found


def _same(a: NameForms, b: NameForms) -> Likeness | None:
    """Return the likeness of two names whose cores are the same, else None."""
    if a.core.replace(" ", "") != b.core.replace(" ", ""):
        return None
    if a.folded == b.folded:
        return _likeness(1.0, "same_name", a.core)
    if a.region and b.region and a.region != b.region:
        return _likeness(0.88, "same_core_elsewhere", a.core)
    return _likeness(0.96 if a.region != b.region else 0.98, "same_core", a.core)


def _compare_cjk(a: NameForms, b: NameForms, frequencies: Frequencies) -> Likeness:
    same = _same(a, b)
    if same:
        return same
    if _is_all_common(a.brand) or _is_all_common(b.brand):
        return NOTHING
    if a.brand == b.brand:
        return _likeness(0.62 if frequencies.is_common(a.brand) else 0.86, "brand", a.brand)
    short, long = sorted((a, b), key=lambda name: (len(name.brand), name.brand))
    if short.brand in long.brand and len(short.brand) > 1 and not frequencies.is_common(short.brand):
        at = long.brand.index(short.brand)
        score = 0.80 if at == 0 else 0.74 if len(short.brand) > 2 else 0.64
        return _likeness(score, "contained", short.brand)
    if _is_place_and_common(a.brand) and _is_place_and_common(b.brand):
        return NOTHING
    ratio = Indel.normalized_similarity(a.brand, b.brand)
    whole = Indel.normalized_similarity(a.core, b.core)
    least = min(len(a.brand), len(b.brand))
    if least >= 3 and (ratio >= 0.75 or OSA.distance(a.brand, b.brand) == 1):
        shown = " ~ ".join(sorted((a.brand, b.brand)))
        return _likeness(0.62 + 0.28 * (0.8 * ratio + 0.2 * whole) ** 2, "spelling", shown)
    if a.brand_sounds & b.brand_sounds and least >= 2:
        return _likeness(0.66 if least > 2 else 0.62, "homophone", " ~ ".join(sorted((a.brand, b.brand))))
    return NOTHING


def _is_place_and_common(brand: str) -> bool:
    return _is_all_common(brand[_place_before(brand) :])


@lru_cache(maxsize=65536)
def _spellings(word: str) -> tuple[str, ...]:
    """Return the word and the word without each of its letters: two words that share one differ by a slip."""
    if len(word) < 4:
        return (word,)
    return tuple({word, *(word[:n] + word[n + 1 :] for n in range(len(word)))})


def _is_alike(a: str, b: str) -> float:
    """Return the likeness of two words, 0 if a slip of the hand does not explain the difference."""
    if a == b:
        return 1.0
    if a.isdigit() or b.isdigit() or not set(_spellings(a)) & set(_spellings(b)):
        return 0.0
    return Indel.normalized_similarity(a, b)


def _compare_words(a: NameForms, b: NameForms, frequencies: Frequencies) -> Likeness:
    same = _same(a, b)
    if same:
        return same
    if sorted(a.tokens) == sorted(b.tokens):
        return _likeness(0.95, "same_words", " ".join(sorted(a.tokens)))
    if not a.distinctive or not b.distinctive:
        return _compare_common(a, b)
    pairs = _paired(a.distinctive, b.distinctive)
    weight = sum(len(left) + len(right) for left, right, _ in pairs)
    strong = [(left, right) for left, right, _ in pairs if not (frequencies.is_common(left) and left == right)]
    shown = " ".join(sorted(left if left == right else " ~ ".join(sorted((left, right))) for left, right, _ in pairs))
    if len(pairs) == len(a.distinctive) == len(b.distinctive):
        return _all_paired(a, b, pairs, shown, is_strong=bool(strong))
    if a.brand.replace(" ", "") == b.brand.replace(" ", ""):
        return _likeness(0.86, "brand", " ~ ".join(sorted((a.brand, b.brand))))
    if not strong:
        return _acronym(a, b)
    if len(pairs) == min(len(a.distinctive), len(b.distinctive)):
        return _likeness(0.78, "contained", shown)
    share = weight / sum(map(len, (*a.distinctive, *b.distinctive)))
    leads = a.distinctive[0] == b.distinctive[0] and not frequencies.is_common(a.distinctive[0])
    if share >= 0.5 or leads:
        return _likeness(0.60 + 0.2 * share, "shared_words", shown)
    return _acronym(a, b)


def _compare_common(a: NameForms, b: NameForms) -> Likeness:
    """Return the likeness of names of which one has common words only: each word must have its partner."""
    pairs = _paired(a.tokens, b.tokens)
    if len(pairs) == len(a.tokens) == len(b.tokens):
        mean = sum(likeness for _, _, likeness in pairs) / len(pairs)
        return _likeness(min(0.84, max(REVIEW, mean)), "spelling", " ~ ".join(sorted((a.core, b.core))))
    return _acronym(a, b)


def _all_paired(
    a: NameForms, b: NameForms, pairs: list[tuple[str, str, float]], shown: str, *, is_strong: bool
) -> Likeness:
    """Return the likeness of two names whose distinctive words all have a partner."""
    exact = all(left == right for left, right, _ in pairs)
    if exact:
        return _likeness(0.86 if is_strong else 0.62, "brand", shown)
    mean = sum(likeness for _, _, likeness in pairs) / len(pairs)
    rest_a = sorted(set(a.tokens) - set(a.distinctive))
    rest_b = sorted(set(b.tokens) - set(b.distinctive))
    return _likeness(mean if rest_a == rest_b and mean >= REVIEW else min(0.84, max(REVIEW, mean)), "spelling", shown)


def _paired(a: Sequence[str], b: Sequence[str]) -> list[tuple[str, str, float]]:
    """Return the words of two names in pairs, each word once, the best pairs first."""
    every = [(_is_alike(left, right), left, right) for left in a for right in b]
    pairs: list[tuple[str, str, float]] = []
    used_a: set[str] = set()
    used_b: set[str] = set()
    for likeness, left, right in sorted(every, key=lambda row: (-row[0], min(row[1:]), max(row[1:]))):
        if likeness and left not in used_a and right not in used_b:
            used_a.add(left)
            used_b.add(right)
            pairs.append((left, right, likeness))
    return pairs


def _acronym(a: NameForms, b: NameForms) -> Likeness:
    for long, short in ((a, b), (b, a)):
        letters = long.initials if long.is_cjk or len(long.tokens) > 2 else ""
        if 3 <= len(letters) <= 6 and letters in short.distinctive:
            return _likeness(0.64, "acronym", letters)
    return NOTHING


def _compare_sound(a: NameForms, b: NameForms, frequencies: Frequencies) -> Likeness:
    """Return what the sound of two names suggests; at most a review."""
    shared = [word for word in a.distinctive if word in b.distinctive and not frequencies.is_common(word)]
    if a.is_cjk != b.is_cjk and shared:
        return _likeness(0.80, "sound", shared[0])
    if a.script == b.script:
        return _acronym(a, b)
    common = a.sounds & b.sounds
    if common:
        whole = a.brand_sounds & b.brand_sounds
        shown = " ~ ".join(sorted((a.brand, b.brand)))
        if whole:
            return _likeness(0.84, "sound", shown)
        # The beginning of one name is a word of the other: '华为终端' and 'Huawei'.
        score = 0.74 if a.brand_sounds & common or b.brand_sounds & common else 0.64
        return _likeness(score, "sound", shown)
    return _acronym(a, b)


# The register


@dataclass(frozen=True, slots=True)
class RegisterEntry:
    """A name that stands on a side ('client', 'adverse', 'other') of a matter, of the hall or of a member's firm."""

    id: str
    name: str
    side: str
    matter: str
    holder: str
    since: date
    ended: date | None = None
    ids: tuple[str, ...] = ()
    country: str = ""

    def is_live(self, today: date) -> bool:
        """Whether the matter is open today."""
        return self.ended is None or self.ended > today


@dataclass(frozen=True, slots=True)
class PartyName:
    """A party of the case that is checked: its role, its names in every script, its numbers, its country."""

    party_id: str
    role: str
    names: tuple[str, ...]
    ids: tuple[str, ...] = ()
    country: str = ""


@dataclass(frozen=True, slots=True)
class Hit:
    """A party is like a name of the register, and the rule by which that matters. `blocks` if it stops the case."""

    party_id: str
    entry_id: str
    score: float
    band: str
    reason: str
    rule: str
    shown: str
    blocks: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a check found. 'clear' means no match in `compared` names, and nothing more."""

    status: str
    hits: tuple[Hit, ...]
    compared: int
    version: str

    @property
    def sentence(self) -> tuple[str, dict[str, int]]:
        """The msgid and its parameters that say what was compared and found."""
        if not self.hits:
            return NOTHING_FOUND, {"count": self.compared}
        return FOUND, {"hits": len(self.hits), "count": self.compared}


class _Index:
    """What is kept about the names of a register so that a check looks at few of them."""

    def __init__(self) -> None:
        self.entries: list[RegisterEntry] = []
        self.forms: list[NameForms] = []
        self.numbers: dict[str, int] = {}
        self.frequencies = Frequencies()
        # By hash of the key: it takes less memory, and two keys that fall together only cost a comparison.
        self.postings: dict[int, int | list[int]] = {}
        self.spellings: defaultdict[int, set[str]] = defaultdict(set)
        self.matters: defaultdict[str, set[int]] = defaultdict(set)

    def add(self, entry: RegisterEntry, name: NameForms, aliases: Aliases) -> None:
        number = len(self.entries)
        self.entries.append(entry)
        self.forms.append(name)
        self.numbers[entry.id] = number
        self.matters[entry.matter].add(number)
        self.frequencies.add(name)
        for key in map(hash, _keys(name, aliases)):
            before = self.postings.get(key)
            if before is None:
                self.postings[key] = number
            elif isinstance(before, int):
                self.postings[key] = [before, number]
            else:
                before.append(number)
        for word in name.distinctive:
            for spelling in _spellings(word):
                self.spellings[hash(spelling)].add(word)

    def numbers_under(self, key: str) -> Sequence[int]:
        """Return the numbers of the entries that have the key."""
        found = self.postings.get(hash(key), ())
        return (found,) if isinstance(found, int) else found


def _keys(name: NameForms, aliases: Aliases) -> set[str]:
    """Return the keys under which a name is found again."""
    keys = {f"id {kind} {number}" for kind, number in name.ids}
    if name.core:
        keys.add(f"core {name.core.replace(' ', '')}")
    if name.tokens and not name.is_cjk:
        keys.add(f"words {' '.join(sorted(name.tokens))}")
    if name.is_cjk:
        keys.update(f"pair {pair}" for pair in name.bigrams)
        if len(name.brand) in {3, 4}:
            # A slip or a swap of signs leaves no pair of neighbours in so short a brand.
            keys.update(f"pair {first}{third}" for first, third in zip(name.brand, name.brand[2:], strict=False))
        keys.update(f"brand sound {sound}" for sound in name.brand_sounds)
    if name.brand and not name.is_cjk:
        keys.add(f"brand {name.brand.replace(' ', '')}")
    keys.update(f"word {word}" for word in name.distinctive)
    keys.update(f"sound {sound}" for sound in name.sounds)
    if 3 <= len(name.initials) <= 6:
        keys.add(f"initials {name.initials}")
    group = aliases.group_of(name)
    if group is not None:
        keys.add(f"alias {group}")
    return keys


class Register:
    """Names on the sides of matters, held in memory with postings, so that a check does not read them all."""

    def __init__(self, entries: Iterable[RegisterEntry] = (), *, aliases: Aliases | None = None) -> None:
        self._index = _Index()
        self._aliases = aliases or kept_aliases()
        self._hidden: str | None = None
        for entry in entries:
            self.add(entry)

    def __len__(self) -> int:
        """Return how many names a check against this register covers."""
        hidden = self._index.matters.get(self._hidden, set()) if self._hidden is not None else set()
        return len(self._index.entries) - len(hidden)

    def add(self, entry: RegisterEntry) -> None:
        """Add a name. A known id with the same name and numbers changes side, matter and dates of the entry only."""
        number = self._index.numbers.get(entry.id)
        if number is None:
            self._index.add(entry, forms(entry.name, ids=entry.ids), self._aliases)
            return
        known = self._index.entries[number]
        if (known.name, known.ids) != (entry.name, entry.ids):
            raise ValueError(f"entry {entry.id} has another name")
        self._index.matters[known.matter].discard(number)
        self._index.matters[entry.matter].add(number)
        self._index.entries[number] = entry

    def without_matter(self, matter: str) -> "Register":
        """Return the same register without the names of one matter: a case has no conflict with itself."""
        view = Register((), aliases=self._aliases)
        view._index = self._index
        view._hidden = matter
        return view

    @property
    def frequencies(self) -> Frequencies:
        """How often words stand in the names of the register."""
        return self._index.frequencies

    def candidates(self, name: NameForms) -> tuple[RegisterEntry, ...]:
        """Return the entries that share anything with the name by which the two could be alike."""
        return tuple(self._index.entries[number] for number in sorted(self._candidates(name)))

    def _candidates(self, name: NameForms) -> set[int]:
        keys = _keys(name, self._aliases)
        # Initials of one name are a word of the other.
        keys.update(f"initials {word}" for word in name.distinctive if 3 <= len(word) <= 6)
        keys.add(f"word {name.initials}")
        for word in name.distinctive:
            if self.frequencies.is_common(word):
                keys.discard(f"word {word}")
                continue
            for spelling in _spellings(word):
                keys.update(f"word {other}" for other in self._index.spellings.get(hash(spelling), ()))
        found: set[int] = set()
        for key in keys:
            found.update(self._index.numbers_under(key))
        if self._hidden is not None:
            found -= self._index.matters.get(self._hidden, set())
        return found

    def likenesses(self, name: NameForms) -> Iterator[tuple[RegisterEntry, Likeness]]:
        """Yield the entries that are like the name, with the likeness; what is below review is left out."""
        for number in self._candidates(name):
            found = compare(name, self._index.forms[number], frequencies=self.frequencies, aliases=self._aliases)
            if found.band != "none":
                yield self._index.entries[number], found


# The check


def side_of(role: str) -> str:
    """Return the side of a party's role: 'client', 'adverse', 'counsel', or 'other' for affiliates and all else."""
    return _SIDE_OF_ROLE.get(role, "other")


def rule_for(party_side: str, entry: RegisterEntry, today: date) -> tuple[str, bool] | None:
    """Return the rule that applies when a party is a name of the register, and whether a hit blocks; None if none does.

    The same side twice is no conflict: a client who comes again, an opponent or its law firm met before.
    """
    if party_side == entry.side and party_side in _SAME_SIDE_IS_NO_CONFLICT:
        return None
    live = entry.is_live(today)
    if party_side in _BESIDE_THE_PARTIES:
        return "connected", False
    if entry.side in _BESIDE_THE_PARTIES:
        return ("against_consulted" if party_side == "adverse" else "client_is_connected"), False
    if party_side == "adverse":
        return ("against_client", True) if live else ("against_former_client", False)
    return ("client_is_adverse", True) if live else ("client_was_adverse", False)


def check(parties: Sequence[PartyName], register: Register, *, today: date) -> Outcome:
    """Compare every name of every party with the register and say what an officer has to look at.

    A hit on a client against an opponent in an open matter blocks; a weaker likeness, a closed matter, and who is
    neither client nor opponent go to review. Another country lowers a likeness and never clears it.
    """
    best: dict[tuple[str, str], Hit] = {}
    for party in parties:
        side = side_of(party.role)
        for name in party.names:
            for entry, found in register.likenesses(forms(name, ids=party.ids)):
                rule = rule_for(side, entry, today)
                if rule is None:
                    continue
                likeness = _weighed(found, party.country, entry.country)
                known = best.get((party.party_id, entry.id))
                if known is None or likeness.score > known.score:
                    best[party.party_id, entry.id] = _hit(party, entry, likeness, rule)
    hits = tuple(sorted(best.values(), key=lambda hit: (not hit.blocks, -hit.score, hit.party_id, hit.entry_id)))
    return Outcome(_status(hits), hits, len(register), version())


def _hit(party: PartyName, entry: RegisterEntry, found: Likeness, rule: tuple[str, bool]) -> Hit:
    code, may_block = rule
    blocks = may_block and found.band == "hit"
    return Hit(party.party_id, entry.id, found.score, found.band, found.reason, code, found.shown, blocks)


def _weighed(found: Likeness, country: str, other: str) -> Likeness:
    if found.reason == "same_id" or not country or not other or country == other:
        return found
    return replace(_lowered(found), reason=found.reason)


def _status(hits: Sequence[Hit]) -> str:
    if any(hit.blocks for hit in hits):
        return "blocked"
    return "review" if hits else "clear"


def member_conflicts(
    parties: Sequence[PartyName], entries: Iterable[RegisterEntry], *, today: date
) -> dict[str, tuple[Hit, ...]]:
    """Return, for every holder whose own matters touch the parties, what was found; a holder who is absent has none.

    A holder is a firm: what one of its people holds is held against all of them.
    """
    kept = list(entries)
    holder = {entry.id: entry.holder for entry in kept}
    found: defaultdict[str, list[Hit]] = defaultdict(list)
    for hit in check(parties, Register(kept), today=today).hits:
        found[holder[hit.entry_id]].append(hit)
    return {firm: tuple(hits) for firm, hits in found.items()}
