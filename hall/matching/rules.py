"""Who suits a need, in what order, and why; how long an offer stands. Pure: day and draw are arguments."""

import hashlib
import math
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from hall.hours import Hours
from hall.words import N_

WEIGHTS_FILE = Path(__file__).with_name("weights.toml")

KINDS = ("advisor", "provider")
URGENCIES = ("U0", "U1", "U2", "U3")
CRITERIA = ("fit", "industry", "jurisdiction", "experience", "on_time", "language", "slack", "satisfaction")
SATISFACTION_MOST = 15.0

# What members are verified for. What a need names beyond these lists is taken as not asked for.
PROCEDURES: dict[str, str] = {
    "advice": N_("Consultation and training"),
    "filing": N_("Filing abroad"),
    "prosecution": N_("Refusals and office actions"),
    "clearance": N_("Clearance and freedom to operate"),
    "cease_and_desist": N_("Cease-and-desist letters"),
    "litigation": N_("Lawsuits"),
    "itc_337": N_("Section 337 investigations"),
    "trade_commission": N_("Unfair trade investigations"),
    "customs": N_("Customs recordation and detention"),
    "trade_fair": N_("Trade fairs"),
    "platform": N_("Platform takedowns"),
    "opposition": N_("Oppositions"),
    "invalidation": N_("Invalidation"),
    "cancellation": N_("Cancellation for non-use"),
    "squatting": N_("Trademark squatting"),
    "domain": N_("Domain disputes"),
    "licence": N_("Licences and contracts"),
    "patent_assertion": N_("NPE and SEP claims"),
}
RIGHTS: dict[str, str] = {
    "patent": N_("Patents"),
    "utility_model": N_("Utility models"),
    "design": N_("Designs"),
    "mark": N_("Trademarks"),
    "copyright": N_("Copyright"),
    "trade_secret": N_("Trade secrets"),
    "domain": N_("Domain names"),
}

# Why somebody is not eligible. The first that applies is told.
EXCLUSIONS: dict[str, str] = {
    "suspended": N_("suspended"),
    "other_kind": N_("of another kind"),
    "conflict": N_("possible conflict of interest with a matter of the firm"),
    "by_visitor": N_("not wanted by the visitor"),
    "country": N_("does not act in the country"),
    "credential": N_("no admission there that is valid on the day needed"),
    "right": N_("does not work on this kind of right"),
    "procedure": N_("does not handle this procedure"),
    "panel": N_("not yet verified and without a mentor"),
    "language": N_("no common language"),
    "capacity": N_("no capacity before the safe date"),
    "insurance": N_("no insurance for representation"),
    "fee": N_("above the visitor's ceiling for fees"),
}

# Why an offer is declined. Conflict and leave are never held against anybody.
DECLINE_REASONS: dict[str, str] = {
    "conflict": N_("Conflict of interest"),
    "leave": N_("On leave or ill"),
    "capacity": N_("No time before the date"),
    "expertise": N_("Outside my field"),
    "language": N_("Not in this language"),
    "other": N_("Another reason"),
}
DECLINES_WITHOUT_BLAME = frozenset({"conflict", "leave"})

REASONS: dict[str, str] = {
    "fit_full": N_("Handles this procedure and this kind of right"),
    "fit_part": N_("Handles part of what is asked"),
    "fit_open": N_("Nothing special asked of procedure and right"),
    "industry_same": N_("Knows the field %(industry)s"),
    "industry_near": N_("Knows a field near %(industry)s"),
    "industry_other": N_("No experience in this field on record"),
    "industry_open": N_("No field of technology stated"),
    "admitted": N_("Admitted in %(country)s"),
    "at_home": N_("Works on matters in %(country)s"),
    "anywhere": N_("No single country asked for"),
    "experience_kind": N_("Handled %(count)s matters of this kind"),
    "experience_all": N_("Handled %(count)s matters"),
    "experience_none": N_("No finished matter yet"),
    "on_time": N_("On time in %(kept)s of %(all)s matters"),
    "on_time_new": N_("New: counted with the panel's mean for punctuality"),
    "language": N_("Speaks the visitor's language"),
    "slack": N_("%(free)s of %(capacity)s places free"),
    "satisfaction": N_("Rated well in %(good)s of %(all)s matters"),
    "satisfaction_new": N_("New: counted with the panel's mean for satisfaction"),
}

