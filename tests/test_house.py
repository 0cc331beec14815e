"""The rules of the house that no linter knows."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db.models import Model
from django.urls import URLPattern, URLResolver, get_resolver

from devtools.layers import layers

ROOT = Path(settings.BASE_DIR)
APPS = [module for layer in layers() for module in layer if "." not in module]
LOWER_FIRST = list(reversed(APPS))
PYTHON = sorted(path for app in [*APPS, "valueboard"] for path in (ROOT / app).rglob("*.py"))
BESIDE = sorted(
    path
    for room in ("tests", "devtools", "bench", "deploy")
    for path in (ROOT / room).rglob("*.py")
)
LONGEST_MODULE = 400
LONGER = {"records/verifier.py": "one file that is copied out and runs by itself"}
FLOATS = {"valueboard/lib/treemap.py": "places on the screen, no money"}
MONEY = ["valueboard/lib", "business_cases", "approvals", "cur_ingest", "allocation_gaps"]


def models() -> Iterator[type[Model]]:
    """Every table of ours."""
    return (model for model in apps.get_models() if model._meta.app_label in LOWER_FIRST)


def is_higher(other: type[Model], model: type[Model]) -> bool:
    """Whether the other model lives in an app above this one's."""
    label = other._meta.app_label
    return label in LOWER_FIRST and (
        LOWER_FIRST.index(label) > LOWER_FIRST.index(model._meta.app_label)
    )


def test_every_app_is_in_a_layer() -> None:
    ours = {config.label for config in apps.get_app_configs() if ROOT in Path(config.path).parents}
    assert {label for label in ours if ".venv" not in apps.get_app_config(label).path} == {
        *APPS,
        "valueboard",
    }


def test_no_foreign_key_points_upwards() -> None:
    upwards = [
        str(field)
        for model in models()
        for field in model._meta.get_fields()
        if field.is_relation and not field.auto_created
        if isinstance(field.related_model, type)
        if is_higher(field.related_model, model)
    ]
    assert not upwards


def test_no_app_reaches_a_higher_one_by_a_reverse_relation() -> None:
    upwards = [
        f"{model.__name__}.{relation.get_accessor_name()}, from {relation.field}"
        for model in models()
        for relation in model._meta.related_objects
        if is_higher(relation.related_model, model)
    ]
    assert not upwards


def views(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, object]]:
    """Every address of the product, with its view."""
    for entry in resolver.url_patterns:
        address = f"{prefix}{entry.pattern}"
        if isinstance(entry, URLResolver):
            yield from views(entry, address)
        elif isinstance(entry, URLPattern):
            yield address, entry.callback


def test_every_view_says_who_may_call_it() -> None:
    silent = [
        address
        for address, view in views(get_resolver())
        if not hasattr(view, "policy")
        # Sign-in and its like: allauth's own, behind LoginRequiredMiddleware where they must be.
        and not getattr(view, "__module__", "").startswith("allauth.")
    ]
    assert not silent


@pytest.mark.parametrize("path", [*PYTHON, *BESIDE], ids=lambda path: str(path.relative_to(ROOT)))
def test_modules_stay_small_and_say_what_they_hold(path: Path) -> None:
    assert path.stem not in {"utils", "helpers", "common", "mixins", "misc"}
    if "migrations" not in path.parts and str(path.relative_to(ROOT)) not in LONGER:
        assert len(path.read_text().splitlines()) <= LONGEST_MODULE


def test_money_never_becomes_a_float() -> None:
    floats = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in PYTHON
        if str(path.relative_to(ROOT)).startswith(tuple(MONEY))
        and str(path.relative_to(ROOT)) not in FLOATS
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if re.search(r"\bfloat\(", line)
    ]
    assert not floats
