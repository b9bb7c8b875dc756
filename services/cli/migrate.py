"""`hiroba migrate`: schemas and database roles, with the database owner's URL."""

import click


@click.command()
def migrate() -> None:
    """Bring the database up to date: schemas, and one least-privilege role per service.

    HIROBA_DATABASE_URL names the database as its owner, who may create roles. The roles' passwords are
    HIROBA_<SERVICE>_DATABASE_PASSWORD, or are generated and kept in the data directory.
    """
    import asyncio  # noqa: PLC0415

    import asyncpg  # noqa: PLC0415
    from sqlalchemy.exc import DBAPIError  # noqa: PLC0415

    from services.kernel.migrations import SERVICES  # noqa: PLC0415
    from services.kernel.settings import Settings, SettingsError, read_settings  # noqa: PLC0415
    from services.local.database import migrate_and_grant, role_passwords  # noqa: PLC0415

    try:
        settings = read_settings(Settings)
        if not settings.database_url:
            raise click.ClickException("HIROBA_DATABASE_URL must name the database, as its owner")
        passwords = role_passwords(settings.data_dir, SERVICES)
        asyncio.run(migrate_and_grant(settings.database_url, passwords))
    except SettingsError as error:
        raise click.ClickException(str(error)) from error
    except (OSError, asyncpg.PostgresError, DBAPIError) as error:
        raise click.ClickException(_reason(error)) from error
    click.echo(f"The schemas of {', '.join(SERVICES)} are up to date")


def _reason(error: Exception) -> str:
    """Say in one line why the database cannot be brought up to date."""
    words = " ".join(str(getattr(error, "orig", error)).split())
    if "InsufficientPrivilege" in words or "permission denied" in words:
        return f"HIROBA_DATABASE_URL must name a role that may create schemas and roles: {words}"
    if isinstance(error, OSError):
        return f"The database cannot be reached: {words}"
    return f"The database refuses: {words}"
