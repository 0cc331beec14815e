"""One rule for all pages with figures: each leads to a panel that computes to what it says."""

import re
from dataclasses import replace
from decimal import Decimal
from html import unescape

from django.test import Client

from business_cases.actions import add_workload, save_draft
from business_cases.models import BusinessRequest
from tests.approvals.test_deciding import approve
from tests.business_cases.typed import GOOD
from tests.cast import REVENUE, SAVING, proposal, submitted
from tests.figures.checking import panel_at, wrong_on
from tests.figures.living import World, world
from tests.figures.pages import read

__all__ = ["world"]  # a fixture


def review_pages(world: World) -> list[str]:
    slug = world.workload.slug
    return [
        f"/reviews/{world.closed.pk}/",
        f"/reviews/{world.closed.pk}/workloads/{slug}/",
        f"/reviews/{world.review.pk}/",
        f"/reviews/{world.review.pk}/workloads/{slug}/",
        f"/reviews/{world.review.pk}/close/",
    ]


def test_reviews(client: Client, world: World) -> None:
    client.force_login(world.cast.felix)
    assert wrong_on(client, *review_pages(world), least=3) == []


MATURITY = (
    "/maturity/",
    "/maturity/?space=search",
    "/maturity/?as_of=2026-09-15",
    "/maturity/what-if/",
    "/maturity/what-if/?way=attribution&way=accuracy&fix=unbacked:{unbacked}",
    "/maturity/what-if/?space=commerce&way=estimate",
    "/maturity/attribution/",
    "/maturity/attribution/?counts=no",
    "/maturity/estimate/?measure=estimate.backed_spend",
    "/maturity/estimate/?as_of=2026-09-15",
    "/maturity/accuracy/",
)


def test_maturity(client: Client, world: World) -> None:
    client.force_login(world.cast.felix)
    pages = [page.format(unbacked=world.unbacked.pk) for page in MATURITY]
    # By name: the thresholds that words name, which lead to their versions.
    assert wrong_on(client, *pages, exempt=("bound",)) == []


GAPS = (
    "/gaps/",
    "/gaps/?group=age",
    "/gaps/?as_of=2026-09-20",
    *(f"/gaps/{{gaps[{place}].pk}}/" for place in range(5)),
    "/gaps/{gaps[0].pk}/assign/",
    "/gaps/request/?gap={gaps[0].pk}",
)


def test_a_row_of_charges_leads_down_to_its_frozen_total(client: Client, world: World) -> None:
    client.force_login(world.cast.felix)
    page = client.get("/maturity/attribution/").content.decode()
    links = {unescape(link) for link in re.findall(r'href="([^"]*what=maturity_row[^"]*)"', page)}
    assert len(links) >= 3
    panels = [client.get(link).content.decode() for link in links]
    key = "cur_ingest_monthtotal-"
    assert any(f"/workloads/contract-review/records/?record={key}" in each for each in panels)
    for person, status in ((world.cast.erin, 200), (world.cast.olivia, 404)):
        client.force_login(person)
        assert {client.get(link).status_code for link in links} == {status}


def test_gaps(client: Client, world: World) -> None:
    client.force_login(world.cast.felix)
    pages = [page.format(gaps=world.gaps) for page in GAPS]
    assert wrong_on(client, *pages) == []
    client.force_login(world.cast.olivia)
    assert wrong_on(client, "/owed/", least=3) == []


# One page of each kind, and what of its amounts is exempt by name (exempt.py has the reasons).
KINDS: dict[str, tuple[str, ...]] = {
    "/": ("bound", "treemap"),
    "/?compare=2026-06-20": ("bound", "treemap"),
    "/board/print/": ("bound", "treemap", "pack-method"),
    "/workloads/contract-review/": (),
    "/workloads/contract-review/?part=timeline": (),
    "/workloads/contract-review/?part=days": (),
    "/workloads/contract-review/?part=claims": (),
    "/gaps/": (),
    "/gaps/{gap}/": (),
    "/owed/": (),
    "/maturity/": ("bound",),
    "/maturity/attribution/": ("bound",),
    "/maturity/what-if/?way=attribution": ("bound",),
    "/reviews/": (),
    "/reviews/{review}/": (),
    "/reviews/{review}/workloads/contract-review/": (),
    "/reviews/{review}/close/": (),
    "/spaces/": (),
    "/spaces/commerce/": (),
    "/approvals/": (),
    "/approvals/requests/{request}/": (),
    "/requests/": (),
    "/requests/{request}/": (),
    "/names/": (),
    "/requests/{draft}/": ("preview",),
    "/workloads/contract-review/case/": ("preview", "bound"),
    "/workloads/contract-review/estimate/": ("preview", "bound"),
}
OWNERS = {"/requests/{draft}/", "/workloads/contract-review/case/",
          "/workloads/contract-review/estimate/"}  # fmt: skip
