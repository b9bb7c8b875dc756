"""No tenant can reach another's rows: every statement of the broker names `tenant_id`."""

import pytest

from services.kernel.sql import load_statements
from tests.architecture.tree import ROOT

PACKAGE = "services.broker.store"
FOLDER = ROOT / "services" / "broker" / "store" / "sql"
EXEMPT = {
    "contexts.keep_implicit_context": "its id is the digest of what it holds: equal contexts are one",
    "contexts.count_context_use": "a figure of a context that was found for the tenant before",
    "contexts.add_context_uses": "a figure of contexts under the URLs that requests of any tenant name",
    "entities.make_partitions": "partitions are by time and serve every tenant",
    "quotas.first_history": "asks which days have a partition; partitions serve every tenant",
    "change_log.horizon": "asks which transactions are under way, not about rows",
    "type_statistics.lock": "lets one process at a time number changes, whichever tenant they are of",
    "consents.position": "how far auth's feed has been taken in, of every tenant",
    "consents.advance": "the same",
    "consents.begin_anew": "the same",
    "queries.plan_for_all": "a setting of the transaction, no statement about rows",
}
"""Statements that concern every tenant at once, each with the reason."""

STATEMENTS = {
    f"{file.stem}.{name}": body
    for file in sorted(FOLDER.glob("*.sql"))
    for name, body in load_statements(PACKAGE, f"sql/{file.name}").items()
}


def test_the_broker_has_statements() -> None:
    assert len(STATEMENTS) > 10


@pytest.mark.parametrize("name", [name for name in STATEMENTS if name not in EXEMPT])
def test_a_statement_names_its_tenant(name: str) -> None:
    code = "\n".join(line.partition("--")[0] for line in STATEMENTS[name].splitlines())
    assert "tenant_id" in code


def test_every_exempt_statement_exists_and_has_a_reason() -> None:
    assert [name for name in EXEMPT if name not in STATEMENTS] == []
    assert all(EXEMPT.values())
