"""Presets of thresholds: shown beside what counts, recorded as versions that name their source."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client

from maturity.actions import apply_preset
from maturity.presets import PRESETS, PRESETS_BY_KEY
from maturity.thresholds import seen_of_preset, versions_of_preset
from records.clock import now, today
from records.models import ThresholdVersion
from records.thresholds import KNOWN_BY_KEY, thresholds
from tests.approvals.pages import text_of
from tests.cast import Cast
from valueboard.lib.errors import RefusedError

PAGE = "/thresholds/presets/finops-maturity-2026/"


def typed(client: Client, **more: str) -> dict[str, str]:
    seen = client.get(PAGE).context["seen"]
    return {"seen": seen, "effective_from": f"{today()}", "reason": "The board asks."} | more


def test_old_and_new_are_shown_before_anything_is_recorded(client: Client, cast: Cast) -> None:
    client.force_login(cast.adam)
    page = text_of(client.get(PAGE))
    for said in ("sample goals from the community", "3 of 4 thresholds would change", "85%", "80%"):
        assert said.lower() in page.lower(), said
    assert ThresholdVersion.objects.filter(version__gt=1).count() == 0


def test_a_preset_is_recorded_as_versions_with_its_source(client: Client, cast: Cast) -> None:
    client.force_login(cast.adam)
    assert client.post(PAGE, typed(client)).status_code == 302
    made = ThresholdVersion.objects.filter(version=2)
    assert {(row.key, row.value) for row in made} == {
        ("maturity.attribution.walk", Decimal(85)),
        ("maturity.accuracy.walk_percent", Decimal(10)),
        ("maturity.accuracy.run_percent", Decimal(5)),
    }
    for row in made:
        assert "FinOps Foundation" in row.reason
        assert row.reason.endswith("The board asks.")
        assert row.recorded_by == cast.adam
    assert "All of these are so already" in text_of(client.get(PAGE))
    assert client.post(PAGE, typed(client)).status_code == 422


def test_it_counts_from_its_day_and_past_days_keep_theirs(client: Client, cast: Cast) -> None:
    client.force_login(cast.adam)
    later = today() + timedelta(days=3)
    assert client.post(PAGE, typed(client, effective_from=f"{later}")).status_code == 302
    key = "maturity.attribution.walk"
    assert thresholds(key, today(), now())[key] == 80
    assert thresholds(key, later, now())[key] == 85
    yesterday = today() - timedelta(days=1)
    assert client.post(PAGE, typed(client, effective_from=f"{yesterday}")).status_code == 422


def test_who_reads_and_who_applies(client: Client, cast: Cast) -> None:
    for name, reads, applies in (("felix", 200, 403), ("olivia", 403, 403)):
        client.force_login(getattr(cast, name))
        answer = client.get(PAGE)
        assert answer.status_code == reads
        assert "Record these versions" not in answer.content.decode()
        data = {"seen": "x", "effective_from": f"{today()}", "reason": "So."}
        assert client.post(PAGE, data).status_code in {applies, 409}
    assert ThresholdVersion.objects.filter(version__gt=1).count() == 0
    client.force_login(cast.adam)
    assert client.get("/thresholds/presets/nonsense/").status_code == 404


def test_a_value_that_is_to_count_later_is_overtaken_too(cast: Cast) -> None:
    """What somebody recorded for next month would else undo the preset then."""
    preset = PRESETS_BY_KEY["finops-maturity-2026"]
    other = replace(preset, values={"maturity.attribution.walk": Decimal(60)})
    apply_preset(
        actor=cast.adam,
        preset=other,
        seen=seen_of_preset(versions_of_preset(other)),
        effective_from=today() + timedelta(days=30),
        reason="Later.",
    )
    own = PRESETS_BY_KEY["method"]
    made = apply_preset(
        actor=cast.adam,
        preset=own,
        seen=seen_of_preset(versions_of_preset(own)),
        effective_from=today(),
        reason="As it was.",
    )
    assert [(row.key, row.value) for row in made] == [("maturity.attribution.walk", Decimal(80))]
    with pytest.raises(RefusedError):
        apply_preset(
            actor=cast.adam,
            preset=own,
            seen=seen_of_preset(versions_of_preset(own)),
            effective_from=today(),
            reason="Again.",
        )


def test_every_preset_names_known_thresholds_and_a_source() -> None:
    for preset in PRESETS:
        assert preset.source
        assert set(preset.values) <= set(KNOWN_BY_KEY)
        assert all(0 < value <= KNOWN_BY_KEY[key].most for key, value in preset.values.items())
    maturity = {key for key in KNOWN_BY_KEY if key.startswith("maturity.")}
    assert set(PRESETS_BY_KEY["method"].values) == maturity, "the method has all of them"


def test_the_first_versions_are_the_methods_own(cast: Cast) -> None:
    assert not any(row.changes for row in versions_of_preset(PRESETS_BY_KEY["method"]))
