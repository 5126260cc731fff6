# SPDX-License-Identifier: Apache-2.0
"""kill -9 at every system call of a pass with starts, a resend and a revoke: nothing lost, nothing twice."""

import pytest

import torture
from torture import KILL, World, points, repeated_events, said, whole_events

PIECES = 4


@pytest.fixture
def world(tmp_path):
    with World(tmp_path) as world:
        yield world


def killed_at(world, n, lag):
    world.begin(lag)
    world.state.aim(KILL, n)
    result = world.once()
    events = whole_events(result.err)
    later, faults = world.converge()
    if result.status != 128 + 9 and world.state.hits:
        faults.append(f"ended with {result.status}")
    faults += [f"event repeated: {key}" for key in repeated_events(events + later)]
    return [f"{n} ({world.place()}), lag {lag}: {fault}" for fault in faults]


@pytest.mark.parametrize("lag", [0, 3600])
@pytest.mark.parametrize("piece", range(PIECES))
def test_killed_at_each_call(world, piece, lag):
    world.begin()
    world.state.aim(torture.COUNT)
    result = world.once()
    assert result.status == 0, result.err
    total = world.state.count
    assert not world.converge()[1]

    mine = points(total, 24)[piece::PIECES]
    faults = [fault for n in mine for fault in killed_at(world, n, lag)]
    said(f"kill/lag-{lag}/{piece}", len(mine), total, faults)
