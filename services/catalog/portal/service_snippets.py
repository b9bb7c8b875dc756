"""Examples to copy: a service with curl and Python, with nothing to install."""

import json
import shlex
from urllib.parse import quote, urlencode

from services.catalog.domain.addresses import Addresses
from services.catalog.domain.data_service import DataService, ServiceKind
from services.catalog.domain.dataset import Dataset
from services.catalog.portal.snippets import Snippet

_FEW = 10


def service_snippets(service: DataService, addresses: Addresses, example: Dataset | None) -> tuple[Snippet, ...]:
    """Return examples that ask a service; `example` is a data set that it serves."""
    address = _query(service, addresses.endpoint(service.kind), example)
    if address is None:
        return ()
    headers = {service.header: service.publisher.name} if service.header else {}
    sent = "".join(f" -H {shlex.quote(f'{name}: {value}')}" for name, value in headers.items())
    return (
        Snippet("curl", "curl", f"curl{sent} {shlex.quote(address)}"),
        Snippet("Python", "Python", _PYTHON.format(address=json.dumps(address), headers=json.dumps(headers))),
    )


def _query(service: DataService, endpoint: str, example: Dataset | None) -> str | None:
    """Return the address of a short answer, None where there is nothing to ask for."""
    slug = service.publisher.slug
    match service.kind:
        case ServiceKind.NGSI_LD | ServiceKind.NGSI_V2:
            if example is None or example.live is None:
                return None
            return f"{endpoint}/entities?type={quote(example.live.type_name, safe='')}&limit={_FEW}"
        case ServiceKind.CKAN:
            return f"{endpoint}/package_search?{urlencode({'fq': f'organization:{slug}', 'rows': _FEW})}"
        case ServiceKind.DCAT:
            return f"{endpoint}.jsonld?{urlencode({'tenant': service.publisher.name, 'limit': _FEW})}"
        case ServiceKind.RECORDS:
            return f"{endpoint}/collections/datasets/items?limit={_FEW}"


_PYTHON = """\
import json
import urllib.request

request = urllib.request.Request({address}, headers={headers})
with urllib.request.urlopen(request) as answer:
    found = json.load(answer)

print(json.dumps(found, ensure_ascii=False, indent=2)[:1000])"""