PLACE_BEST = N_("Best fit")
PLACE_BAND = N_("As well suited as the best; order by rotation")
PLACE_BELOW = N_("Less well suited")

CONSIDERED = N_("%(considered)s considered, %(eligible)s eligible.")
IN_BAND = N_("%(count)s are equally suited; the order among them goes by rotation.")
BEHIND = N_("The first has received %(behind)s offers fewer than its fair share in %(days)s days.")
LEAST = N_("The first has received least against its fair share in %(days)s days.")
LONGEST = N_("The first has waited longest since the last offer.")
DRAWN = N_("The first was drawn by the lot of the day.")
LEFT_OUT = N_("Not eligible, %(reason)s: %(count)s.")
NOBODY = N_("Nobody is eligible. A supervisor widens the search or names somebody with a reason.")
ENOUGH = N_("This case was already referred to %(count)s providers in twelve months.")


class InvalidWeights(Exception):
    """The file of weights does not hold what it must; the message says where."""


# Weights


@dataclass(frozen=True, slots=True)
class Weights:
    """The figures of weights.toml. `points` sum to 100; `accept` is minutes of open time by urgency."""

    version: str
    points: Mapping[str, float]
    urgent: frozenset[str]
    doubled: frozenset[str]
    scale: float
    new_below: int
    strength: float
    prior: float
    lower_sigma: float
    band: float
    days: int
    advisors: int
    providers: int
    referrals: int
    language_least: float
    accept: Mapping[str, int]

    def points_for(self, urgency: str) -> dict[str, float]:
        """Return the points of each criterion for an urgency; they sum to 100."""
        raised = {
            name: points * (2 if urgency in self.urgent and name in self.doubled else 1)
            for name, points in self.points.items()
        }
        whole = sum(raised.values())
        return {name: 100 * points / whole for name, points in raised.items()}


def read_weights(text: str) -> Weights:
    """Return the weights written in TOML; InvalidWeights where a key is missing, unknown, or a figure is impossible."""
    try:
        table = tomllib.loads(text)
        weights = _weights(table)
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as wrong:
        raise InvalidWeights(str(wrong)) from wrong
    _validate(weights, table)
    return weights


def _weights(table: dict[str, Any]) -> Weights:
    return Weights(
        version=str(table["version"]),
        points={str(name): float(points) for name, points in table["points"].items()},
        urgent=frozenset(table["urgent"]["urgencies"]),
        doubled=frozenset(table["urgent"]["doubled"]),
        scale=float(table["experience"]["scale"]),
        new_below=int(table["experience"]["new_below"]),
        strength=float(table["shrinkage"]["strength"]),
        prior=float(table["shrinkage"]["prior"]),
        lower_sigma=float(table["shrinkage"]["lower_sigma"]),
        band=float(table["band"]["width"]),
        days=int(table["band"]["days"]),
        advisors=int(table["proposal"]["advisors"]),
        providers=int(table["proposal"]["providers"]),
        referrals=int(table["proposal"]["referrals"]),
        language_least=float(table["language"]["least"]),
        accept={str(urgency): int(minutes) for urgency, minutes in table["accept"].items()},
    )


_KEYS = {
    "points": set(CRITERIA),
    "urgent": {"urgencies", "doubled"},
    "experience": {"scale", "new_below"},
    "shrinkage": {"strength", "prior", "lower_sigma"},
    "band": {"width", "days"},
    "proposal": {"advisors", "providers", "referrals"},
    "language": {"least"},
    "accept": set(URGENCIES),
}


