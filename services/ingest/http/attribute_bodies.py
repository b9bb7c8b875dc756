"""Bodies of the provisioning API: attributes, as the IoT agent's data model has them."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from services.ingest.domain.attribute import render_static
from services.ingest.domain.refusal import MeasureRefused

Name = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^<>();'=\"\x00-\x1f\x7f]+$")]
Token = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
Text = Annotated[str, StringConstraints(max_length=2000, pattern=r"^[^\x00]*$")]
Json = dict[str, Any]
_RESERVED = frozenset({"id", "type", "scope", "@context", "createdAt", "modifiedAt", "deletedAt"})


class Body(BaseModel):
    """A body that may not have fields outside the data model."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    def stored(self) -> Json:
        """Return the fields that were sent, as they were sent."""
        return self.model_dump(exclude_unset=True, by_alias=True)


class AttributeBody(Body):
    """An active attribute: which key of a measure becomes which attribute."""

    object_id: Name | None = Field(None, description="Key in the measure; the name unless given")
    name: Name | None = Field(None, description="Name of the entity's attribute; the key unless given")
    type: Name | None = Field(
        None,
        description="`Number`, `Boolean`, `DateTime`, `geo:point`, `geo:json`, `Relationship` are converted",
        examples=["Number"],
    )
    metadata: Json | None = Field(None, description="Sub-properties; `unitCode` becomes the attribute's unit")
    unit_code: Name | None = Field(None, alias="unitCode", description="Unit (UN/CEFACT code)", examples=["MTR"])
    entity_name: Name | None = Field(None, description="Another entity that gets this attribute")
    entity_type: Name | None = Field(None, description="Type of that entity; the device's unless given")
    skip_value: Any = Field(None, alias="skipValue", description="Stored; `null` is always skipped")
    expression: Any = Field(None, description="Not supported yet: refused")

    @model_validator(mode="after")
    def _check(self) -> "AttributeBody":
        if not (self.name or self.object_id):
            raise ValueError("an attribute needs a name or an object_id")
        if (self.name or self.object_id) in _RESERVED:
            raise ValueError(f"an attribute cannot be named {self.name or self.object_id}")
        refuse_expression(self.expression, self.metadata)
        if self.skip_value is not None:
            raise ValueError("skipValue is not supported yet; null is skipped")
        return self


class StaticBody(Body):
    """A static attribute: the same in every measure."""

    name: Name = Field(description="Name of the entity's attribute")
    type: Name | None = Field(None, description="As for active attributes")
    value: Any = Field(description="Its value")
    metadata: Json | None = Field(None, description="As for active attributes")
    unit_code: Name | None = Field(None, alias="unitCode", description="Unit (UN/CEFACT code)")
    link: Any = Field(None, description="Not supported yet: refused")
    expression: Any = Field(None, description="Not supported yet: refused")

    @model_validator(mode="after")
    def _check(self) -> "StaticBody":
        refuse_expression(self.expression, self.metadata)
        if self.link is not None:
            raise ValueError("link is not supported yet")
        if self.name in _RESERVED:
            raise ValueError(f"a static attribute cannot be named {self.name}")
        try:
            render_static(self.stored())
        except MeasureRefused as error:
            raise ValueError(f"value of {self.name}: {error}") from error
        return self


class DerivationBody(Body):
    """A value that ingest derives: an extension of the data model."""

    name: Name = Field(description="Name of the derived attribute", examples=["alertLevel"])
    kind: Literal["rank-of-threshold"] = Field(
        description="`rank-of-threshold`: the place, from 1, of the last threshold in the list that is reached; else 0"
    )
    of: Name = Field(description="The measured attribute", examples=["waterLevel"])
    thresholds: list[Name] = Field(min_length=1, max_length=100, description="Names of static or measured attributes")


def refuse_expression(expression: object, metadata: Json | None = None) -> None:
    """Refuse an attribute that is computed: ignoring that would store something else than was asked for."""
    computed = [each for each in (metadata or {}).values() if isinstance(each, dict) and "expression" in each]
    if expression is not None or computed:
        raise ValueError("expression: expressions are not supported yet")
