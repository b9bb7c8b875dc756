"""Bodies of the provisioning API: attributes, as the IoT agent's data model has them."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from services.ingest.domain.attribute import static_attribute
from services.ingest.domain.expression.compiled import compile_expression
from services.ingest.domain.link import read_link
from services.ingest.domain.refusal import MeasureRefused
from services.kernel.jexl.tree import Fault

Name = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^<>();'=\"\x00-\x1f\x7f]+$")]
Token = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
Key = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
Text = Annotated[str, StringConstraints(max_length=2000, pattern=r"^[^\x00]*$")]
Json = dict[str, Any]
_NOT_IN_NAMES = frozenset("<>();'=\"")
_RESERVED = frozenset({"id", "type", "scope", "@context", "createdAt", "modifiedAt", "deletedAt"})


class Body(BaseModel):
    """A body that may not have fields outside the data model."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    def stored(self) -> Json:
        """Return the fields that were sent, as they were sent."""
        return self.model_dump(exclude_unset=True, by_alias=True)


class ListBody(Body):
    """A list to create; one that was read of this hub or of an agent can be sent as it is."""

    count: int | None = Field(None, description="Not read: lists have it")


class OpenBody(Body):
    """A body that may have fields outside the data model, as with the agents: kept, and nothing follows from them."""

    model_config = ConfigDict(extra="allow", populate_by_name=True)

    def ignored(self) -> Iterator[str]:
        """Yield where fields outside the data model are, in this body and in those inside it."""
        yield from self.model_extra or ()
        for name in type(self).model_fields:
            value = getattr(self, name)
            inside = enumerate(value) if isinstance(value, list) else ()
            for at, body in inside:
                if isinstance(body, OpenBody):
                    yield from (f"{name}.{at}.{each}" for each in body.ignored())


class AttributeBody(OpenBody):
    """An active attribute: which key of a measure becomes which attribute."""

    object_id: Token | None = Field(None, description="Key in the measure; the name unless given")
    name: Name | None = Field(None, description="Name of the entity's attribute; the key unless given")
    type: Name | None = Field(
        None,
        description="`Number`, `Boolean`, `DateTime`, `geo:point`, `geo:json`, `Relationship` are converted",
        examples=["Number"],
    )
    metadata: Json | None = Field(None, description="Sub-properties; `unitCode` becomes the attribute's unit")
    unit_code: Name | None = Field(None, alias="unitCode", description="Unit (UN/CEFACT code)", examples=["MTR"])
    entity_name: Text | None = Field(
        None, min_length=1, description="Another entity that gets this attribute, or JEXL that names it"
    )
    entity_type: Name | None = Field(None, description="Type of that entity; the device's unless given")
    skip_value: Any = Field(
        None, alias="skipValue", description="A result of `expression` that makes no attribute; `null` never does"
    )
    expression: Text | None = Field(
        None, description="JEXL over the measure, instead of the key's value", examples=["level / 100"]
    )
    reverse: Any = Field(None, description="Stored: of the agents' bidirectional attributes, which they have no more")

    @model_validator(mode="after")
    def _check(self) -> "AttributeBody":
        if not (self.name or self.object_id):
            raise ValueError("an attribute needs a name or an object_id")
        if self.name is None and _NOT_IN_NAMES & set(self.object_id or ""):
            raise ValueError(f"an attribute cannot be named {self.object_id}")
        if (self.name or self.object_id) in _RESERVED:
            raise ValueError(f"an attribute cannot be named {self.name or self.object_id}")
        check_expressions(self.expression, self.metadata)
        return self


class StaticBody(OpenBody):
    """A static attribute: the same in every measure."""

    name: Name = Field(description="Name of the entity's attribute")
    type: Name | None = Field(None, description="As for active attributes")
    value: Any = Field(None, description="Its value; without one, and without `expression`, nothing is written")
    metadata: Json | None = Field(None, description="As for active attributes")
    unit_code: Name | None = Field(None, alias="unitCode", description="Unit (UN/CEFACT code)")
    link: Json | None = Field(
        None,
        description="Attributes that are kept in the entity named by the value too",
        examples=[{"attributes": ["temperature"], "name": "providedBy", "type": "Building"}],
    )
    expression: Text | None = Field(None, description="JEXL over the measure, instead of the value")

    @model_validator(mode="after")
    def _check(self) -> "StaticBody":
        check_expressions(self.expression, self.metadata)
        read_link(self.stored())
        if self.name in _RESERVED:
            raise ValueError(f"a static attribute cannot be named {self.name}")
        return self

    def check_value(self, *, labelled: bool) -> None:
        """Hold the value against its type, unless that is but a label. Raises ValueError."""
        try:
            if "value" in self.model_fields_set and not self.expression:
                static_attribute(self.stored(), labelled=labelled).render()
        except MeasureRefused as error:
            raise ValueError(f"static_attributes: value of {self.name}: {error}") from error


class DerivationBody(Body):
    """A value that ingest derives: an extension of the data model."""

    name: Name = Field(description="Name of the derived attribute", examples=["alertLevel"])
    kind: Literal["rank-of-threshold"] = Field(
        description="`rank-of-threshold`: the place, from 1, of the last threshold in the list that is reached; else 0"
    )
    of: Name = Field(description="The measured attribute", examples=["waterLevel"])
    thresholds: list[Name] = Field(min_length=1, max_length=100, description="Names of static or measured attributes")


def check_expressions(expression: str | None, metadata: Json | None = None) -> None:
    """Refuse an expression that is none, or that names a transformation which does not exist. Raises ValueError."""
    computed = {name: each["expression"] for name, each in (metadata or {}).items() if _is_computed(each)}
    for name, text in {"expression": expression, **computed}.items():
        if text is not None and not isinstance(text, str):
            raise ValueError(f"{name}: an expression is a text")
        check_expression(name, text)


def check_expression(name: str, text: str | None) -> None:
    """Refuse an expression that is none. Raises ValueError naming the field."""
    if not text:
        return
    try:
        compile_expression(text)
    except Fault as error:
        words = (
            "the legacy language (${@…}) no longer exists: JEXL names attributes as they are" if "${" in text else error
        )
        raise ValueError(f"{name}: {words}") from error


def _is_computed(metadata: object) -> bool:
    return isinstance(metadata, dict) and metadata.get("expression") is not None
