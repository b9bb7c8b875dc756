"""Consent in files of whole types: SQL keeps back what `View.shown` keeps back, page by page as of now."""

import csv
import io
from typing import Any

from services.broker.domain.entity import Entity
from services.broker.domain.export_column import Column, Part
from services.broker.domain.view import View, ViewPart
from services.broker.domain.withheld import Withheld
from services.broker.operations.consents import given
from services.broker.operations.writes import StoreEntity
from services.broker.query.sql_columns import RowWriter
from services.broker.store import consents, exports
from services.broker.store.exports import Extract
from services.kernel.postgres import Connection
from tests.support.broker import running_writer

RECEIVER = ("walk-navi", "route")
ADDRESS = Withheld(types=("Resident",), attributes=("address",), item="Resident address", subject="account")
PHONE = Withheld(types=("Resident",), attributes=("phone",), item="Resident phone", held=("/own/#",))
CODE = Withheld(types=("Resident",), attributes=("code",))
VIEW = View((ViewPart("/#"),), (ADDRESS, PHONE, CODE), RECEIVER)
NAMES = ("address", "phone", "code", "band")
COLUMNS = [Column("id", Part.ID), *(Column(each, Part.VALUE, each) for each in NAMES)]
ACCOUNTS: list[list[dict[str, Any]]] = [
    [{"kind": "Property", "value": "u-1"}],
    [{"kind": "Property", "value": "u-2"}],
    [{"kind": "Property", "value": "u-2", "datasetId": "urn:a"}, {"kind": "Property", "value": "u-1"}],
    [{"kind": "Property", "value": f"u-{each}", "datasetId": f"urn:{each}"} for each in (1, 2)],
    [{"kind": "Property", "value": 1}],
    [{"kind": "Property", "value": ["u-1"]}],
    [],
]


def _residents() -> list[Entity]:
    shown = {name: [{"kind": "Property", "value": name}] for name in NAMES}
    return [
        Entity(
            id=f"urn:ngsi-ld:Resident:{number}",
            uri=f"urn:ngsi-ld:Resident:{number}",
            types=("Resident",) if number % 2 else ("Person", "Resident"),
            attrs={**shown, **({"account": account} if account else {})},
            path="/own/a" if number % 3 == 0 else "/",
        )
        for number, account in enumerate(ACCOUNTS)
    ]


async def _take(connection: Connection, subject: str, item: str, position: int) -> None:
    """Take in that a person has consented, or has withdrawn it where the subject begins with a minus."""
    kind, _, attribute = item.partition(" ")
    change = {"tenant": "fukui", "service": RECEIVER[0], "purpose": RECEIVER[1], "type": kind, "attribute": attribute}
    told = {"subject": subject.removeprefix("-"), "given": not subject.startswith("-"), "position": position}
    assert await consents.take(connection, {**change, **told})


async def _rows(connection: Connection, tenant_id: int, view: View) -> dict[str, list[str]]:
    """Write the type as CSV, entities that have it as their first type and others."""
    rows: dict[str, list[str]] = {}
    for is_several in (False, True):
        where = Extract(tenant_id, "Resident", view, is_several).rows(0, 2**62)
        lines = await exports.copy_csv(connection, RowWriter(COLUMNS, view).texts(), where)
        rows |= {row[0]: row[1:] for row in csv.reader(io.StringIO(lines.decode()))}
    return rows


async def _expected(connection: Connection, tenant_id: int, view: View) -> dict[str, list[str]]:
    consented = await given(connection, tenant_id, view, _residents())
    shown = {each.uri: view.shown(each, consented) for each in _residents()}
    return {
        uri: [name if entity is not None and name in entity.attrs else "" for name in NAMES]
        for uri, entity in shown.items()
    }


async def test_a_file_shows_what_answers_show_and_asks_anew_for_each_page(database_url: str) -> None:
    steps = [("u-1", "Resident address"), ("urn:ngsi-ld:Resident:1", "Resident phone")]
    steps += [("u-2", "Resident address"), ("-u-1", "Resident address")]
    seen = []
    async with running_writer(database_url) as bench:
        for each in _residents():
            await bench.writer.write(bench.tenant_id, StoreEntity(each))
        async with bench.pool.acquire() as connection:
            for position, (subject, item) in enumerate(steps, start=1):
                await _take(connection, subject, item, position)
                for view in (View(VIEW.parts, VIEW.withheld), VIEW):
                    rows = await _rows(connection, bench.tenant_id, view)
                    assert rows == await _expected(connection, bench.tenant_id, view)
                seen.append({uri[-1] for uri, row in rows.items() if row[0]})
    assert seen == [{"0", "2", "3"}, {"0", "2", "3"}, {"0", "1", "2", "3"}, {"1"}]
