"""The documentation page in a real browser: it works without internet, and its console sends tenant and token."""

import contextlib
from collections.abc import AsyncIterator, Iterator

import pytest
from fastapi import FastAPI, Request
from playwright.sync_api import Page, expect

from services.kernel.app import ServiceInfo, create_base_app, wrap
from services.kernel.settings import Settings
from tests.support.browser import blank_page
from tests.support.serving import served


def create_app() -> object:
    settings = Settings()

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield

    app = create_base_app(settings, ServiceInfo("square", "Square", "A service"), lifespan, {})

    @app.get("/echo/{name}", tags=["Echo"], summary="Say what came")
    async def echo(name: str, request: Request) -> dict[str, str | None]:
        sent = {header: request.headers.get(header) for header in ("fiware-service", "fiware-servicepath")}
        return {"name": name, **sent, "authorization": request.headers.get("authorization")}

    return wrap(app, settings, app.state.registry)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with served(create_app()) as url:
        yield url


@pytest.fixture
def page() -> Iterator[Page]:
    with blank_page() as page:
        yield page


@pytest.mark.needs("chromium")
def test_the_docs_page_asks_nothing_of_the_internet(address: str, page: Page) -> None:
    asked: list[str] = []
    faults: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.goto(f"{address}/docs")
    expect(page.get_by_text("Say what came")).to_be_visible()
    assert [url for url in asked if not url.startswith((address, "data:", "blob:"))] == []
    assert faults == []


@pytest.mark.needs("chromium")
def test_a_call_from_the_console_carries_tenant_path_and_token(address: str, page: Page) -> None:
    page.goto(f"{address}/docs")
    page.get_by_label("Tenant").fill("takamatsu")
    page.get_by_label("Service path").fill("/parks")
    page.get_by_label("Token").fill("a.b.c")
    page.get_by_text("Say what came").click()
    page.get_by_placeholder("name").fill("広場")
    page.get_by_role("button", name="Execute").click()
    answer = page.locator(".live-responses-table tbody .response-col_description").first
    expect(answer).to_contain_text("takamatsu")
    expect(answer).to_contain_text("/parks")
    expect(answer).to_contain_text("Bearer a.b.c")
    expect(answer).to_contain_text("広場")


@pytest.mark.needs("chromium")
def test_the_console_speaks_japanese_and_asks_the_page_that_opened_it_for_a_token(address: str, page: Page) -> None:
    page.goto(f"{address}/docs?lang=en")
    expect(page.get_by_role("button", name="Execute")).to_have_count(0)
    page.evaluate(
        "addEventListener('message', event => event.data === 'hiroba-console'"
        " && event.source.postMessage({ hirobaToken: 'a.b.c' }, event.origin))"
    )
    with page.expect_popup() as opened:
        page.evaluate("window.open('/docs?lang=ja&tenant=fukui', '_blank') && null")
    console = opened.value
    expect(console.get_by_label("トークン")).to_have_value("a.b.c")
    expect(console.get_by_label("団体（テナント）")).to_have_value("fukui")
    console.get_by_text("Say what came").click()
    console.get_by_placeholder("name").fill("広場")
    console.get_by_role("button", name="実行する").click()
    expect(console.get_by_text("サーバーの応答")).to_be_visible()
    expect(console.locator(".live-responses-table tbody .response-col_description").first).to_contain_text("広場")
    assert console.locator("html").get_attribute("lang") == "ja"


@pytest.mark.needs("chromium")
def test_the_console_does_not_keep_the_token(address: str, page: Page) -> None:
    page.goto(f"{address}/docs")
    page.get_by_label("Tenant").fill("fukui")
    page.get_by_label("Token").fill("a.b.c")
    page.reload()
    expect(page.get_by_label("Tenant")).to_have_value("fukui")
    expect(page.get_by_label("Token")).to_have_value("")
