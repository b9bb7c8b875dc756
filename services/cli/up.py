"""`hiroba up`: the whole hub on this machine."""

import sys
from pathlib import Path

import click


@click.command()
@click.option("--host", help="Address that the services listen on; beyond loopback HIROBA_AUTH=required is a must")
@click.option("--port-broker", "broker_port", type=int, help="Port of the context broker (1026)")
@click.option("--port-ingest", "ingest_port", type=int, help="Port of ingest's provisioning (4041)")
@click.option("--port-ingest-http", "ingest_http_port", type=int, help="Port of ingest's HTTP measures (7896)")
@click.option("--port-catalog", "catalog_port", type=int, help="Port of the catalogue (8081)")
@click.option("--port-auth", "auth_port", type=int, help="Port of auth (8082)")
@click.option("--port-mqtt", "mqtt_port", type=int, help="Port of the MQTT broker (1883)")
@click.option("--port-demo-receiver", "demo_receiver_port", type=int, help="Port of the demo's receiver (8090)")
@click.option("--data-dir", type=click.Path(path_type=Path), help="Directory of everything that is kept (.hiroba)")
@click.option("--database-url", help="PostgreSQL to use instead of the embedded one, as a role that may create roles")
@click.option("--mqtt-url", help="MQTT broker to use instead of one of ours, like mqtt://host:1883")
@click.option("--demo/--no-demo", default=True, help="Load the demo and replay a flood day (default), or not")
@click.option("--tour", is_flag=True, help="Run the README's tour against a fresh hub, compare, and stop")
def up(*, demo: bool, tour: bool, **given: object) -> None:
    """Start everything on this machine; Ctrl-C ends it. Options go before HIROBA_ variables."""
    from services.kernel.settings import SettingsError, read_settings  # noqa: PLC0415
    from services.local.settings import LocalSettings  # noqa: PLC0415

    try:
        settings = read_settings(LocalSettings, **{name: value for name, value in given.items() if value is not None})
    except SettingsError as error:
        click.echo(f"Hiroba cannot start: {error}")
        sys.exit(1)
    if tour:
        from services.local.visit import take_tour  # noqa: PLC0415

        sys.exit(take_tour(settings))
    from services.local.up import run_hub, stay  # noqa: PLC0415

    sys.exit(run_hub(settings, stay, with_demo=demo))
