"""How long a part that is away is waited for."""

from services.kernel.patience import Patience


def test_pauses_grow_with_a_long_absence_and_begin_anew_after_it() -> None:
    now = [100.0]
    patience = Patience(lambda: now[0])
    pauses = []
    while now[0] < 400:
        pauses.append(patience.pause_s())
        now[0] += pauses[-1]
    assert pauses[:60] == [0.5] * 60
    assert max(pauses[:75]) > 2
    assert all(11.25 <= pause <= 15 for pause in pauses[-8:])
    assert len(pauses) < 110
    assert len(set(pauses[-8:])) > 1
    patience.met()
    assert patience.pause_s() == 0.5
