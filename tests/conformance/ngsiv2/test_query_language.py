"""`q` and `mq` (Simple Query Language), and what both refuse."""

from typing import Any

import httpx
import pytest

from tests.conformance.ngsiv2.answers import is_done, refuses, shows

ENTITIES: list[dict[str, Any]] = [
    {
        "id": "n1",
        "a": {"value": 1},
        "s": {"value": "a b,c"},
        "d": {"type": "DateTime", "value": "2020-06-01T10:00:00Z"},
        "o": {"value": {"x": 1, "y": {"z": "w"}, "p.q": 5}},
        "l": {"value": ["r", "g"]},
        "b": {"value": True},
        "n": {"value": None},
        "dot.ted": {"value": 5},
        "col:on": {"value": 3},
    },
    {
        "id": "n2",
        "a": {"value": 10},
        "s": {"value": "zeta"},
        "l": {"value": [1, 2, 3]},
        "b": {"value": False},
        "o": {"value": {"x": [1, 2]}},
        "m": {"value": 1, "metadata": {"acc": {"value": 0.8}, "u.v": {"value": "k"}, "c": {"value": {"p": 3}}}},
    },
    {
        "id": "n3",
        "a": {"value": "10"},
        "s": {"value": "10"},
        "d": {"type": "DateTime", "value": "2021-06-01T10:00:00Z"},
        "m": {"value": 1, "metadata": {"acc": {"value": 0.2}, "since": {"type": "DateTime", "value": "2021-01-01"}}},
    },
]


@pytest.fixture
async def numbers(v2: httpx.AsyncClient) -> httpx.AsyncClient:
    is_done(await v2.post("/v2/op/update", json={"actionType": "append", "entities": ENTITIES}))
    return v2


async def _found(v2: httpx.AsyncClient, **parameters: str) -> str:
    answer = await v2.get("/v2/entities", params={**parameters, "attrs": "none"})
    assert answer.status_code == 200, answer.text
    return " ".join(each["id"] for each in answer.json())


@pytest.mark.parametrize(
    ("q", "ids"),
    [
        ("a", "n1 n2 n3"),
        ("!a", ""),
        ("n", "n1"),
        ("!n", "n2 n3"),
        ("none", ""),
        ("!none", "n1 n2 n3"),
        ("a==10", "n2"),
        ("a:10", "n2"),
        ("a=='10'", "n3"),
        ("a==10.0", "n2"),
        ("a==1e1", "n2"),
        ("a!=10", "n1 n3"),
        ("a!=text", "n1 n2 n3"),
        ("none!=1", ""),
        ("a>5", "n2"),
        ("a<5", "n1"),
        ("a>=10", "n2"),
        ("a<=10", "n1 n2"),
        ("s>a", "n1 n2"),
        ("s>'5'", "n1 n2"),
        ("a==1..10", "n1 n2"),
        ("a!=1..5", "n2 n3"),
        ("s==a..b", "n1"),
        ("a==1,10", "n1 n2"),
        ("a!=1,10", "n3"),
        ("s=='a b,c'", "n1"),
        ("s=='a b,c',zeta", "n1 n2"),
        ("s==zeta,null", "n2"),
        ("n==null", "n1"),
        ("n==null,5", "n1"),
        ("n!=null", ""),
        ("a!=null", "n1 n2 n3"),
        ("b==true", "n1"),
        ("b==false", "n2"),
        ("b=='true'", ""),
        ("s~=^z", "n2"),
        ("s~=t", "n2"),
        ("a~=1", "n3"),
        ("d==2020-06-01T10:00:00Z", "n1"),
        ("d==2020-06-01T12:00:00+02", "n1"),
        ("d>2020-12-01", "n3"),
        ("d==2020-01-01..2020-12-31", "n1"),
        ("d!=2020-06-01T10:00:00Z", "n3"),
        ("o.x==1", "n1 n2"),
        ("o.y.z==w", "n1"),
        ("o.'p.q'==5", "n1"),
        ("o.x", "n1 n2"),
        ("!o.x", "n3"),
        ("o.none", ""),
        ("l==r", "n1"),
        ("l==2", "n2"),
        ("l==1..2", "n2"),
        ("l!=r", "n2"),
        ("'dot.ted'==5", "n1"),
        ("dot.ted==5", ""),
        ("'col:on'==3", "n1"),
        ("col:on", ""),
        ("a>0;b==false", "n2"),
        ("a;b;", "n1 n2"),
        ("dateCreated>2020-01-01;a>5", "n2"),
        ("dateModified<2020-01-01", ""),
        ("servicePath==/", "n1 n2 n3"),
    ],
)
async def test_a_query_finds(numbers: httpx.AsyncClient, q: str, ids: str) -> None:
    assert await _found(numbers, q=q) == ids
    body = {"entities": [{"idPattern": ".*"}], "expression": {"q": q}}
    asked = await numbers.post("/v2/op/query", json=body)
    assert " ".join(each["id"] for each in asked.json()) == ids


