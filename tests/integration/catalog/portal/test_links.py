"""Every link of the portal leads somewhere."""

import html
import re
from urllib.parse import urljoin, urlsplit

import httpx
import pytest

from tests.integration.catalog.portal.conftest import PATIENCE_S, City

pytestmark = pytest.mark.xdist_group("portal")
_LINK = re.compile(r'<(?:a|link)\b[^>]*\bhref="([^"#]+)')
_MOST_OF_A_KIND = 2


def test_every_link_of_the_portal_leads_somewhere(city: City) -> None:
    waiting, seen, broken, kinds = ["/"], {"/"}, [], dict[str, int]()
    with httpx.Client(base_url=city.url, headers={"Accept": "text/html, */*;q=0.8"}, timeout=PATIENCE_S) as client:
        for path in waiting:
            with client.stream("GET", path) as answer:
                if answer.status_code >= 400:
                    broken.append(f"{answer.status_code} {path}")
                if not answer.headers.get("content-type", "").startswith("text/html"):
                    continue
                text = answer.read().decode()
            for found in _LINK.findall(text):
                target = urljoin(str(answer.url), html.unescape(found))
                kind = _kind_of(target)
                if target.startswith(city.url) and target not in seen and kinds.get(kind, 0) < _MOST_OF_A_KIND:
                    kinds[kind] = kinds.get(kind, 0) + 1
                    seen.add(target)
                    waiting.append(target)
    assert broken == []
    assert len(seen) > 100


def _kind_of(address: str) -> str:
    """Return what pages of one template share: the first part of the path, its depth, its suffix, the first field."""
    parts = urlsplit(address)
    steps = parts.path.strip("/").split("/")
    return f"{steps[0]} {len(steps)} {steps[-1].rpartition('.')[2]} {parts.query.partition('=')[0]}"
