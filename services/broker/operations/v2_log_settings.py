"""The log settings that Orion's management API shows and changes; the level alone has an effect here."""

from dataclasses import dataclass


@dataclass(slots=True)
class V2LogSettings:
    """Kept for those who set them and read them back (Orion, Management API). `traces` are Orion's trace levels."""

    info_payload_max_size: int = 5 * 1024
    line_max_size: int = 32 * 1024
    deprecate: bool = False
    traces: str = "empty"
