"""The tables of GTFS and GTFS-JP and the Smart Data Models (UrbanMobility) that their rows become.

Columns without an attribute in the models keep a name of the same kind: `platformCode`, `tripDescription`, `office`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from services.ingest.feeds.gtfs.columns import Column, clock, colour, day, flag, number, text, whole


@dataclass(frozen=True, slots=True)
class Table:
    """A table whose rows are entities of one type, named by `key` columns; `needs` are references to other rows.

    `needs` maps a column to the table and column in which its value must stand.
    """

    file: str
    kind: str
    key: Sequence[str]
    columns: Sequence[Column]
    required: Sequence[str] = ()
    needs: Mapping[str, tuple[str, str]] = field(default_factory=dict)


_NAME: Final = "translatedName"
_WEEK: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

AGENCIES: Final = Table(
    "agency.txt",
    "GtfsAgency",
    ("agency_id",),
    (
        Column("agency_name", "name", text, translates=_NAME),
        Column("agency_url", "page", text),
        Column("agency_timezone", "timezone", text),
        Column("agency_lang", "language", text),
        Column("agency_phone", "phone", text),
        Column("agency_fare_url", "fareUrl", text),
        Column("agency_email", "email", text),
    ),
    required=("agency_name",),
)
AGENCY_MORE: Final = (
    Column("agency_official_name", "officialName", text, translates="translatedOfficialName"),
    Column("agency_zip_number", "postalCode", text),
    Column("agency_address", "streetAddress", text),
    Column("agency_president_pos", "presidentPosition", text),
    Column("agency_president_name", "presidentName", text),
)
FEED_INFO: Final = (
    Column("feed_publisher_name", "dataProvider", text),
    Column("feed_publisher_url", "source", text),
    Column("feed_version", "feedVersion", text),
    Column("feed_start_date", "validFrom", day),
    Column("feed_end_date", "validTo", day),
)
STOPS: Final = Table(
    "stops.txt",
    "GtfsStop",
    ("stop_id",),
    (
        Column("stop_name", "name", text, translates=_NAME),
        Column("stop_code", "code", text),
        Column("stop_desc", "description", text, translates="translatedDescription"),
        Column("stop_url", "page", text),
        Column("zone_id", "zoneCode", text),
        Column("wheelchair_boarding", "wheelChairAccessible", whole),
        Column("platform_code", "platformCode", text),
        Column("parent_station", "hasParentStation", text, refers_to="GtfsStation"),
    ),
    needs={"parent_station": ("stops.txt", "stop_id")},
)
ROUTES: Final = Table(
    "routes.txt",
    "GtfsRoute",
    ("route_id",),
    (
        Column("route_long_name", "name", text, translates=_NAME),
        Column("route_short_name", "shortName", text, translates="translatedShortName"),
        Column("route_desc", "description", text, translates="translatedDescription"),
        Column("route_type", "routeType", text),
        Column("route_url", "page", text),
        Column("route_color", "routeColor", colour),
        Column("route_text_color", "routeTextColor", colour),
        Column("route_sort_order", "routeSortOrder", whole),
        Column("agency_id", "operatedBy", text, refers_to="GtfsAgency"),
        Column("jp_parent_route_id", "parentRoute", text),
    ),
    required=("route_type",),
    needs={"agency_id": ("agency.txt", "agency_id")},
)
ROUTE_MORE: Final = (
    Column("route_update_date", "dateUpdated", day),
    Column("origin_stop", "originStop", text, translates="translatedOriginStop"),
    Column("via_stop", "viaStop", text, translates="translatedViaStop"),
    Column("destination_stop", "destinationStop", text, translates="translatedDestinationStop"),
)
OFFICE_COLUMNS: Final = (
    Column("office_name", "officeName", text),
    Column("office_url", "officePage", text),
    Column("office_phone", "officePhone", text),
)
TRIPS: Final = Table(
    "trips.txt",
    "GtfsTrip",
    ("trip_id",),
    (
        Column("route_id", "hasRoute", text, refers_to="GtfsRoute"),
        Column("service_id", "hasService", text, refers_to="GtfsService"),
        Column("shape_id", "hasShape", text, refers_to="GtfsShape"),
        Column("trip_headsign", "headSign", text, translates="translatedHeadSign"),
        Column("trip_short_name", "shortName", text, translates="translatedShortName"),
        Column("direction_id", "direction", whole),
        Column("block_id", "block", text),
        Column("wheelchair_accessible", "wheelChairAccessible", whole),
        Column("bikes_allowed", "bikesAllowed", whole),
        Column("jp_trip_desc", "tripDescription", text),
        Column("jp_trip_desc_symbol", "tripDescriptionSymbol", text),
        Column("jp_office_id", "officeCode", text),
        Column("jp_pattern_id", "patternCode", text),
    ),
    required=("route_id", "service_id"),
    needs={"route_id": ("routes.txt", "route_id"), "shape_id": ("shapes.txt", "shape_id")},
)
CALENDARS: Final = Table(
    "calendar.txt",
    "GtfsCalendarRule",
    ("service_id",),
    (
        Column("service_id", "hasService", text, refers_to="GtfsService"),
        *(Column(name, name, flag) for name in _WEEK),
        Column("start_date", "startDate", day),
        Column("end_date", "endDate", day),
    ),
    required=(*_WEEK, "start_date", "end_date"),
)
CALENDAR_DATES: Final = Table(
    "calendar_dates.txt",
    "GtfsCalendarDateRule",
    ("service_id", "date"),
    (
        Column("service_id", "hasService", text, refers_to="GtfsService"),
        Column("date", "appliesOn", day),
        Column("exception_type", "exceptionType", text),
    ),
    required=("exception_type",),
)
STOP_TIMES: Final = Table(
    "stop_times.txt",
    "GtfsStopTime",
    ("trip_id", "stop_sequence"),
    (
        Column("trip_id", "hasTrip", text, refers_to="GtfsTrip"),
        Column("stop_id", "hasStop", text, refers_to="GtfsStop"),
        Column("arrival_time", "arrivalTime", clock),
        Column("departure_time", "departureTime", clock),
        Column("stop_sequence", "stopSequence", whole),
        Column("stop_headsign", "stopHeadSign", text, translates="translatedStopHeadSign"),
        Column("pickup_type", "pickupType", text),
        Column("drop_off_type", "dropOffType", text),
        Column("shape_dist_traveled", "distanceTravelled", number),
        Column("timepoint", "timepoint", text),
    ),
    required=("stop_id",),
    needs={"trip_id": ("trips.txt", "trip_id"), "stop_id": ("stops.txt", "stop_id")},
)
FREQUENCIES: Final = Table(
    "frequencies.txt",
    "GtfsFrequency",
    ("trip_id", "start_time"),
    (
        Column("trip_id", "hasTrip", text, refers_to="GtfsTrip"),
        Column("start_time", "startTime", clock),
        Column("end_time", "endTime", clock),
        Column("headway_secs", "headwaySeconds", whole, unit_code="SEC"),
        Column("exact_times", "exactTimes", flag),
    ),
    required=("end_time", "headway_secs"),
    needs={"trip_id": ("trips.txt", "trip_id")},
)
TRANSFERS: Final = Table(
    "transfers.txt",
    "GtfsTransferRule",
    ("from_stop_id", "to_stop_id"),
    (
        Column("from_stop_id", "hasOrigin", text, refers_to="GtfsStop"),
        Column("to_stop_id", "hasDestination", text, refers_to="GtfsStop"),
        Column("transfer_type", "transferType", text),
        Column("min_transfer_time", "minimumTransferTime", whole, unit_code="SEC"),
    ),
    needs={"from_stop_id": ("stops.txt", "stop_id"), "to_stop_id": ("stops.txt", "stop_id")},
)
SHAPE: Final = "GtfsShape"
SERVICE: Final = "GtfsService"
STATION: Final = "GtfsStation"
ENTRANCE: Final = "GtfsAccessPoint"
SIMPLE: Final = (CALENDARS, CALENDAR_DATES, FREQUENCIES, TRANSFERS)
TYPES: Final = (
    *(each.kind for each in (AGENCIES, STOPS, ROUTES, TRIPS, *SIMPLE, STOP_TIMES)),
    SHAPE,
    SERVICE,
    STATION,
    ENTRANCE,
)
