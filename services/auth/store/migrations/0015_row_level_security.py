"""Row-level security: whose rows a statement reaches is what its transaction was told, not what its WHERE says.

`hiroba.tenants` holds the tenants that are reached (`*`: all), and for clients their subtrees; `hiroba.purposes` what a
transaction is for besides. Neither is set: no row is reached. Forced, so that the owner is held too.
"""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

TENANTS = "(select nullif(current_setting('hiroba.tenants', true), ''))::text[]"
PURPOSES = "(select nullif(current_setting('hiroba.purposes', true), ''))::text[]"
ALL = f"(select '*' = any ({TENANTS}))"
OF_CLIENT = """(
    cardinality(tenants) > 0
    and tenants <@ (select array_agg(name || ending) from unnest({}) name, unnest(array['', '/#']) ending)::text[]
) or client_id in (select client_id from service_client)"""

OF_SERVICE = f"""exists (
    select from provided_service s where s.service_id = {{}}.service_id and s.tenant = any ({TENANTS})
)"""
REACHED = {
    "tenant_deletion": f"name = any ({TENANTS})",
    "client": OF_CLIENT.format(TENANTS),
    "device_key": f"tenant = any ({TENANTS})",
    "hub_user": f"tenant = any ({TENANTS})",
    "organisation": f"tenant = any ({TENANTS})",
    "membership": "organisation_id in (select organisation_id from organisation)",
    "role_binding": f"tenant = any ({TENANTS})",
    "application": f"tenant = any ({TENANTS})",
    "audit_record": f"tenant = any ({TENANTS})",
    "usage": f"tenant = any ({TENANTS})",
    "provided_service": f"tenant = any ({TENANTS})",
    "service_client": OF_SERVICE.format("service_client"),
    "service_audit": OF_SERVICE.format("service_audit"),
    "agreement": f"tenant = any ({TENANTS})",
    "consent": f"tenant = any ({TENANTS})",
    "consent_receipt": f"tenant = any ({TENANTS})",
    "cost_plan": f"owner = any ({TENANTS})"
    f" or exists (select from jsonb_array_elements(document -> 'members') m where m ->> 'tenant' = any ({TENANTS}))",
    "cost_invoice": "plan in (select name from cost_plan)",
}
"""The tables that hold tenants' rows, and which of them lie within a reach."""

OF_PEOPLE = (
    "browser_session",
    "oauth_authorization",
    "authorization_code",
    "refresh_token",
    "application_consent",
    "pairwise_subject",
    "client_assertion",
    "device_grant",
    "passkey",
    "account_link",
)
"""What somebody signs in with and has let applications do: for signing in alone."""

PRINCIPALS = ("client", "device_key", "hub_user", "organisation", "membership", "role_binding")
SERVICES = ("provided_service", "service_client", "agreement")
OPENED = (
    ("identify", "all", (*PRINCIPALS, "application", *OF_PEOPLE)),
    ("identify", "select", SERVICES),
    ("decide", "select", (*PRINCIPALS, *SERVICES)),
    ("tell", "select", ("consent",)),
    ("withdraw", "all", ("consent", "consent_receipt")),
    ("record", "select", ("audit_record",)),
    ("record", "insert", ("audit_record",)),
    ("meter", "all", ("usage",)),
    ("bill", "all", ("cost_plan", "cost_invoice")),
)
"""Which tables a purpose opens, and for what, whosever the rows are."""


def upgrade() -> None:
    for table in (*REACHED, *OF_PEOPLE):
        op.execute(f"alter table {table} enable row level security, force row level security")
        op.execute(f"create policy everything on {table} using ({ALL})")
    for table, condition in REACHED.items():
        op.execute(f"create policy tenants on {table} using ({condition})")
    for purpose, command, tables in OPENED:
        told = f"((select '{purpose}' = any ({PURPOSES})))"
        condition = f"with check {told}" if command == "insert" else f"using {told}"
        for table in tables:
            name = purpose if command != "insert" else f"{purpose}_insert"
            op.execute(f"create policy {name} on {table} for {command} {condition}")
