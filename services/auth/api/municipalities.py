"""Routes of the built-in list of local governments."""

from typing import Annotated

from fastapi import APIRouter, Query

from services.auth.api.municipality_json import LocalGovernmentJson, LocalGovernmentList
from services.auth.api.service import Part, Service
from services.kernel.problems import RESPONSES

router = APIRouter(tags=["Municipalities"])


@router.get("/municipalities", summary="Look up local governments", responses={400: RESPONSES[400]})
async def search_local_governments(
    service: Service,
    part: Part,
    code: Annotated[
        str | None,
        Query(pattern="^[0-9]{1,6}$", description="Code, or its beginning: `37` is Kagawa's", examples=["372013"]),
    ] = None,
    q: Annotated[str, Query(max_length=100, description="Part of the name or its reading", examples=["高松"])] = "",
) -> LocalGovernmentList:
    """Find prefectures, municipalities and wards by code or name, in the order of their codes.

    Width, spaces, katakana for hiragana and letter case make no difference: `タカマツ` finds 高松市 and
    `香川県 高松` too. Open to everybody, in the `required` mode as well. Data: code4fukui/localgovjp (CC0).
    """
    found, total = service.gazetteer.search(code, q, part)
    return LocalGovernmentList(total=total, municipalities=[LocalGovernmentJson.model_validate(each) for each in found])
