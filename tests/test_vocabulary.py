"""The words of METHOD 1: nothing that the product says claims what it cannot know.

Walked are pages and mails, scripts, the literals of every module, and exports as they come out.
What is planted in each is found.
"""

import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client
from django.urls import NoReverseMatch, get_resolver, reverse

from devtools.layers import layers
from tests.approvals.test_deciding import approve
from tests.cast import REVENUE, Cast, added, proposal, submitted
from tests.forms.test_every_post import addresses
from tests.spend import bedrock, load
from tests.vocabulary import (
    HONEST,
    ROOT,
    claims,
    files,
    of_python,
    of_script,
    of_template,
    sums_of_python,
    sums_of_template,
)

APPS = sorted({module.split(".")[0] for layer in layers() for module in layer})
PAGES = files("templates/**/*.html", "templates/**/*.txt")
SCRIPTS = files("static/js/*.js", "frontend/*.js")
MODULES = files(*(f"{app}/**/*.py" for app in APPS))


def place(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", PAGES, ids=place)
def test_pages_and_mails(path: Path) -> None:
    assert not of_template(path.read_text())
    assert not sums_of_template(path.read_text())


@pytest.mark.parametrize("path", SCRIPTS, ids=place)
def test_scripts(path: Path) -> None:
    assert not of_script(path.read_text())
    assert not sums_of_template(path.read_text())


@pytest.mark.parametrize("path", MODULES, ids=place)
def test_labels_and_messages(path: Path) -> None:
    assert not of_python(path.read_text())
    assert not sums_of_python(path.read_text())


def texts_of(content: bytes) -> str:
    """What an export says: a CSV, or the strings of a workbook."""
    if not content.startswith(b"PK"):
        return content.decode()
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        sheets = [book.read(name).decode() for name in book.namelist() if name.endswith(".xml")]
    return re.sub(r"<[^>]*>", " ", " ".join(sheets))


@pytest.mark.django_db(transaction=True)
def test_exports(cast: Cast, client: Client, tmp_path: Path) -> None:
    """Whatever is exported under an address of its own, with both value types and spend in it."""
    request = submitted(cast)
    approve(cast.priya, request)
    added(cast, proposal(cast, name="Re-ranking", case=REVENUE, space=cast.search))
    load(tmp_path, bedrock("review", 900.0))
    client.force_login(cast.felix)
    exported = []
    for entry in addresses(get_resolver()):
        if not str(entry.name).endswith(("csv", "xlsx")):
            continue
        try:
            address = reverse(str(entry.name))
        except NoReverseMatch:
            continue
        answer = client.get(address)
        content = answer.getvalue() if answer.streaming else answer.content
        assert not claims(texts_of(content)), address
        exported.append(address)
    assert {"/spend/export.csv", "/spend/lines/export.xlsx"} <= set(exported)


@pytest.mark.parametrize(
    ("look", "planted"),
    [
        (of_template, "<th>ROI</th>"),
        (of_template, "<p>The return on\n    investment</p>"),
        (of_template, "<p>Proven <b>value</b> a year</p>"),
        (of_template, '<th title="Return on investment">O</th>'),
        (of_template, "{{ name }}: realised savings of {{ amount }}."),  # a mail
        (of_template, "We track your AI returns."),
        (of_script, 'say("The measured outcome");'),
        (of_script, 'note.append("return on " + "investment");'),
        (of_script, "label.textContent = `${name}: proven value`;"),
        (of_python, 'HEADS = ("Workload", "ROI")'),
        (of_python, 'message = f"{name} has a return on investment of {share}"'),
        (of_python, 'label = models.TextField("realized return")'),
        (of_python, 'words = "return on" + " investment"'),
        (of_python, 'words = ("savings were "\n    "achieved")'),
        (claims, "workload,proven value USD\nOne,3\n"),  # an export
        (sums_of_template, "{{ totals.cost_saving|add:totals.revenue_driving }}"),
        (sums_of_template, "const all = totals.costSaving + totals.revenueDriving;"),
        (sums_of_python, "all = cost_saving + revenue_driving"),
        (sums_of_python, "saving += row.revenue"),
        (sums_of_python, "by[ValueType.COST_SAVING] + by[ValueType.REVENUE_DRIVING]"),
        (sums_of_python, "sum([saving, revenue])"),
        (sums_of_python, "def all_of(rows):\n    return sum(row.opportunity for row in rows)"),
        (sums_of_python, "rows.aggregate(Sum('declared'))"),
    ],
)
def test_what_is_planted_is_found(look: Callable[[str], list[str]], planted: str) -> None:
    assert look(planted)


@pytest.mark.parametrize(
    ("look", "honest"),
    [
        (of_template, "One was declared, the other projected; neither is an outcome."),
        (of_template, "{% comment %} never return on investment {% endcomment %}"),
        (of_template, "which figure is declared, projected or measured"),
        (of_python, '"""Never a return on investment."""'),
        (of_script, "// no ROI here\nconst heroin = 1;"),
        (sums_of_python, "cost_saving - revenue; f'{saving}' + 'revenue'"),
        (
            sums_of_python,
            "def of(rows, value_type):\n    return sum(row.opportunity for row in rows)",
        ),
    ],
)
def test_what_is_honest_is_let_be(look: Callable[[str], list[str]], honest: str) -> None:
    assert not look(honest)


def test_the_honest_sentences_are_said() -> None:
    """A sentence that is allowed by name and no longer said is allowed no more."""
    said = re.sub(r"\s+", " ", " ".join(path.read_text() for path in PAGES)).lower()
    assert not [sentence for sentence in HONEST if sentence.lower() not in said]
