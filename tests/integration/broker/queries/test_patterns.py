"""Patterns mean the same to PostgreSQL and in memory, and no pattern is slow."""

import random
import time

import pytest

from services.broker.query.jsonpath import quote
from services.broker.query.pattern import read_pattern
from services.kernel.errors import BadData, TooComplex
from services.kernel.postgres import open_pool

ATOMS = (
    *(
        "a",
        "b",
        "B",
        "é",
        "名",
        "1",
        " ",
        "_",
        "-",
        "\n",
        r"\.",
        r"\\",
        r"\-",
        r"\d",
        r"\D",
        r"\w",
        r"\W",
        r"\s",
        r"\S",
    ),
    *(
        ".",
        "^",
        "$",
        "[ab]",
        "[^ab]",
        "[a-c1]",
        "[]x]",
        "[^]]",
        "[a\\-c]",
        "[[:alpha:]_]",
        "[^[:space:]]",
        "[[:punct:]]",
    ),
    *(r"\u540d", r"\x41", r"\n", "[\\d.]", "[é-名]", "{", "}", "]", "/", '"', "'", "#", "&", "~", "`", "%", ","),
)
REPEATS = ("", "", "", "*", "+", "?", "{2}", "{0,2}", "{1,}", "*?", "+?")
SUBJECTS = "ab B1éa名\n_-.\\A]x{}/\"'#&~`%, \t"


def make_pattern(chance: random.Random, depth: int = 2) -> str:
    def piece() -> str:
        if depth and chance.random() < 0.25:
            atom = f"({chance.choice(('', '?:'))}{make_pattern(chance, depth - 1)})"
        else:
            atom = chance.choice(ATOMS)
        return atom if atom in "^$" else atom + chance.choice(REPEATS)

    branches = ["".join(piece() for _ in range(chance.randint(0, 3))) for _ in range(chance.choice((1, 1, 2)))]
    return "|".join(branches)


async def test_postgresql_and_memory_agree_on_random_patterns(database_url: str) -> None:
    chance = random.Random(20260301)
    patterns = [make_pattern(chance) for _ in range(1500)]
    subjects = ["".join(chance.choice(SUBJECTS) for _ in range(chance.randint(0, 5))) for _ in range(40)]
    pool = await open_pool(database_url, schema="broker", size=1)
    async with pool.acquire() as connection:
        for pattern in patterns:
            read = read_pattern(pattern)
            expected = [read.is_in(subject) for subject in subjects]
            path = f'$[*] like_regex {quote(read.text)} flag "s"'
            row = await connection.fetchrow(
                'select array(select s ~ $1 from unnest($2::text[] collate "C") with ordinality as u(s, n) order by n),'
                " array(select jsonb_path_match(jsonb_build_array(s), $3::jsonpath)"
                " from unnest($2::text[]) with ordinality as u(s, n) order by n)",
                read.text,
                subjects,
                path,
            )
            assert row[0] == expected, pattern
            assert row[1] == expected, pattern
    await pool.close()


@pytest.mark.parametrize(
    "pattern", ["(a+)+$", "(a|a)*$", "(a|aa)+$", "(.*)*$", "(a?){200}a{200}$", "(([a-z])+.)+[A-Z]$"]
)
async def test_no_pattern_runs_away(database_url: str, pattern: str) -> None:
    subject = "a" * 5000 + "!"
    read = read_pattern(pattern)
    pool = await open_pool(database_url, schema="broker", size=1)
    async with pool.acquire() as connection:
        start = time.monotonic()
        in_database = await connection.fetchval("select $1 ~ $2", subject, read.text)
        in_memory = read.is_in(subject)
        assert in_database == in_memory
        assert time.monotonic() - start < 60
    await pool.close()


@pytest.mark.parametrize(
    "pattern",
    [
        "(",
        ")",
        "a)",
        "[",
        "[]",
        "[a",
        "*",
        "a|*",
        "a**",
        "a{2}{3}",
        "^*",
        "a{3,2}",
        "a{256}",
        r"\1",
        r"\b",
        r"\q",
        "\\",
        "(?=a)",
        "(?!a)",
        "(?i)a",
        "[b-a]",
        "[[.a.]]",
        "[[:nope:]]",
        "a\x00",
        r"\u12",
        r"\ud800",
        r"\x00",
        "(?P<n>a)",
    ],
)
def test_what_is_no_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(BadData):
        read_pattern(pattern)


@pytest.mark.parametrize("pattern", ["a" * 4097, "(" * 21 + ")" * 21, "((a{100}){100}){2}"])
def test_a_pattern_that_is_too_much_is_refused(pattern: str) -> None:
    with pytest.raises(TooComplex):
        read_pattern(pattern)
