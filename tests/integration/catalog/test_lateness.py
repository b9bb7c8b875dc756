"""Data sets that are late, as entities of the context broker."""

import dataclasses
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from services.catalog.domain.dataset import Access, Content, State
from services.catalog.domain.editor import Editor
from services.catalog.operations.catalogue import Catalogue
from services.catalog.operations.edit import Changes, Draft, change_dataset, create_dataset, remove_dataset
from services.catalog.operations.lateness import LatenessRounds
from services.kernel.credentials import ServiceCredentials
from services.kernel.errors import Unavailable
from services.kernel.identity import OPEN
from tests.support.ngsild_peer import ngsild_peer

EDITOR = Editor(OPEN, "fukui")
START = datetime(2026, 11, 1, tzinfo=UTC)
CONTENT = Content({"ja": "公園", "en": "Parks"}, {"ja": "公園"}, frequency="MONTHLY", modified="2026-11-01")


async def test_late_data_sets_are_told_once_and_again_when_they_are_renewed(catalogue: Catalogue) -> None:
    days = 44.0
    later = dataclasses.replace(catalogue, clock=lambda: START + timedelta(days=days))
    parks = await create_dataset(later, EDITOR, Draft(CONTENT, "parks", unit="/parks"))
    trees = await create_dataset(later, EDITOR, Draft(CONTENT, "trees", access=Access.RESTRICTED))
    gone = await create_dataset(later, EDITOR, Draft(CONTENT, "gone"))
    await create_dataset(later, EDITOR, Draft(CONTENT, "draft", state=State.DRAFT))
    ids = {each.name: f"urn:ngsi-ld:DatasetFreshness:{each.dataset_id}" for each in (parks, trees, gone)}
    async with ngsild_peer() as peer, httpx.AsyncClient(base_url=peer.url) as broker:
        rounds = LatenessRounds(later, broker, ServiceCredentials("http://127.0.0.1:9", "", ""), 600)

        def said(name: str) -> list[str]:
            return peer.values("fukui", ids[name], "freshnessState")

        await rounds.round()
        assert peer.requests == 0, "nothing is late yet"
        days = 46
        peer.failures = [503]
        with pytest.raises(Unavailable):
            await rounds.round()
        peer.refuses = lambda entity: entity["id"] == ids["trees"]
        await rounds.round()
        peer.refuses = lambda _: False
        await rounds.round()
        await rounds.round()
        assert (said("parks"), said("trees"), said("gone"), len(peer.entities)) == (["late"], ["late"], ["late"], 3)
        entity = peer.entities["fukui", ids["parks"]]
        assert entity["dueAt"]["value"] == {"@type": "DateTime", "@value": "2026-12-16T00:00:00.000Z"}
        assert entity["title"]["languageMap"] == {"ja": "公園", "en": "Parks"}
        assert (entity["scope"], entity["datasetName"]["value"]) == ("/parks", "parks")
        await change_dataset(later, EDITOR, "parks", Changes({"modified": "2026-12-16"}))
        await change_dataset(later, EDITOR, "trees", Changes(state=State.WITHDRAWN))
        await remove_dataset(later, EDITOR, "gone")
        await rounds.round()
        assert (said("parks")[1:], said("trees")[1:], said("gone")[1:]) == (["fresh"], ["withdrawn"], ["withdrawn"])
        days = 100
        await rounds.round()
        assert said("parks") == ["late", "fresh", "late"]
        assert peer.entities["fukui", ids["parks"]]["dueAt"]["value"]["@value"] == "2027-01-30T00:00:00.000Z"
