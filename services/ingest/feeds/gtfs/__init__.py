"""GTFS and GTFS-JP: a bus operator's timetable as a zip of tables, turned into Smart Data Models (UrbanMobility)."""
