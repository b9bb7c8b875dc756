"""Settings of the catalogue."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from services.catalog.domain.addresses import Addresses
from services.catalog.domain.dataset import Access
from services.kernel.settings import Port, Settings

WebAddress = Annotated[str, Field(pattern=r"^(https?://[^\s<>\"]+)?$")]


class CatalogSettings(Settings):
    """What the catalogue is told. Each field is the environment variable `HIROBA_<FIELD>`."""

    catalog_port: Port = Field(8081, description="Port of `catalog`")
    catalog_public_url: WebAddress = Field(
        "", description="Address of `catalog` in what it publishes; else `HIROBA_CATALOG_URL`"
    )
    broker_public_url: WebAddress = Field(
        "", description="Address of `broker` in what `catalog` publishes; else `HIROBA_BROKER_URL`"
    )
    ingest_public_url: WebAddress = Field(
        "", description="Address of `ingest` in the portal's pages for developers; else `HIROBA_INGEST_URL`"
    )
    catalog_title: str = Field("広場 データカタログ", description="Title of the catalogue in Japanese")
    catalog_title_en: str = Field("Hiroba data catalogue", description="Title of the catalogue in English")
    catalog_publisher: str = Field("広場", description="Name of the body that runs the catalogue")
    catalog_live_interval_s: float = Field(
        5.0,
        ge=0,
        le=86_400,
        description="Pause between two answers of the broker's feed of types; 0: no live data sets",
    )
    catalog_live_access: Literal["auto", "public", "restricted"] = Field(
        "auto",
        description="Who sees a new live data set: everybody, or who may read its tenant; "
        "`auto`: everybody only if `HIROBA_AUTH=open`",
    )
    egress: str = Field(
        "public",
        pattern="^(public|loopback|any)$",
        description="Where harvests may go: `public` addresses, those and `loopback` (the local profile), or `any`",
    )
    catalog_harvest_interval_s: float = Field(
        10.0,
        ge=0,
        le=3600,
        description="Seconds between two looks for harvests that are due; 0: this replica reads none",
    )
    catalog_data_map_interval_s: float = Field(
        86_400.0, ge=0, description="Seconds from one data map of a tenant to the next one by schedule; 0: none"
    )
    catalog_data_map_days: int = Field(
        1100, ge=1, le=36_500, description="Days that a data map is kept after another one has replaced it"
    )
    catalog_lateness_interval_s: float = Field(
        600.0,
        ge=0,
        description="Seconds between two looks for late data sets to tell the broker of; 0: none is told",
    )
    catalog_four_eyes: bool = Field(
        default=False, description="Whether a data set is published only by another than who sent it to review"
    )
    catalog_file_limit_bytes: int = Field(
        100 * 1024 * 1024, ge=1024, description="Largest file that is uploaded to a data set"
    )
    catalog_cadde_provider: str = Field("", description="Provider id that CADDE gave to the hub; shown to CKAN clients")

    catalog_sign_in_client: str = Field(
        "", description="The portal as an application at `auth`, so that people can sign in; empty: nobody can"
    )
    catalog_sign_in_secret: str = Field("", description="Its secret; empty for an application without one", repr=False)
    catalog_key: str = Field(
        "", description="Seals the sessions of people in browsers; the same for every replica", repr=False
    )

    @property
    def addresses(self) -> Addresses:
        """The addresses that the catalogue gives to things."""
        catalog = self.catalog_public_url or self.catalog_url
        broker = self.broker_public_url or self.broker_url
        return Addresses(catalog.rstrip("/"), broker.rstrip("/"))

    @property
    def consoles(self) -> Mapping[str, str]:
        """Where browsers reach the services whose APIs can be tried."""
        ingest = self.ingest_public_url or self.ingest_url
        addresses = self.addresses
        places = {"catalog": addresses.catalog, "broker": addresses.broker, "ingest": ingest, "auth": self.issuer}
        return {service: f"{address.rstrip('/')}/docs" for service, address in places.items()}

    @property
    def live_access(self) -> Access:
        """Who sees a new live data set."""
        if self.catalog_live_access == "auto":
            return Access.PUBLIC if self.auth == "open" else Access.RESTRICTED
        return Access(self.catalog_live_access)
