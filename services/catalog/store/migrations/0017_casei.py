"""Texts without case, by Unicode's full folding, whatever language the database is set up for (CQL2's CASEI)."""

import json
from itertools import groupby

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

_LATIN = 0x80
_FUNCTION = """create function casei(written text) returns text language sql immutable strict parallel safe as $body$
select case when written ~ '[{special}]' then (
    select string_agg(coalesce('{folds}'::jsonb ->> letter, lower(letter collate "C")), '' order by place)
    from unnest(string_to_array(written, null)) with ordinality as each (letter, place)
) else lower(written collate "C") end
$body$"""


def upgrade() -> None:
    folds = {letter: letter.casefold() for letter in map(chr, range(_LATIN, 0xD800))}
    folds |= {letter: letter.casefold() for letter in map(chr, range(0xE000, 0x110000))}
    changed = {letter: folded for letter, folded in folds.items() if letter != folded}
    written = _FUNCTION.format(special=_ranges(changed), folds=json.dumps(changed, ensure_ascii=False))
    op.execute(sa.text(written.replace(":", "\\:")))


def _ranges(letters: dict[str, str]) -> str:
    """Write letters as the ranges of a regular expression."""
    runs = groupby(enumerate(sorted(letters)), key=lambda each: ord(each[1]) - each[0])
    found = [[letter for _, letter in run] for _, run in runs]
    return "".join(f"{run[0]}-{run[-1]}" for run in found)
