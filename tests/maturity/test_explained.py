"""Every percentage and sum of the maturity page leads to a panel that computes to the same."""

from django.test import Client

from maturity.explain import explain_maturity
from records.clock import now
from tests.cast import Cast
from tests.figures.checking import wrong_on
from tests.maturity.test_pages import lived
from valueboard.lib.explained import What
from valueboard.lib.figure import Made

__all__ = ["lived"]  # a fixture


def test_every_figure_of_the_page_is_explained_and_computed_again(
    client: Client, lived: Cast
) -> None:
    client.force_login(lived.felix)
    assert wrong_on(client, "/maturity/", exempt=("bound",), least=30) == []


def test_a_space_and_a_stranger(client: Client, lived: Cast) -> None:
    made = Made(What.MATURITY, "maturity:estimate:search")
    found = explain_maturity(lived.felix, made, now())
    assert [given.value for given in found.givens] == [0, 1, 0, 1]
    client.force_login(lived.olivia)
    assert client.get(f"/figures/?{made.query}").status_code == 404
    client.force_login(lived.felix)
    for of in ("maturity:nonsense:*", "maturity:estimate:nowhere", "maturity:response:*"):
        assert client.get(f"/figures/?what=maturity&of={of}").status_code == 404, of