def _validate(weights: Weights, table: dict[str, Any]) -> None:
    if set(table) != {"version", *_KEYS}:
        raise InvalidWeights(f"unknown or missing: {sorted(set(table) ^ {'version', *_KEYS})}")
    for key, wanted in _KEYS.items():
        if set(table[key]) != wanted:
            raise InvalidWeights(f"{key}: unknown or missing: {sorted(set(table[key]) ^ wanted)}")
    faults = {
        "points must sum to 100": abs(sum(weights.points.values()) - 100) > 1e-9,
        "points must not be negative": min(weights.points.values()) < 0,
        f"satisfaction is worth {SATISFACTION_MOST:.0f} points at most": weights.points["satisfaction"]
        > SATISFACTION_MOST,
        "urgent: no such urgency": not weights.urgent <= set(URGENCIES),
        "urgent: no such criterion": not weights.doubled <= set(CRITERIA),
        "scale and strength must be above 0": min(weights.scale, weights.strength) <= 0,
        "prior and language least lie between 0 and 1": not (
            0 < weights.prior < 1 and 0 <= weights.language_least <= 1
        ),
        "band must not be negative": weights.band < 0,
        "proposals must be 1 or more": min(weights.advisors, weights.providers, weights.referrals) < 1,
        "minutes must be above 0": min(weights.accept.values()) <= 0,
        "the more urgent, the sooner": [weights.accept[u] for u in URGENCIES]
        != sorted(weights.accept[u] for u in URGENCIES),
    }
    for message, is_wrong in faults.items():
        if is_wrong:
            raise InvalidWeights(message)


@cache
def kept_weights() -> Weights:
    """Return the weights that come with the rules."""
    return read_weights(WEIGHTS_FILE.read_text("utf-8"))


# Need and candidates


@dataclass(frozen=True, slots=True)
class Need:
    """What a case asks of an advisor or provider. Empty means: not asked for.

    `safe_date` is the earliest safe date of the case; `representation` is asked of providers who act before an
    office or court; `fee_ceiling` and the candidates' `fee_from` are in the same currency; `referrals` counts what was
    referred in twelve months.
    """

    country: str
    window: str
    rights: tuple[str, ...]
    procedure: str
    languages: tuple[str, ...]
    urgency: str
    safe_date: date | None
    kind: str
    fee_ceiling: float | None = None
    excluded: frozenset[str] = frozenset()
    industries: tuple[str, ...] = ()
    representation: bool = False
    referrals: int = 0


@dataclass(frozen=True, slots=True)
class Candidate:
    """An advisor or provider as matching sees one. Nothing of price paid, client's size, nationality or cases won.

    `languages` holds quality 0 to 1 by language tag; `on_time` is (kept, missed), `rating` (good, poor), of finished
    matters; `offers_expected` is the fair share of offers over the same days as `offers_received`.
    """

    id: str
    firm: str
    kind: str
    countries: tuple[str, ...]
    credentials: tuple[tuple[str, date | None], ...]
    rights: tuple[str, ...]
    procedures: tuple[str, ...]
    industries: tuple[str, ...]
    languages: Mapping[str, float]
    capacity: int
    load: int
    completed: int
    on_time: tuple[float, float]
    rating: tuple[float, float]
    offers_received: int
    offers_expected: float
    last_offer_on: date | None
    suspended: bool
    joined_on: date
    completed_of_kind: Mapping[str, int] = field(default_factory=dict)
    verified: bool = True
    has_mentor: bool = False
    insured: bool = True
    fee_from: float | None = None
    available_from: date | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """Points for one criterion, with the sentence that says why."""

    criterion: str
    code: str
    points: float
    message: str
    params: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Ranked:
    """An eligible candidate: place from 1, score 0 to 100 (the sum of the reasons), whether it lies in the band."""

    id: str
    place: int
    score: float
    points: tuple[Reason, ...]
    band: bool
    is_new: bool
    behind: float
    message: str


