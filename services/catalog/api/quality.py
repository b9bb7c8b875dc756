"""The route of a data set's quality."""

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field

from services.catalog.api.requests import OPTIONAL_TOKEN, Reader, TheCatalogue
from services.catalog.domain.live import distributions_of
from services.catalog.quality.score import TOTAL, Dimension, Metric, score
from services.catalog.store.find import find_one
from services.catalog.store.session import reading
from services.kernel.errors import NotFound
from services.kernel.problems import RESPONSES

router = APIRouter(prefix="/datasets", tags=["Data sets"])


class MetricView(BaseModel):
    """One thing that is looked at."""

    dimension: Dimension = Field(description="Side of quality")
    name: str = Field(description="What is looked at", examples=["licence"])
    points: int = Field(description="Points that it gives", examples=[20])
    maximum: int = Field(description="Points that it can give", examples=[20])
    met: bool | None = Field(description="Whether it is so; null where it cannot be known here")


class QualityView(BaseModel):
    """How good the description of a data set is."""

    points: int = Field(description="Points, 0 to 405", examples=[310])
    maximum: int = Field(description="Most points", examples=[TOTAL])
    rating: str = Field(description="`excellent`, `good`, `sufficient` or `bad`", examples=["good"])
    metrics: list[MetricView] = Field(description="What the points are given for")


@router.get(
    "/{reference}/quality",
    summary="Rate the description of a data set",
    responses={status: RESPONSES[status] for status in (400, 401, 404, 503)},
    openapi_extra=OPTIONAL_TOKEN,
)
async def read_quality(
    catalogue: TheCatalogue,
    audience: Reader,
    reference: Annotated[str, Path(description="Identifier or name", max_length=200)],
) -> QualityView:
    """Give points after data.europa.eu's metadata quality assessment, and say what is missing."""
    async with reading(catalogue.engine) as connection:
        found = await find_one(connection, audience, reference)
    if found is None:
        raise NotFound(f"Data set {reference} does not exist")
    forms = distributions_of(found, catalogue.addresses)
    rated = score(found, forms, catalogue.addresses.catalog)
    metrics = [_metric(each) for each in rated.metrics]
    return QualityView(points=rated.points, maximum=TOTAL, rating=rated.rating, metrics=metrics)


def _metric(each: Metric) -> MetricView:
    return MetricView(dimension=each.dimension, name=each.name, points=each.points, maximum=each.maximum, met=each.met)
