"""A page reads the tree of Spaces and who is where in it once; a form that is sent each time."""

import pytest
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext

from spaces.middleware import ReaderMiddleware
from spaces.models import Membership, Reader, Space
from tests.cast import Cast, added, proposal


@pytest.mark.parametrize("page", ["/", "/?space=search", "/spaces/", "/spaces/commerce/"])
def test_a_page_reads_the_tree_and_the_memberships_of_its_reader_once(
    client: Client, cast: Cast, page: str
) -> None:
    added(cast, proposal(cast))
    client.force_login(cast.olivia)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(page).status_code == 200
    read = [one["sql"] for one in asked if f'"user_id" = {cast.olivia.pk}' in one["sql"]]
    assert sum("spaces_membership" in sql for sql in read) == 1
    assert sum(sql.startswith('SELECT "spaces_space"."id"') for sql in read) == 1


def test_what_is_taken_from_a_person_is_gone_at_the_next_request(
    client: Client, cast: Cast
) -> None:
    workload = added(cast, proposal(cast))
    client.force_login(cast.mona)
    assert client.get("/spaces/commerce/").status_code == 200
    assert client.get(workload.get_absolute_url()).status_code == 200
    Membership.objects.get(user=cast.mona).delete()
    assert client.get("/spaces/commerce/").status_code == 404
    assert client.get(workload.get_absolute_url()).status_code == 404
    Membership.objects.create(space=cast.search, user=cast.mona, role="member")
    assert client.get("/spaces/search/").status_code == 200
    Space.objects.filter(pk=cast.commerce.pk).update(parent=cast.search)
    assert client.get("/spaces/commerce/").status_code == 200


def reads_before_and_after_leaving(cast: Cast, method: str) -> list[set[int]]:
    """Return what Mona reads at the begin of a request, after she left within it, and later."""
    found = []

    def view(_request: HttpRequest) -> HttpResponse:
        found.append(Reader.of(cast.mona).reads)
        Membership.objects.filter(user=cast.mona).delete()
        found.append(Reader.of(cast.mona).reads)
        return HttpResponse()

    ReaderMiddleware(view)(RequestFactory().generic(method, "/"))
    return [*found, Reader.of(cast.mona).reads]


def test_who_waited_for_a_lock_is_held_against_what_is_so_now(cast: Cast) -> None:
    all_of_it = {cast.commerce.pk, cast.search.pk}
    assert reads_before_and_after_leaving(cast, "POST") == [all_of_it, set(), set()]


def test_nothing_is_kept_after_the_page(cast: Cast) -> None:
    all_of_it = {cast.commerce.pk, cast.search.pk}
    assert reads_before_and_after_leaving(cast, "GET") == [all_of_it, all_of_it, set()]


def test_a_page_that_fails_keeps_nothing_either(cast: Cast) -> None:
    def view(_request: HttpRequest) -> HttpResponse:
        assert Reader.of(cast.mona).reads
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        ReaderMiddleware(view)(RequestFactory().get("/"))
    Membership.objects.filter(user=cast.mona).delete()
    assert not Reader.of(cast.mona).reads


def test_two_people_on_one_page_are_told_apart(cast: Cast) -> None:
    def view(_request: HttpRequest) -> HttpResponse:
        assert Reader.of(cast.olivia).owns == {cast.commerce.pk, cast.search.pk}
        assert Reader.of(cast.oscar).owns == {cast.support.pk}
        assert not Reader.of(cast.mona).owns
        assert not Reader.of(cast.sam).reads
        return HttpResponse()

    ReaderMiddleware(view)(RequestFactory().get("/"))
