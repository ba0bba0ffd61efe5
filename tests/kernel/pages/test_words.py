"""What people read: one name a place, words for every code, and words beside figures in their right form."""

import re
from decimal import Decimal
from pathlib import Path

import pytest
from django.contrib import admin
from django.contrib.admin.utils import flatten_fieldsets, label_for_field
from django.db import models
from django.utils import translation

from loyalty.kernel import codes
from loyalty.kernel.pages import menu
from loyalty.kernel.text import Texts, beside
from programs.setup.models import PointType
from tests.browser import people
from tests.kernel.pages.staff import signed_in

PROJECT = Path(__file__).resolve().parents[3]
OURS = ("loyalty", "programs", "members", "rewards", "partners", "reports")

# Fields that only a form has; forms name theirs.
OF_FORMS = {"new_password", "grants", "upload", "pk", "worth"}


def lists():
    return [model for model in admin.site._registry if model._meta.app_label.startswith(OURS)]


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "pl", "ru"])
def test_menu_heading_trail_and_title_agree(language):
    people.make_program()
    user = people.make_operator()
    user.language = language
    user.save()
    operator = signed_in(user)

    start = operator.get("/admin/").wsgi_request
    with translation.override(language):
        places = [(item["title"], str(item["link"])) for group in menu.navigation(start) for item in group["items"]]
    assert len(places) > 15

    for name, address in places:
        page = operator.get(address).content.decode()
        title = re.search(r"<title>(.*?)</title>", page, re.S)[1]
        last = re.search(r'aria-current="page">([^<]*)</(?:h1|span)>', page.partition('class="crumbs"')[2])[1]
        assert (title.split("|")[0].strip(), last) == (name, name), address


@pytest.mark.parametrize("model", lists(), ids=lambda model: model._meta.label)
def test_every_label_of_a_list_and_its_pages_is_translated(model):
    model_admin = admin.site._registry[model]
    names = [
        *model_admin.list_display,
        *flatten_fieldsets(model_admin.fieldsets or [(None, {"fields": model_admin.fields or ()})]),
    ]
    labels = {
        name: label_for_field(name, model, model_admin, form=model_admin.form) for name in names if name not in OF_FORMS
    }

    # What is marked for translation is a promise, what is not is plain text.
    assert [name for name, label in labels.items() if isinstance(label, str)] == []
    assert not isinstance(model._meta.verbose_name, str)
    assert not isinstance(model._meta.verbose_name_plural, str)


def test_every_deed_that_is_written_down_has_words():
    sources = [path for app in OURS for path in (PROJECT / app).rglob("*.py")]
    found = {
        action for path in sources for action in re.findall(r'audit\.record\(\s*"([^"]+)"', path.read_text("utf-8"))
    }

    assert "report.requested" in found
    assert sorted(action for action in found if not codes.is_known(codes.DEED, action)) == []


@pytest.mark.parametrize(
    ("language", "forms", "shown"),
    [
        ("en", "point, points", {"1": "point", "0": "points", "2": "points", "1.5": "points", "-1": "point"}),
        (
            "pl",
            "punkt, punkty, punktów, punktu",
            {
                "1": "punkt",
                "2": "punkty",
                "5": "punktów",
                "12": "punktów",
                "22": "punkty",
                "21": "punktów",
                "1.5": "punktu",
            },
        ),
        (
            "ru",
            "балл, балла, баллов",
            {"1": "балл", "2": "балла", "5": "баллов", "11": "баллов", "21": "балл", "22": "балла", "0.5": "балла"},
        ),
    ],
)
def test_the_name_of_points_takes_the_form_of_its_number(language, forms, shown):
    assert {number: beside(forms, language, Decimal(number)) for number in shown} == shown


def test_a_point_type_is_named_by_its_own_forms_else_by_the_usual_ones_else_by_its_name():
    own = PointType(name=Texts(en="beans"), forms={"en": "bean, beans"})
    usual = PointType(name=Texts(en="points", pl="punkty"), decimals=2)
    other = PointType(name=Texts(en="stars"))

    with translation.override("en"):
        assert [own.named(1), own.named(2), usual.named(100), usual.named(150), other.named(1)] == [
            "bean", "beans", "point", "points", "stars",
        ]  # fmt: skip
    with translation.override("pl"):
        assert [usual.named(100), usual.named(200), usual.named(150)] == ["punkt", "punkty", "punktu"]


def test_no_list_of_ours_is_silent_when_empty():
    assert [model for model in lists() if not getattr(admin.site._registry[model], "empty_text", "")] == []
    assert all(issubclass(model, models.Model) for model in lists())
