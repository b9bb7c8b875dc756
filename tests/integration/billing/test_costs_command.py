"""`hiroba costs` and `hiroba usage` against auth, from the plan to the printed statement."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from services.cli import main
from tests.integration.billing.test_costs import CITIES, INVOICE, PLAN, TOTAL
from tests.support.hub import Hub, running_hub


@pytest.fixture
def whole(database_url: str, tmp_path: Path) -> Iterator[Hub]:
    with running_hub(database_url, tmp_path, ("auth",)) as running:
        yield running


async def _run(hub: Hub, *arguments: str) -> str:
    told = {f"HIROBA_{name.upper()}_URL": url for name, url in hub.urls.items()}
    told |= {"HIROBA_CLIENT_ID": hub.admin.client_id, "HIROBA_CLIENT_SECRET": hub.admin.secret}
    result: Result = await asyncio.to_thread(
        CliRunner().invoke, main, list(arguments), env={**told, "HIROBA_AUTH": "required"}
    )
    assert result.exit_code == 0, result.output
    return result.output


async def test_a_years_costs_are_planned_tried_out_settled_and_printed(whole: Hub, tmp_path: Path) -> None:
    await _run(whole, "tenant", "create", "kagawa", "--code", "370002")
    for name, people in CITIES.items():
        await _run(whole, "tenant", "create", name, "--parent", "kagawa", "--population", str(people))
    files = {name: tmp_path / f"{name}.json" for name in ("plan", "invoice", "change")}
    rules = [{"parts": [{"by": {"key": "equal"}}]}]
    joining = {"joining": [{"tenant": "sakaide", "population": 50_624}]}
    for file, content in zip(files.values(), ({**PLAN, "rules": rules}, INVOICE, joining), strict=True):
        file.write_text(json.dumps(content))
    kept = await _run(whole, "costs", "plan", "kagawa-2026", str(files["plan"]), "--preset", "harp")
    assert kept == "Plan kagawa-2026 is kept: 2 members\n"
    assert '"doubling": "1.5"' in await _run(whole, "costs", "plan", "kagawa-2026")
    assert f"{TOTAL:,} yen" in await _run(whole, "costs", "invoice", "R8-001", str(files["invoice"]))
    tried = (await _run(whole, "costs", "what-if", "R8-001", str(files["change"]))).splitlines()
    assert tried[0].split() == ["tenant", "now", "then", "difference"]
    assert [line.split()[0] for line in tried[1:]] == ["marugame", "sakaide", "takamatsu"]
    settled = (await _run(whole, "costs", "settle", "R8-001")).splitlines()
    assert settled == (await _run(whole, "costs", "shares", "R8-001")).splitlines()
    assert settled[-1].split() == [f"{TOTAL:,}", "invoice"]
    assert "R8-001" in await _run(whole, "costs", "list")
    await _run(whole, "costs", "shares", "R8-001", "--csv", str(tmp_path / "shares.csv"))
    assert (tmp_path / "shares.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    await _run(whole, "costs", "statement", "R8-001", "takamatsu", "--to", str(tmp_path / "takamatsu.html"))
    assert "負担金明細書" in (tmp_path / "takamatsu.html").read_text(encoding="utf-8")
    assert set(json.loads(await _run(whole, "costs", "presets"))) == {"tochigi", "fukushima", "tottori", "harp"}
    assert await _run(whole, "usage") == "Nothing was used in these days\n"
    await _run(whole, "usage", "--csv", str(tmp_path / "usage.csv"))
    assert (tmp_path / "usage.csv").read_text(encoding="utf-8-sig") == "tenant,kind,amount\n"
