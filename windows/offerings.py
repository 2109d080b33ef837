"""The service catalogue: what the hall does along the whole chain, what to bring, and who does it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from pydantic import ConfigDict, TypeAdapter

from hall.words import N_
from windows import knowledge

FILE = Path(__file__).parent / "offerings.toml"
Stage = Literal["before", "after", "dispute", "always"]
STAGES: Mapping[Stage, str] = MappingProxyType(
    {
        "before": N_("Before you go"),
        "after": N_("Once you have rights"),
        "dispute": N_("When there is a dispute"),
        "always": N_("At any time"),
    }
)


@dataclass(frozen=True, slots=True)
class Offering:
    """One thing that the hall does (texts are msgids): its stage, the role its intake begins with, what to bring."""

    code: str
    stage: Stage
    role: Literal["we_claim", "we_are_accused", "we_are_preparing"]
    title: str
    text: str
    needs: tuple[str, ...]
    decides: str

    __pydantic_config__ = ConfigDict(extra="forbid")


_OFFERINGS = TypeAdapter(dict[str, Offering])


def by_stage() -> tuple[tuple[str, tuple[Offering, ...]], ...]:
    """All offerings under the names of their stages (msgids), in the order of the chain. Raises InvalidKnowledge."""
    return tuple(
        (name, tuple(offering for offering in all_offerings() if offering.stage == stage))
        for stage, name in STAGES.items()
    )


@cache
def all_offerings() -> tuple[Offering, ...]:
    """All offerings in their order. Raises InvalidKnowledge."""
    return load(FILE)


def load(path: Path) -> tuple[Offering, ...]:
    """Read and check the offerings of a file. Raises InvalidKnowledge(file, line, message)."""
    file = knowledge.read(path)
    return tuple(file.shaped(_OFFERINGS, file.tables("code")).values())
