"""kill -9 in the middle of submits: what was acknowledged is there once, and what was not can be sent again."""

import random
from itertools import islice
from pathlib import Path

import pytest

from hall.database import Database
from hall.settings import Settings
from tests.faults.killing import kill_in_the_middle, running
from tests.faults.visits import Visit, check, open_visits, submit

ROUNDS = 50
CLIENTS = 4
VISITS = 6


@pytest.mark.parametrize("seed", [20261125])
def test_kill_9_during_submits_loses_and_doubles_nothing(
    settings: Settings, database: Database, tmp_path: Path, seed: int
) -> None:
    chance, visits = random.Random(seed), list[Visit]()
    with running(settings, tmp_path / "server.log", ROUNDS + 1) as servers:
        for server in islice(servers, ROUNDS):
            shares = [open_visits(database, VISITS) for _ in range(CLIENTS)]
            visits += [visit for share in shares for visit in share]
            kill_in_the_middle(server, shares, chance)
        acknowledged = [visit for visit in visits if visit.acknowledged]
        assert len(acknowledged) >= ROUNDS
        assert len(acknowledged) < len(visits), "no round was cut short"
        check(database, visits)

        last = next(servers)
        for visit in visits:
            if not visit.acknowledged:
                submit(last.address, visit)
    check(database, visits)