PLANTED = ("$1", "it is 12 %", "7.22×", "−$3.10", "<data class='figure'>$3.10</data>",
           "<a class='figure' href='/elsewhere/'>$3.10</a>")  # fmt: skip
FIGURE = re.compile(r'<a class="figure" [^>]*>([^<]*\d[^<]*)</a>')


def drafted(world: World) -> BusinessRequest:
    """Have Olivia begin to write a request."""
    return save_draft(
        actor=world.cast.olivia, request=None, seen=0, typed=GOOD, space=world.cast.commerce
    )


def test_a_bare_amount_is_caught_on_every_kind_of_page(client: Client, world: World) -> None:
    """One that is written beside the figures, and one of the figures without its link."""
    given = {
        "gap": world.gaps[0].pk,
        "review": world.review.pk,
        "request": world.request.pk,
        "draft": drafted(world).pk,
    }
    for kind, exempt in KINDS.items():
        looks = "olivia" if kind in OWNERS else "priya" if "approvals" in kind else "felix"
        client.force_login(getattr(world.cast, looks))
        html = client.get(kind.format(**given)).content.decode()
        assert read(html, *exempt).bare == [], kind
        for planted in PLANTED:
            changed = html.replace("</main>", f"<p>{planted}</p></main>")
            assert len(read(changed, *exempt).bare) == 1, (kind, planted)
        # The last one: those of a preview, which are exempt, come first.
        if every := list(FIGURE.finditer(html)):
            found = every[-1]
            plain = f"{html[: found.start()]}<data>{found[1]}</data>{html[found.end() :]}"
            assert read(plain, *exempt).bare == [found[1]], kind
        else:
            assert kind in {"/reviews/", "/owed/", "/requests/{draft}/"}, kind


def test_the_pack(client: Client, world: World) -> None:
    """What is printed leads there too: on screen by its link, on paper by the page of the board."""
    client.force_login(world.cast.felix)
    exempt = ("bound", "treemap", "pack-method")
    page = client.get("/board/print/").content.decode()
    links = re.findall(r'href="(/figures/[^"]*)"', page)
    assert not [link for link in links if "known_at=" not in link and "as_of=" not in link]
    assert wrong_on(client, "/board/print/", exempt=exempt, least=50) == []


def test_other_cases(client: Client, world: World) -> None:
    client.force_login(world.cast.felix)
    assert wrong_on(client, f"/workloads/{world.workload.slug}/?part=claims", least=10) == []


def test_spaces(client: Client, world: World) -> None:
    for person in (world.cast.felix, world.cast.olivia):
        client.force_login(person)
        assert wrong_on(client, "/spaces/", "/spaces/commerce/", "/spaces/search/") == []


def test_decisions(client: Client, world: World) -> None:
    client.force_login(world.cast.priya)
    more = BusinessRequest.objects.open().get(workload=world.workload)
    pages = [
        "/approvals/",
        f"/approvals/requests/{world.request.pk}/",
        f"/approvals/requests/{more.pk}/",
        f"/approvals/workloads/{world.unbacked.slug}/",
    ]
    assert wrong_on(client, *pages) == []


def test_requests(client: Client, world: World) -> None:
    """Of a closed one what it asked for, at the moment when it was closed."""
    cast, workload = world.cast, world.workload
    more = BusinessRequest.objects.open().get(workload=workload)
    rejected = submitted(cast, proposal(cast, name="Rejected", case=REVENUE))
    approve(cast.priya, rejected, outcome="rejected", acknowledgement="")
    approved = BusinessRequest.objects.get(state="approved")
    pages = [
        f"/requests/{each.pk}/"
        for each in (world.request, more, rejected, approved, drafted(world))
    ]
    client.force_login(cast.olivia)
    assert wrong_on(client, "/requests/", *pages[:-1], least=8) == []
    assert wrong_on(client, *pages[-1:], exempt=("preview",), least=0) == []
    page = client.get("/requests/?state=approved").content.decode()
    prospect = next(f for f in read(page).figures if "what=prospect" in f.href)
    # Both were revised since: 8.81 is what was approved.
    assert (prospect.text, "known_at=" in prospect.href) == ("8.81×", True)


def test_names(client: Client, world: World) -> None:
    client.force_login(world.cast.felix)
    assert wrong_on(client, "/names/", least=8) == []


