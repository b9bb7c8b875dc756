"""What a view shows and allows, and which attributes a filter asks about."""

from services.broker.domain.entity import Entity
from services.broker.domain.view import View, ViewPart
from services.broker.query.parse_q_ld import parse_q_ld
from services.broker.query.referenced import asks_for_links, filtered

PARK = Entity(id="p", types=("Park", "Place"), attrs={"name": [], "owner": []}, path="/parks/east", uri="urn:p")


def test_the_parts_that_an_entity_belongs_to_show_their_attributes_together() -> None:
    view = View((ViewPart("/parks/#", ("Park",), ("name",)), ViewPart("/#", ("Place",), ("area",))))
    shown = view.shown(PARK)
    assert shown is not None
    assert set(shown.attrs) == {"name"}
    assert View((ViewPart("/#"), ViewPart("/#", (), ("name",)))).shown(PARK) is PARK


def test_an_entity_outside_every_part_is_not_known_to_exist() -> None:
    for part in (ViewPart("/parks"), ViewPart("/park/#"), ViewPart("/#", ("Gauge",)), ViewPart("/parks/east/pond/#")):
        assert View((part,)).shown(PARK) is None
        assert not View((part,)).allows(PARK, ())
    assert View().shown(PARK) is None


def test_a_scope_is_a_place_like_a_service_path() -> None:
    scoped = PARK.with_(path="/", scopes=("parks/east", "/all"))
    assert View((ViewPart("/parks/#"),)).shown(scoped) is scoped
    assert View((ViewPart("/rivers/#"),)).shown(scoped) is None


def test_a_type_is_named_only_where_all_of_it_is_shown() -> None:
    view = View((ViewPart("/parks/#", ("Park",), ("name",)),))
    assert view.shows("Park", "name", ("/parks/#",))
    assert view.shows("Park", None, ("/parks/east", "/parks"))
    assert not view.shows("Park", "owner", ("/parks/#",))
    assert not view.shows("Park", "name", ("/#",))
    assert not view.shows("Gauge", None, ("/parks/#",))


def test_what_not_every_part_shows_is_hidden() -> None:
    view = View((ViewPart("/#", ("Park",), ("name", "area")), ViewPart("/#", ("Gauge",))))
    assert view.hidden(["name", "area"]) is None
    assert view.hidden(["name", "owner"]) == "owner"
    assert View((ViewPart("/#"),)).hidden(["anything"]) is None


def test_a_filter_tells_every_attribute_that_it_looks_at() -> None:
    tree = parse_q_ld('name=="x"|(!owner;area>3);note.by==1', lambda name: name)
    assert set(filtered(tree)) == {"name", "owner", "area", "note"}
    assert not asks_for_links(tree)
    linked = parse_q_ld('name=="x"|owner{Person:age}>3', lambda name: name)
    assert asks_for_links(linked)
    assert "owner" in set(filtered(linked))