@dataclass(frozen=True, slots=True)
class Excluded:
    """A candidate who is not eligible, and why."""

    id: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Ranking:
    """The order of the eligible, who was left out and why, and whom to propose.

    `explanation` holds plain values only, to be stored with the case: sentences as message and parameters.
    """

    considered: int
    eligible: tuple[Ranked, ...]
    excluded: tuple[Excluded, ...]
    proposal: tuple[str, ...]
    seed: str
    version: str
    explanation: Mapping[str, Any]


# Hard filters


def is_verified(*, matters_in_4_years: int, training_hours_in_24_months: float) -> bool:
    """Whether a member belongs to the verified panel: three matters in four years, or fifteen hours of training."""
    return matters_in_4_years >= 3 or training_hours_in_24_months >= 15


def find_exclusion(
    need: Need, candidate: Candidate, *, today: date, conflicted: frozenset[str], weights: Weights
) -> str | None:
    """Return the code of the first hard filter that excludes the candidate, or None."""
    needed_on = max(need.safe_date or today, today)
    tests: tuple[tuple[str, Callable[[], bool]], ...] = (
        ("suspended", lambda: candidate.suspended),
        ("other_kind", lambda: candidate.kind != need.kind),
        ("conflict", lambda: bool({candidate.id, candidate.firm} & conflicted)),
        ("by_visitor", lambda: bool({candidate.id, candidate.firm} & need.excluded)),
        ("country", lambda: bool(need.country) and need.country not in candidate.countries),
        ("credential", lambda: need.kind == "provider" and not _is_admitted(need, candidate, needed_on)),
        ("right", lambda: bool(_rights(need)) and not _rights(need) & set(candidate.rights)),
        ("procedure", lambda: need.procedure in PROCEDURES and need.procedure not in candidate.procedures),
        ("panel", lambda: not candidate.verified and not candidate.has_mentor),
        ("language", lambda: _language_quality(need, candidate) < weights.language_least),
        ("capacity", lambda: not _is_free(candidate, needed_on)),
        ("insurance", lambda: need.representation and not candidate.insured),
        ("fee", lambda: _is_too_dear(need, candidate)),
    )
    return next((code for code, applies in tests if applies()), None)


def _rights(need: Need) -> frozenset[str]:
    return frozenset(need.rights) & RIGHTS.keys()


def _is_admitted(need: Need, candidate: Candidate, on: date) -> bool:
    # Guidance by an advisor needs no admission; acting for somebody before an office or court does.
    if not need.country:
        return True
    return any(country == need.country and (until is None or until >= on) for country, until in candidate.credentials)


def _is_free(candidate: Candidate, needed_on: date) -> bool:
    if candidate.load >= candidate.capacity:
        return False
    return candidate.available_from is None or candidate.available_from <= needed_on


def _is_too_dear(need: Need, candidate: Candidate) -> bool:
    return need.fee_ceiling is not None and candidate.fee_from is not None and candidate.fee_from > need.fee_ceiling


def _language_quality(need: Need, candidate: Candidate) -> float:
    if not need.languages:
        return 1.0
    spoken: dict[str, float] = {}
    for tag, quality in candidate.languages.items():
        spoken[_primary(tag)] = max(quality, spoken.get(_primary(tag), 0.0))
    return max(spoken.get(_primary(tag), 0.0) for tag in need.languages)


def _primary(tag: str) -> str:
    return tag.replace("_", "-").partition("-")[0].lower()


# Score


def shrunk_lower_bound(kept: float, missed: float, *, mean: float, strength: float, sigma: float) -> float:
    """Return the bound above which nine in ten beliefs about a share lie, after shrinking it to the panel's mean.

    Beta(kept + mean * strength, missed + (1 - mean) * strength), with the normal approximation of its quantile,
    within 0.02 of the exact one at a strength of 10.
    """
    a, b = kept + mean * strength, missed + (1 - mean) * strength
    middle = a / (a + b)
    deviation = math.sqrt(a * b / ((a + b) ** 2 * (a + b + 1)))
    return min(1.0, max(0.0, middle - sigma * deviation))


