"""Bodies of the provisioning API: what groups and devices share, as the IoT agent's data model has it.

Every field of that model is accepted, stored and returned; the reference says which of them act.
"""

from typing import Any

import orjson
from pydantic import Field, field_validator, model_validator

from services.ingest.codecs.decoder import read_decoder
from services.ingest.domain.command import read_command
from services.ingest.domain.device import is_ngsi_v2
from services.ingest.domain.explicit import read_rule
from services.ingest.domain.instant import find_zone
from services.ingest.domain.ngsi_payload import NGSI_TYPES
from services.ingest.http.attribute_bodies import (
    AttributeBody,
    DerivationBody,
    Json,
    Name,
    OpenBody,
    StaticBody,
    Text,
    check_expression,
)
from services.kernel.jexl.tree import Fault

CMD_MODES = ("legacy", "notification", "advancedNotification")
_PLACE = frozenset({"service", "service_path", "subservice"})
PAYLOAD_TYPES = ("iotagent", *NGSI_TYPES)


def read_rule_or_refuse(value: Any) -> None:
    """Refuse an `explicitAttrs` that is no rule. Raises ValueError naming the field."""
    try:
        read_rule(value)
    except Fault as error:
        raise ValueError(f"explicitAttrs: {error}") from error


class CommonBody(OpenBody):
    """What groups and devices share; a device without a field has that of its group."""

    service: Any = Field(None, description="Not stored: the header says it")
    service_path: Any = Field(None, description="Not stored: the header says it")
    entity_type: Name | None = Field(None, description="Type of the entities", examples=["WaterLevelObserved"])
    attributes: list[AttributeBody] | None = Field(None, max_length=1000, description="Active attributes")
    static_attributes: list[StaticBody] | None = Field(None, max_length=1000, description="Static attributes")
    derivations: list[DerivationBody] | None = Field(None, max_length=100, description="Derived values (extension)")
    explicit_attrs: Any = Field(
        None,
        alias="explicitAttrs",
        description="`true`: keys that no attribute names are left out. A list, or a JEXL expression: only those named",
    )
    timestamp: bool | None = Field(
        None, description="`true`: the entity gets `TimeInstant`. `observedAt` is written in any case"
    )
    timezone: Text | None = Field(None, description="Zone of times that name none", examples=["Asia/Tokyo"])
    decoder: Any = Field(
        None,
        description="`cayenne-lpp`, or a mapping of messages to measures in JEXL (extension)",
        examples=[{"values": {"temperature": "payload.t / 10"}}],
    )
    expected_interval: float | None = Field(
        None,
        alias="expectedInterval",
        gt=0,
        le=31_536_000,
        description="Seconds between measures; a device that is not heard for twice as long is silent (extension)",
    )
    identity: Name | None = Field(
        None,
        description="Key of a counter or id that tells a measure from all others, where it has no time (extension)",
    )
    autoprovision: bool | None = Field(None, description="`false`: a device that is not registered is refused")
    commands: list[Json] | None = Field(
        None, description="What can be asked of the devices; `name`, `type` and how it is sent"
    )
    lazy: list[AttributeBody] | None = Field(
        None, max_length=1000, description="Attributes that devices are asked for when somebody reads their entities"
    )
    internal_attributes: Any = Field(None, description="Stored")
    protocol: Text | None = Field(None, description="With `ul` in it, commands are written in UltraLight")
    transport: Text | None = Field(None, description="How commands are brought: `MQTT` (default) or `HTTP`")
    endpoint: Text | None = Field(None, description="URL, or JEXL that gives it, to which commands are posted")
    ngsi_version: Text | None = Field(
        None,
        alias="ngsiVersion",
        description="`v2`: entities as the agents write them with NGSIv2, named `<type>:<device>`",
    )
    payload_type: Text | None = Field(
        None, alias="payloadType", description="Of measures: `iotagent`, or NGSI entities: `ngsiv2`, `ngsild`"
    )
    store_last_measure: bool | None = Field(
        None, alias="storeLastMeasure", description="`true`: devices show their `lastMeasure`"
    )
    use_cb_flow_control: bool | None = Field(None, alias="useCBflowControl", description="Stored")
    cmd_mode: Text | None = Field(
        None,
        alias="cmdMode",
        description="How commands come from the broker: `legacy` (default), forwarded through a registration; "
        "`notification`, through a subscription, and so `advancedNotification`",
    )
    expression_language: Text | None = Field(None, alias="expressionLanguage", description="`jexl`")
    default_entity_name_conjunction: Text | None = Field(
        None,
        alias="defaultEntityNameConjunction",
        description="What stands between type and device in an entity's name, instead of `urn:ngsi-ld:<type>:<device>`",
    )
    entity_name_exp: Text | None = Field(
        None,
        alias="entityNameExp",
        description="JEXL that names the entity of each measure",
        examples=["id + '_' + sn"],
    )

    def stored(self) -> Json:
        """Return the fields that were sent, as they were sent, without the place."""
        return {name: value for name, value in super().stored().items() if name not in _PLACE}

    @field_validator("timezone")
    @classmethod
    def _refuse_unknown_zone(cls, name: str | None) -> str | None:
        if name:
            find_zone(name)
        return name

    @model_validator(mode="after")
    def _check(self) -> "CommonBody":
        read_rule_or_refuse(self.explicit_attrs)
        check_expression("entityNameExp", self.entity_name_exp)
        if self.payload_type and self.payload_type.lower() not in PAYLOAD_TYPES:
            raise ValueError(f"payloadType: must be one of {', '.join(PAYLOAD_TYPES)}")
        if self.cmd_mode and self.cmd_mode not in CMD_MODES:
            raise ValueError(f"cmdMode: must be one of {', '.join(CMD_MODES)}")
        if self.expression_language and self.expression_language.lower() != "jexl":
            raise ValueError("expressionLanguage: JEXL is the only language; 'legacy' no longer exists")
        if b"\\u0000" in orjson.dumps(self.stored()):
            raise ValueError("a text contains the character NUL")
        read_decoder(self.decoder)
        for static in self.static_attributes or ():
            static.check_value(labelled=is_ngsi_v2({"ngsiVersion": self.ngsi_version}))
        for each in self.commands or ():
            read_command(each)
        return self
