"""The NGSI-LD face: ETSI GS CIM 009 v1.9.1 under `/ngsi-ld/v1`."""

from services.broker.ngsild.dialect import Dialect
from services.broker.ngsild.routes import DESCRIPTION, PREFIXES, routes

__all__ = ["DESCRIPTION", "PREFIXES", "Dialect", "routes"]