def panel_mean(records: Iterable[tuple[float, float]], *, prior: float) -> float:
    """Return the share of kept over all records, or the prior where there is none."""
    kept = missed = 0.0
    for good, bad in records:
        kept, missed = kept + good, missed + bad
    return kept / (kept + missed) if kept + missed else prior


@dataclass(frozen=True, slots=True)
class _Means:
    on_time: float
    rating: float


def _score(need: Need, candidate: Candidate, *, today: date, means: _Means, weights: Weights) -> tuple[Reason, ...]:
    worth = weights.points_for(need.urgency)
    found: tuple[tuple[str, float, str, dict[str, object]], ...] = (
        ("fit", *_fit(need, candidate)),
        ("industry", *_industry(need, candidate)),
        ("jurisdiction", *_jurisdiction(need, candidate, max(need.safe_date or today, today))),
        ("experience", *_experience(need, candidate, weights)),
        ("on_time", *_record("on_time", candidate, candidate.on_time, means.on_time, weights)),
        ("language", _language_quality(need, candidate), "language", {}),
        ("slack", *_slack(candidate)),
        ("satisfaction", *_record("satisfaction", candidate, candidate.rating, means.rating, weights)),
    )
    return tuple(
        Reason(criterion, code, round(share * worth[criterion], 1), REASONS[code], params)
        for criterion, share, code, params in found
    )


_Share = tuple[float, str, dict[str, object]]


def _fit(need: Need, candidate: Candidate) -> _Share:
    shares = []
    if need.procedure in PROCEDURES:
        shares.append(1.0 if need.procedure in candidate.procedures else 0.0)
    rights = _rights(need)
    if rights:
        shares.append(len(rights & set(candidate.rights)) / len(rights))
    if not shares:
        return 1.0, "fit_open", {}
    share = sum(shares) / len(shares)
    return share, "fit_full" if share == 1 else "fit_part", {}


def _industry(need: Need, candidate: Candidate) -> _Share:
    if not need.industries:
        return 0.5, "industry_open", {}
    near = {
        wanted: max((_nearness(wanted, known) for known in candidate.industries), default=0.0)
        for wanted in need.industries
    }
    share = sum(near.values()) / len(near)
    best = max(near, key=lambda wanted: (near[wanted], wanted))
    code = "industry_same" if near[best] == 1 else "industry_near" if near[best] else "industry_other"
    return share, code, {} if code == "industry_other" else {"industry": best}


def _nearness(a: str, b: str) -> float:
    """Return how near two classes of one scheme are: 1 the same, 0.75 the same CPC class, 0.4 the same section."""
    if a == b:
        return 1.0
    if not a[:1].isalpha() or not b[:1].isalpha():
        # HS headings share their chapter; Nice classes stand beside each other, not under each other.
        return 0.75 if len(a) >= 4 and len(b) >= 4 and a[:2] == b[:2] else 0.0
    if a[:3] == b[:3]:
        return 0.75
    return 0.4 if a[0] == b[0] else 0.0


def _jurisdiction(need: Need, candidate: Candidate, on: date) -> _Share:
    if not need.country:
        return 0.5, "anywhere", {}
    if _is_admitted(need, candidate, on):
        return 1.0, "admitted", {"country": need.country}
    return 0.6, "at_home", {"country": need.country}


def _experience(need: Need, candidate: Candidate, weights: Weights) -> _Share:
    of_kind = candidate.completed_of_kind.get(need.procedure, 0)
    if of_kind:
        return 1 - math.exp(-of_kind / weights.scale), "experience_kind", {"count": of_kind}
    if candidate.completed:
        # Matters that are not known to be of this kind count half.
        return 1 - math.exp(-candidate.completed / 2 / weights.scale), "experience_all", {"count": candidate.completed}
    return 0.0, "experience_none", {}


