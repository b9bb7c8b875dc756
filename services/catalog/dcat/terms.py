"""Under which terms data may be used, where they come from, what they keep to, as RDF."""

import json
from collections.abc import Mapping

from rdflib import Graph, Literal, URIRef

from services.catalog.dcat.properties import add_properties
from services.catalog.dcat.vocabulary import (
    ADMS,
    AUTHORITY,
    DCAT,
    DCTERMS,
    FOAF,
    ODRL2,
    PROV,
    RDF,
    RDFS,
    SKOS,
    VCARD,
    XSD,
    add_concept,
    add_texts,
)
from services.catalog.domain.addresses import Addresses
from services.catalog.domain.data_class import DataClass
from services.catalog.domain.dataset import Access, Agent, Content, Dataset
from services.catalog.domain.licence import LICENCES, NOT_SPECIFIED

_ACCESS = {Access.PUBLIC: "PUBLIC", Access.RESTRICTED: "RESTRICTED"}
_ADDRESSED = {"action", "target", "assigner", "assignee", "leftOperand", "operator", "profile"}
_RULES = {"permission", "prohibition", "obligation", "duty", "constraint"}


def add_terms(graph: Graph, node: URIRef, dataset: Dataset, addresses: Addresses) -> None:
    """Say who may see and use a data set, and how."""
    add_access(graph, node, dataset.access)
    content = dataset.content
    if content.licence != NOT_SPECIFIED:
        graph.add((node, DCTERMS.license, add_licence(graph, content.licence, addresses)))
    if content.licence_text:
        wording = URIRef(f"{node}#licence")
        graph.add((node, DCTERMS.rights, wording))
        graph.add((wording, RDF.type, DCTERMS.RightsStatement))
        graph.add((wording, RDFS.label, Literal(content.licence_text)))
    if content.policy is not None:
        _add_policy(graph, node, content.policy)
    if content.data_class != DataClass.NONE:
        add_properties(graph, node, {"dataClass": content.data_class})


def add_access(graph: Graph, node: URIRef, access: Access) -> None:
    """Say who may see a thing."""
    code = _ACCESS[access]
    right = URIRef(f"{AUTHORITY}/access-right/{code}")
    graph.add((node, DCTERMS.accessRights, right))
    graph.add((right, RDF.type, DCTERMS.RightsStatement))
    add_concept(graph, right, f"{AUTHORITY}/access-right", {"en": code.lower()})


def add_licence(graph: Graph, identifier: str, addresses: Addresses) -> URIRef:
    """Say what a licence is; return its node."""
    licence = LICENCES[identifier]
    document = URIRef(addresses.licence(licence))
    if (document, DCTERMS.identifier, None) in graph:
        return document
    graph.add((document, RDF.type, DCTERMS.LicenseDocument))
    graph.add((document, DCTERMS.identifier, Literal(licence.identifier)))
    add_texts(graph, document, DCTERMS.title, {"en": licence.title, "ja": licence.title_ja})
    return document


def add_original(graph: Graph, node: URIRef, address: str) -> None:
    """Say which address a harvested data set has where it was published first (DCAT-AP 3, other identifier)."""
    identifier = URIRef(f"{node}#original")
    graph.add((node, ADMS.identifier, identifier))
    graph.add((identifier, RDF.type, ADMS.Identifier))
    graph.add((identifier, SKOS.notation, Literal(address, datatype=XSD.anyURI)))


def add_origin(graph: Graph, node: URIRef, content: Content) -> None:
    """Say who made a data set, from what, by which standards, and where it is explained."""
    if content.creator:
        graph.add((node, DCTERMS.creator, _add_agent(graph, URIRef(f"{node}#creator"), content.creator)))
    if content.provenance:
        statement = URIRef(f"{node}#provenance")
        graph.add((node, DCTERMS.provenance, statement))
        graph.add((statement, RDF.type, DCTERMS.ProvenanceStatement))
        add_texts(graph, statement, RDFS.label, content.provenance)
    if content.version_label:
        graph.add((node, DCAT.version, Literal(content.version_label)))
    add_standards(graph, node, content.conforms_to)
    for url in content.documentation:
        graph.add((node, FOAF.page, URIRef(url)))
        graph.add((URIRef(url), RDF.type, FOAF.Document))
    for url in content.sources:
        graph.add((node, PROV.wasDerivedFrom, URIRef(url)))


def add_standards(graph: Graph, node: URIRef, urls: tuple[str, ...]) -> None:
    """Say which standards a thing keeps to."""
    for url in urls:
        graph.add((node, DCTERMS.conformsTo, URIRef(url)))
        graph.add((URIRef(url), RDF.type, DCTERMS.Standard))


def _add_agent(graph: Graph, node: URIRef, agent: Agent) -> URIRef:
    graph.add((node, RDF.type, FOAF.Agent))
    graph.add((node, FOAF.name, Literal(agent.name)))
    if agent.email:
        graph.add((node, VCARD.hasEmail, URIRef(f"mailto:{agent.email}")))
    if agent.url:
        graph.add((node, FOAF.homepage, URIRef(agent.url)))
    return node


def _add_policy(graph: Graph, node: URIRef, policy: Mapping[str, object]) -> None:
    """Say an ODRL policy, and the policy as it was written: RDF does not keep the order of its rules."""
    place = URIRef(f"{node}#policy")
    graph.add((node, ODRL2.hasPolicy, place))
    graph.add((place, RDF.type, ODRL2.Policy))
    _add_members(graph, place, policy)
    add_properties(graph, node, {"policy": json.dumps(policy, ensure_ascii=False, sort_keys=True)})


def _add_members(graph: Graph, place: URIRef, members: Mapping[str, object]) -> None:
    kind = str(members.get("@type", members.get("type", ""))).rpartition(":")[2]
    if kind.isalpha():
        graph.add((place, RDF.type, ODRL2[kind]))
    for key, value in members.items():
        name = key.rpartition(":")[2]
        for number, each in enumerate(value if isinstance(value, list) else [value]):
            if name in _RULES and isinstance(each, Mapping):
                inner = URIRef(f"{place}-{name}-{number}")
                graph.add((place, ODRL2[name], inner))
                _add_members(graph, inner, each)
            elif name in _ADDRESSED and isinstance(each, str):
                graph.add((place, ODRL2[name], _addressed(each)))
            elif name == "rightOperand" and isinstance(each, str | int | float):
                graph.add((place, ODRL2[name], Literal(each)))


def _addressed(value: str) -> URIRef | Literal:
    if value.startswith(("http://", "https://", "urn:")) and not set(value) & set(' <>"{}|\\^`'):
        return URIRef(value)
    name = value.rpartition(":")[2]
    return ODRL2[name] if name.isalnum() else Literal(value)