@pytest.mark.parametrize(
    ("mq", "ids"),
    [
        ("m.acc==0.8", "n2"),
        ("m.acc<0.5", "n3"),
        ("m.acc", "n2 n3"),
        ("!m.acc", "n1"),
        ("m.c.p==3", "n2"),
        ("m.'u.v'==k", "n2"),
        ("m.since>2020-01-01", "n3"),
        ("m.none", ""),
        ("m.dateCreated>2020-01-01", "n2 n3"),
        ("m.acc>0;m.c", "n2"),
        ("a.acc", ""),
    ],
)
async def test_a_query_of_metadata_finds(numbers: httpx.AsyncClient, mq: str, ids: str) -> None:
    assert await _found(numbers, mq=mq) == ids
    assert await _found(numbers, mq=mq, q="a") == ids


@pytest.mark.parametrize(
    "text",
    [
        *(";", ";a.b", "a.b;;", "a.b;;c.d", "==1", "a.b==", "a.b!=", "a.b>", "a.b~="),
        *("a.b==1,", "a.b==,1", "a.b==1..", "a.b==..1", "a.b==1..2..3", "a.b==1..x", "a.b==x..2020-01-01"),
        *("a.b>1,2", "a.b>1..2", "a.b<=true", "a.b>null", "a.b==1,text"),
        *("a.b~=(", "a.b~=*", "a.b==<x>", 'a.b=="x"', "a.b=='x", "a.b==(x)", "a.b=1", "a(b.c==1"),
        *("!a.b==1", "!!a.b", "a.b!", ".a.b==1", "a..b==1", "a.b.==1"),
    ],
)
async def test_what_is_no_query_is_refused(v2: httpx.AsyncClient, text: str) -> None:
    """Whether there is something to find or not; only one semicolon may stand at the end (issue 2086)."""
    for name in ("q", "mq"):
        refuses(await v2.get("/v2/entities", params={name: text}), 400)
        body = {"entities": [{"idPattern": ".*"}], "expression": {name: text}}
        refuses(await v2.post("/v2/op/query", json=body), 400)


async def test_metadata_need_two_names(v2: httpx.AsyncClient) -> None:
    refuses(await v2.get("/v2/entities?mq=a"), 400)


async def test_entities_are_ordered_by_kinds_and_keys(v2: httpx.AsyncClient) -> None:
    """Ordering results: null, numbers, texts, objects, lists, booleans; what lacks the attribute comes first."""
    values: list[Any] = [True, [1], {"k": 1}, "b", "a", 7, -1, None]
    entities = [{"id": f"e{place}", "type": "T", "v": {"value": value}} for place, value in enumerate(values)]
    is_done(await v2.post("/v2/op/update", json={"actionType": "append", "entities": [*entities, {"id": "x"}]}))
    ordered = (await v2.get("/v2/entities?orderBy=v&q=v&options=values")).json()
    assert ordered == [[None], [-1], [7], ["a"], ["b"], [{"k": 1}], [[1]], [True]]
    reverse = (await v2.get("/v2/entities?orderBy=!v&q=v&options=values")).json()
    assert reverse == ordered[::-1]
    everything = (await v2.get("/v2/entities?orderBy=type,!id&options=keyValues&attrs=none")).json()
    assert [each["id"] for each in everything] == [*(f"e{place}" for place in range(7, -1, -1)), "x"]


async def test_the_number_counts_what_is_found(numbers: httpx.AsyncClient) -> None:
    counted = await numbers.get("/v2/entities?q=a>0&options=count,keyValues&attrs=a&limit=1&offset=1")
    shows(counted, [{"id": "n2", "type": "Thing", "a": 10}], fiware_total_count="2")
    shows(await numbers.get("/v2/entities?q=none&options=count"), [], fiware_total_count="0")
