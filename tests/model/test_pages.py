"""The board's page of a past day, through HTTP: read later it is what was read on that day."""

import re
from datetime import UTC, date, datetime, timedelta
from difflib import unified_diff
from pathlib import Path
from random import Random

import pytest
from django.test import Client
from django.utils import timezone

from records.clock import now
from tests.cast import Cast
from tests.model.living import Life, Travel
from tests.model.organisation import Organisation
from tests.soak import SOAK

DAYS = 2
STEPS = 6  # between two days that are read
LENSES = ("planned", "actual")
# What says which day is shown, leads on with it, or is of one request alone.
CHIPS = re.compile(r'<ul class="asked".*?</ul>', re.DOTALL)
OF_THE_DAY = re.compile(r'as_of=[0-9-]+(&amp;)?|<input[^>]*name="as_of"[^>]*>')
SECRETS = re.compile(r'name="(csrfmiddlewaretoken|idempotency_key)" value="[^"]*"')


def shown(client: Client, lens: str, day: date | None = None) -> list[str]:
    """Return the board's main part without the form that asks, and without what names the day."""
    asked = {"lens": lens} | ({"as_of": f"{day}"} if day else {})
    page = client.get("/", asked).content.decode()
    main = page[page.index('<div id="board">') : page.index("</main>")]
    for known in (CHIPS, OF_THE_DAY, SECRETS):
        main = known.sub("", main)
    # An address whose only parameter was the day ends as one that never had it.
    main = re.sub(r"(\?|&amp;)(?=[\"#])", "", main)
    return [re.sub(r"\s+", " ", each).strip() for each in main.split("<")]


# Once 3 had a board without workloads on the day, and requests were moved (4) and renamed (23)
# while they waited.
@pytest.mark.parametrize("seed", range(40) if SOAK else (0, 3, 4, 23))
def test_a_page_of_a_day_is_what_was_read_on_that_day(
    cast: Cast, travel: Travel, tmp_path: Path, client: Client, seed: int
) -> None:
    chance = Random(seed)  # noqa: S311 - a test's dice
    life = Life(cast, travel, tmp_path, chance, Organisation(timezone.get_current_timezone_name()))
    life.begin()
    client.force_login(cast.felix)
    read: dict[tuple[date, str], list[str]] = {}
    for _ in range(DAYS):
        for _ in range(STEPS):
            life.step()
        # To the end of the day: what still happens on it would be in the page that is read later.
        midnight = datetime.combine(life.model.day(now()) + timedelta(days=1), datetime.min.time())
        life.at = midnight.replace(tzinfo=life.model.zone).astimezone(UTC) - timedelta(seconds=20)
        travel(life.at)
        read |= {(life.model.day(now()), lens): shown(client, lens) for lens in LENSES}
        life.at += timedelta(hours=1)
        travel(life.at)
    for (day, lens), page in read.items():
        other = list(unified_diff(page, shown(client, lens, day), lineterm="", n=0))
        assert not other, f"as of {day}, {lens}: {other}"
        assert any("$" in each for each in page)
