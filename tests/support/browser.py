"""A page of Debian's Chromium, patient with a slow and busy machine."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Page, expect, sync_playwright

from tests.support.patience import LONGEST_S

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"]


@contextmanager
def blank_page() -> Iterator[Page]:
    """Yield an empty page of a browser of its own."""
    expect.set_options(timeout=LONGEST_S * 1000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        page = browser.new_page()
        page.set_default_timeout(LONGEST_S * 1000)
        yield page
        browser.close()