def _record(criterion: str, candidate: Candidate, record: tuple[float, float], mean: float, weights: Weights) -> _Share:
    good, bad = record
    if is_new(candidate, weights) or not good + bad:
        return mean, f"{criterion}_new", {}
    share = shrunk_lower_bound(good, bad, mean=mean, strength=weights.strength, sigma=weights.lower_sigma)
    names = ("kept", "all") if criterion == "on_time" else ("good", "all")
    return share, criterion, dict(zip(names, (round(good), round(good + bad)), strict=True))


def _slack(candidate: Candidate) -> _Share:
    free = candidate.capacity - candidate.load
    return free / candidate.capacity, "slack", {"free": free, "capacity": candidate.capacity}


def is_new(candidate: Candidate, weights: Weights) -> bool:
    """Whether a member has too few finished matters for figures of its own."""
    return candidate.completed < weights.new_below


# Order


def daily_draw(seed: str, day: date, member_id: str) -> str:
    """Return the lot of a member on a day: the same all day, other tomorrow, repeatable from the seed."""
    return hashlib.sha256(f"{seed}|{day.isoformat()}|{member_id}".encode()).hexdigest()


def _turn(candidate: Candidate, seed: str, today: date) -> tuple[float, int, str]:
    """Return the key of rotation: who is furthest behind, then who waits longest, then the lot."""
    behind = round(candidate.offers_expected - candidate.offers_received, 6)
    last = candidate.last_offer_on.toordinal() if candidate.last_offer_on else 0
    return -behind, last, daily_draw(seed, today, candidate.id)


def rank(
    need: Need,
    candidates: Sequence[Candidate],
    *,
    today: date,
    seed: str,
    conflicted: frozenset[str] = frozenset(),
    weights: Weights | None = None,
) -> Ranking:
    """Return who is eligible for the need, in order and with reasons, and whom to propose.

    `conflicted` holds ids of members or names of firms: a conflict of one is a conflict of the whole firm. All within
    the band below the best are equally suited and take turns: furthest behind the fair share first, then longest since
    the last offer, then the lot of the day drawn from `seed`. Nobody's payment plays a part.
    """
    weights = weights or kept_weights()
    firms = {candidate.firm for candidate in candidates if candidate.id in conflicted and candidate.firm}
    conflicted = conflicted | firms
    excluded: list[Excluded] = []
    suited: list[Candidate] = []
    for candidate in candidates:
        code = find_exclusion(need, candidate, today=today, conflicted=conflicted, weights=weights)
        if code:
            excluded.append(Excluded(candidate.id, code, EXCLUSIONS[code]))
        else:
            suited.append(candidate)
    eligible = _ordered(need, suited, candidates, today=today, seed=seed, weights=weights)
    proposal = _proposal(need, eligible, {candidate.id: candidate.firm for candidate in suited}, weights)
    explanation = _explanation(need, candidates, eligible, excluded, proposal, seed=seed, weights=weights)
    return Ranking(len(candidates), eligible, tuple(excluded), proposal, seed, weights.version, explanation)


def _ordered(
    need: Need,
    suited: Sequence[Candidate],
    panel: Sequence[Candidate],
    *,
    today: date,
    seed: str,
    weights: Weights,
) -> tuple[Ranked, ...]:
    peers = [candidate for candidate in panel if candidate.kind == need.kind]
    means = _Means(
        panel_mean((candidate.on_time for candidate in peers), prior=weights.prior),
        panel_mean((candidate.rating for candidate in peers), prior=weights.prior),
    )
    scored = []
    for candidate in suited:
        reasons = _score(need, candidate, today=today, means=means, weights=weights)
        scored.append((round(sum(reason.points for reason in reasons), 1), candidate, reasons))
    best = max((score for score, _, _ in scored), default=0.0)

    def order(row: tuple[float, Candidate, tuple[Reason, ...]]) -> tuple[bool, float, tuple[float, int, str]]:
        score, candidate, _ = row
        below = score < best - weights.band
        return below, -score if below else 0.0, _turn(candidate, seed, today)

    ranked = []
    for place, (score, candidate, reasons) in enumerate(sorted(scored, key=order), start=1):
        band = score >= best - weights.band
        behind = round(candidate.offers_expected - candidate.offers_received, 2)
        message = PLACE_BEST if score == best else PLACE_BAND if band else PLACE_BELOW
        ranked.append(Ranked(candidate.id, place, score, reasons, band, is_new(candidate, weights), behind, message))
    return tuple(ranked)


