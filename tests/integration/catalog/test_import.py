"""Importing lists of open data over HTTP."""

import httpx

from tests.integration.catalog.conftest import LIST, TAKAMATSU

HEADER = "#property,code,prefName,cityName,dataName,category,format,url,apiSupport,license,note\n"


async def test_takamatsus_list_is_taken_whole_and_its_repairs_are_counted(client: httpx.AsyncClient) -> None:
    answer = await client.post("/datasets/import", content=LIST.read_bytes(), headers=TAKAMATSU)
    report = answer.json()
    assert answer.status_code == 200
    assert {name: report[name] for name in ("rows_read", "accepted", "created", "empty", "refused")} == {
        "rows_read": 113,
        "accepted": 113,
        "created": 113,
        "empty": 0,
        "refused": [],
    }
    repairs = {each["rule"]: each for each in report["repairs"]}
    assert repairs["code-completed"]["count"] == 113
    assert repairs["surrounding-space"]["rows"] == [99, 102]
    assert repairs["shared-url"]["rows"] == [28, 29]
