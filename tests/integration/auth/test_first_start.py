"""The first start: who is registered without anybody asking, and where the secrets lie."""

import asyncio
import json
import stat
from pathlib import Path

import asyncpg

from services.auth.main import create_app
from services.auth.operations import bootstrap
from services.auth.settings import AuthSettings
from services.auth.store.database import SCHEMA
from tests.support.auth import Login, administrator, ask_token, bearer, grant, until_ready
from tests.support.lifespan import calling

SECRET = "a secret of more than 32 characters"
FILES = ["admin-credentials.json", "service-broker.json", "service-catalog.json", "service-ingest.json"]


def _login(file: Path) -> Login:
    kept = json.loads(file.read_text())
    return Login(kept["client_id"], kept["client_secret"])


def _with(settings: AuthSettings, **changed: object) -> AuthSettings:
    return settings.model_copy(update={"auth": "required", **changed})


async def _grants(settings: AuthSettings) -> dict[str, object]:
    everything = {"search_path": SCHEMA, "hiroba.tenants": "{*}"}
    connection = await asyncpg.connect(settings.database_url, server_settings=everything)
    rows = await connection.fetch("select client_id, grants, status from client order by client_id")
    await connection.close()
    return {row["client_id"]: json.loads(row["grants"]) for row in rows}


async def test_the_first_start_registers_an_administrator_and_the_services(settings: AuthSettings) -> None:
    await bootstrap(settings)
    assert sorted(file.name for file in settings.data_dir.iterdir()) == FILES
    assert {stat.S_IMODE(file.stat().st_mode) for file in settings.data_dir.iterdir()} == {0o600}
    assert await _grants(settings) == {
        "administrator": [grant("*", "*")],
        "service-broker": [grant("*", "read", "write", "report")],
        "service-catalog": [
            grant("*", "read", "subscribe", "register", "report"),
            grant("*", "write", types=["DatasetFreshness"]),
        ],
        "service-ingest": [grant("*", "read", "write", "subscribe", "register", "report")],
    }


async def test_what_lies_in_the_data_directory_is_accepted(settings: AuthSettings) -> None:
    async with calling(create_app(_with(settings))) as client:
        await until_ready(client)
        for name in FILES:
            assert (await ask_token(client, _login(settings.data_dir / name))).status_code == 200


async def test_a_second_start_changes_nothing(settings: AuthSettings) -> None:
    await bootstrap(settings)
    before = {file.name: file.read_text() for file in settings.data_dir.iterdir()}
    await bootstrap(settings)
    assert {file.name: file.read_text() for file in settings.data_dir.iterdir()} == before


async def test_starts_at_once_register_one_administrator(settings: AuthSettings) -> None:
    await asyncio.gather(*(bootstrap(settings) for _ in range(4)))
    async with calling(create_app(_with(settings))) as client:
        await until_ready(client)
        for name in FILES:
            assert (await ask_token(client, _login(settings.data_dir / name))).status_code == 200


async def test_a_replica_with_another_directory_keeps_no_credentials_that_do_not_work(
    settings: AuthSettings, tmp_path: Path
) -> None:
    replicas = [_with(settings, data_dir=tmp_path / name, auth_key=SECRET) for name in ("one", "two")]
    await asyncio.gather(*(bootstrap(replica) for replica in replicas))
    async with calling(create_app(replicas[0])) as client:
        await until_ready(client)
        files = [file for replica in replicas if replica.data_dir.exists() for file in replica.data_dir.iterdir()]
        assert sorted(file.name for file in files) == FILES
        for file in files:
            assert (await ask_token(client, _login(file))).status_code == 200


async def test_a_start_that_was_cut_off_before_the_database_knew_is_taken_up_again(settings: AuthSettings) -> None:
    settings.data_dir.mkdir()
    file = settings.data_dir / "admin-credentials.json"
    file.write_text(json.dumps({"client_id": "administrator", "client_secret": "written before the crash"}))
    async with calling(create_app(_with(settings))) as client:
        await until_ready(client)
        assert (await ask_token(client, Login("administrator", "written before the crash"))).status_code == 200


async def test_secrets_of_the_services_can_be_given_and_changed(settings: AuthSettings) -> None:
    for secret in ("the-first-given-secret", "the-second-given-secret"):
        given = _with(settings, auth_service_clients=f"broker={secret}")
        async with calling(create_app(given)) as client:
            await until_ready(client)
            assert (await ask_token(client, Login("service-broker", secret))).json()["scope"] == "read report write"
    assert not (settings.data_dir / "service-broker.json").exists()
    async with calling(create_app(given)) as client:
        await until_ready(client)
        assert (await ask_token(client, Login("service-broker", "the-first-given-secret"))).status_code == 401


async def test_a_suspended_service_stays_suspended_at_the_next_start(settings: AuthSettings) -> None:
    given = _with(settings, auth_service_clients="broker=the-first-given-secret")
    async with calling(create_app(given)) as client:
        await until_ready(client)
        headers = await bearer(client, administrator(settings.data_dir))
        answer = await client.patch("/clients/service-broker", json={"status": "suspended"}, headers=headers)
        assert answer.status_code == 200
    again = _with(settings, auth_service_clients="broker=the-second-given-secret")
    async with calling(create_app(again)) as client:
        await until_ready(client)
        assert (await ask_token(client, Login("service-broker", "the-second-given-secret"))).status_code == 401


async def test_auth_is_not_ready_while_its_first_clients_cannot_be_written(settings: AuthSettings) -> None:
    settings.data_dir.mkdir()
    (settings.data_dir / "service-broker.json").mkdir()
    async with calling(create_app(_with(settings))) as client:
        for _ in range(50):
            ready = (await client.get("/health/ready")).json()
            if ready["checks"]["signing-key"] == "pass":
                break
            await asyncio.sleep(0.05)
        assert ready["checks"] == {"database": "pass", "signing-key": "pass", "first-start": "fail"}
        (settings.data_dir / "service-broker.json").rmdir()
        await until_ready(client)


async def test_a_service_reports_a_tenant_only_where_first_writes_create_them(settings: AuthSettings) -> None:
    for creation, expected in (("on-write", 201), ("explicit", 403)):
        async with calling(create_app(_with(settings, tenant_creation=creation))) as client:
            await until_ready(client)
            headers = await bearer(client, _login(settings.data_dir / "service-broker.json"))
            name = creation.replace("-", "_")
            assert (await client.put(f"/tenants/{name}", json={}, headers=headers)).status_code == expected
            assert (await client.put(f"/tenants/{name}", json={"title": "x"}, headers=headers)).status_code == 403


async def test_repeating_a_report_changes_nothing_of_the_tenant(settings: AuthSettings) -> None:
    async with calling(create_app(_with(settings, tenant_creation="on-write"))) as client:
        await until_ready(client)
        admin = await bearer(client, administrator(settings.data_dir))
        service = await bearer(client, _login(settings.data_dir / "service-ingest.json"))
        given = {"code": "372013", "status": "suspended"}
        created = (await client.put("/tenants/takamatsu", json=given, headers=admin)).json()
        answer = await client.put("/tenants/takamatsu", json={}, headers=service)
        assert (answer.status_code, answer.json()) == (200, created)