def _proposal(need: Need, eligible: Sequence[Ranked], firms: Mapping[str, str], weights: Weights) -> tuple[str, ...]:
    if need.kind == "advisor":
        return tuple(entry.id for entry in eligible[: weights.advisors])
    if _has_enough_referrals(need, weights):
        return ()
    shown: list[str] = []
    seen: set[str] = set()
    for entry in eligible:
        # Three offices of one firm are no choice.
        if firms[entry.id] not in seen:
            seen.add(firms[entry.id])
            shown.append(entry.id)
    return tuple(shown[: weights.providers])


def _has_enough_referrals(need: Need, weights: Weights) -> bool:
    return need.kind == "provider" and need.referrals >= weights.referrals and need.urgency not in weights.urgent


def _explanation(
    need: Need,
    candidates: Sequence[Candidate],
    eligible: Sequence[Ranked],
    excluded: Sequence[Excluded],
    proposal: Sequence[str],
    *,
    seed: str,
    weights: Weights,
) -> dict[str, Any]:
    sentences: list[tuple[str, dict[str, object]]] = [
        (CONSIDERED, {"considered": len(candidates), "eligible": len(eligible)})
    ]
    if not eligible:
        sentences.append((NOBODY, {}))
    band = [entry for entry in eligible if entry.band]
    if len(band) > 1:
        sentences.append((IN_BAND, {"count": len(band)}))
        sentences.append(_why_first(band, candidates, weights))
    if _has_enough_referrals(need, weights):
        sentences.append((ENOUGH, {"count": need.referrals}))
    counted = Counter(entry.code for entry in excluded)
    left_out = [
        {"code": code, "message": EXCLUSIONS[code], "count": counted[code]} for code in EXCLUSIONS if counted[code]
    ]
    return {
        "version": weights.version,
        "seed": seed,
        "sentences": [{"message": message, "params": params} for message, params in sentences],
        "considered": len(candidates),
        "eligible": [_kept(entry) for entry in eligible],
        "left_out": left_out,
        "excluded": [{"id": entry.id, "code": entry.code, "message": entry.message} for entry in excluded],
        "proposal": list(proposal),
    }


def _why_first(
    band: Sequence[Ranked], candidates: Sequence[Candidate], weights: Weights
) -> tuple[str, dict[str, object]]:
    first, second = band[0], band[1]
    if first.behind > second.behind:
        if first.behind > 0:
            return BEHIND, {"behind": first.behind, "days": weights.days}
        return LEAST, {"days": weights.days}
    last = {candidate.id: candidate.last_offer_on for candidate in candidates}
    return (LONGEST, {}) if last[first.id] != last[second.id] else (DRAWN, {})


def _kept(entry: Ranked) -> dict[str, Any]:
    return {
        "id": entry.id,
        "place": entry.place,
        "score": entry.score,
        "band": entry.band,
        "is_new": entry.is_new,
        "behind": entry.behind,
        "message": entry.message,
        "points": [
            {"code": r.code, "points": r.points, "message": r.message, "params": dict(r.params)} for r in entry.points
        ],
    }


# How long an offer stands


def offer_due(urgency: str, sent_at: datetime, *, hours: Hours, weights: Weights | None = None) -> datetime:
    """Return the moment by which an offer must be answered; only open time counts, from the next opening at the latest.

    Raises NeverOpen; KeyError for an urgency that is none.
    """
    return hours.add(sent_at, timedelta(minutes=(weights or kept_weights()).accept[urgency]))
