import re
from xml.etree import ElementTree

import pytest

from loyalty.demo.journey.pictures import KINDS, picture

pytestmark = pytest.mark.pure

SVG = "{http://www.w3.org/2000/svg}"
WANTED = {
    "coffee",
    "bread",
    "produce",
    "gift_card",
    "bag",
    "charity",
    "voucher",
    "cinema",
    "flowers",
    "bottle",
    "book",
    "travel",
}


def test_every_kind_of_reward_has_a_picture_of_its_own():
    assert set(KINDS) >= WANTED
    assert len({picture(kind) for kind in KINDS}) == len(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_is_plain_svg_of_one_size(kind):
    root = ElementTree.fromstring(picture(kind))
    assert root.tag == f"{SVG}svg"
    assert root.get("viewBox") == "0 0 320 240"
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= {
        "svg",
        "g",
        "rect",
        "circle",
        "ellipse",
        "path",
    }


@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_runs_nothing_and_loads_nothing(kind):
    attributes = [
        (name, value) for element in ElementTree.fromstring(picture(kind)).iter() for name, value in element.items()
    ]
    assert not [name for name, _ in attributes if name.startswith("on") or "href" in name or name == "style"]
    assert not [value for _, value in attributes if "url(" in value or ":" in value]


@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_has_only_whole_colors(kind):
    colors = re.findall(r'(?:fill|stroke)="([^"]+)"', picture(kind))
    assert all(color == "none" or re.fullmatch(r"#[0-9a-f]{6}", color) for color in colors)


def test_an_unknown_kind_is_a_mistake():
    with pytest.raises(KeyError):
        picture("submarine")