def test_what_forms_say_of_today(client: Client, world: World) -> None:
    """Beside the preview of what is typed stands what is recorded."""
    client.force_login(world.cast.olivia)
    page = f"/workloads/{world.workload.slug}"
    both = [f"{page}/estimate/", f"{page}/case/"]
    assert wrong_on(client, *both, exempt=("preview", "bound"), least=3) == []
    assert wrong_on(client, f"{page}/case/retract/", least=3) == []
    assert wrong_on(client, f"/workloads/{world.unbacked.slug}/send/", least=2) == []


def test_what_a_case_claims_tells_who_does_not_read_it_nothing_else(
    client: Client, world: World
) -> None:
    """Oscar claims the same as Olivia does; of her case he sees name, owner and amount."""
    case = replace(SAVING, percent=Decimal(40), current_amount=Decimal(1_000_000))
    theirs = proposal(world.cast, name="Replies", case=case, space=world.cast.support,
                      owner=world.cast.oscar)  # fmt: skip
    made = add_workload(actor=world.cast.oscar, proposal=theirs)
    client.force_login(world.cast.oscar)
    page = f"/workloads/{made.slug}/?part=claims"
    assert wrong_on(client, page, least=8) == []
    hidden = f"claims:{made.slug}:{world.workload.pk}"
    panel = client.get(f"/figures/?what=opportunity&of={hidden}").content.decode()
    assert "$575,000" in panel
    for secret in ("12.5%", "4,600,000", "6310", "/workloads/contract-review/", "Commerce"):
        assert secret not in panel, secret
    assert client.get(f"/figures/?what=current&of={hidden}").status_code == 404
    client.force_login(world.cast.mona)
    for of in (hidden, f"claims:{world.workload.slug}"):
        for what in ("opportunity", "claimed_share", "total_cost_saving"):
            assert client.get(f"/figures/?what={what}&of={of}").status_code == 404


def test_a_closed_review_explains_what_it_froze_and_nothing_of_today(
    client: Client, world: World
) -> None:
    client.force_login(world.cast.felix)
    of = f"review:{world.closed.pk}:{world.workload.slug}:current"
    panel = panel_at(client, f"/figures/?what=opportunity&of={of}")
    assert (panel.text, panel.single["p"]) == ("$1,150,000", "25.0000")
    assert panel.single["kept"] == panel.result
    page = client.get(f"/figures/?what=opportunity&of={of}").content.decode()
    assert "reviews_reviewed-" in page, "the frozen record"
    assert "12.5%" not in page
    # The one of today is another.
    today = panel_at(client, f"/figures/?what=opportunity&of=w:{world.workload.slug}")
    assert today.text == "$575,000"


def test_panels_of_a_review_are_for_who_reads_it(client: Client, world: World) -> None:
    """Mona reads Commerce and all below it; the review lists a workload of Support too."""
    kept = f"review:{world.closed.pk}:{world.workload.slug}:current"
    change = f"review:projected:{kept}~w:{world.workload.slug}:e2:c2"
    stands = [f"what={what}&of={kept}" for what in ("opportunity", "projected", "prospect")]
    stands.append(f"what=change&of={change}")
    totals = [
        f"what={what}&of=review:{world.closed.pk}"
        for what in ("total_projected", "total_run_rate", "total_cost_saving")
    ]
    for name, stand, total in (("mona", 200, 404), ("oscar", 404, 404), ("sam", 404, 404)):
        client.force_login(getattr(world.cast, name))
        for asked, status in (*((a, stand) for a in stands), *((a, total) for a in totals)):
            assert client.get(f"/figures/?{asked}").status_code == status, (name, asked)


def test_what_a_review_did_not_keep_is_not_found(client: Client, world: World) -> None:
    client.force_login(world.cast.felix)
    kept, slug = f"review:{world.closed.pk}", world.workload.slug
    for asked in (
        f"what=opportunity&of=review:x:{slug}:current",
        f"what=opportunity&of=review:99:{slug}:current",
        f"what=term&of={kept}:{slug}:current",
        f"what=opportunity&of={kept}:{slug}:nonsense",
        f"what=opportunity&of={kept}:nothing:current",
        f"what=opportunity&of=review:{world.review.pk}:{slug}:current",
        f"what=total_fiscal&of={kept}",
        f"what=change&of=review:projected:{kept}:{slug}:current",
        "what=change&of=review:projected:gap:1~gap:2",
        f"what=change&of={kept}:{slug}:current",
    ):
        assert client.get(f"/figures/?{asked}").status_code == 404, asked
