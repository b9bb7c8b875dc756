"""The pages on auth: complete, and their commands do what they say."""

import asyncio
import re
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from services.auth.api.oauth import TokenAnswer
from services.auth.domain.access import ACTIONS
from services.auth.domain.client import SERVICE_GRANTS
from services.auth.main import create_api, create_app
from services.auth.settings import AuthSettings
from tests.support.auth import until_ready
from tests.support.serving import served

DOCS = Path(__file__).parents[3] / "docs"
REFERENCE = (DOCS / "reference" / "auth.md").read_text(encoding="utf-8")
HOW_TO = (DOCS / "how-to" / "tokens.md").read_text(encoding="utf-8")
EVERYWHERE = {"/health/live", "/health/ready", "/metrics"}


def test_the_reference_lists_every_route_and_no_other(settings: AuthSettings) -> None:
    paths = create_api(settings).openapi()["paths"]
    served_routes = {
        f"{method.upper()} {path}" for path, item in paths.items() if path not in EVERYWHERE for method in item
    }
    assert set(re.findall(r"^\| `([A-Z]+ /\S+)` \|", REFERENCE, re.MULTILINE)) == served_routes


def test_the_reference_explains_every_action_and_service() -> None:
    explained = re.findall(r"^\| `(\w+)` \| to ", REFERENCE, re.MULTILINE)
    assert explained == list(ACTIONS)
    for name, grants in SERVICE_GRANTS.items():
        reach = {"*": "", "DatasetFreshness": " of `DatasetFreshness`"}
        told = ((action, reach[grant.types[0]]) for grant in grants for action in grant.actions)
        actions = ", ".join(f"`{action}`{of}" for action, of in told)
        assert f"| `service-{name}.json` | `service-{name}` | {actions} |" in REFERENCE


@pytest.mark.needs("curl")
async def test_the_how_tos_commands_do_what_they_say(settings: AuthSettings, tmp_path: Path) -> None:
    guarded = settings.model_copy(update={"auth": "required"})
    with served(create_app(guarded)) as url:
        async with httpx.AsyncClient(base_url=url) as client:
            await until_ready(client)
        blocks = re.findall(r"^```sh\n(.*?)^```", HOW_TO, re.MULTILINE | re.DOTALL)
        script = "set -eu\n" + "\n".join(blocks)
        script = script.replace("127.0.0.1:8082", urlsplit(url).netloc).replace(".hiroba/", f"{settings.data_dir}/")
        done = await asyncio.to_thread(
            subprocess.run, ["bash", "-c", script], capture_output=True, text=True, cwd=tmp_path
        )
    assert done.returncode == 0, done.stderr
    assert '"title":"香川県"' in done.stdout
    assert '"title":"高松市"' in done.stdout
    assert "}read\nsuspended\n" in done.stdout
    assert '"status":"coming"' in done.stdout


def test_the_token_answer_is_what_oauth_wants() -> None:
    of_oauth = {"access_token", "token_type", "expires_in", "scope", "refresh_token", "issued_token_type"}
    assert set(TokenAnswer.model_fields) == {*of_oauth, "id_token"}
