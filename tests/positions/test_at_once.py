"""Two tabs at one saved view: neither writes over what the other saved."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from positions.actions import ViewTerms, change_view, save_view
from positions.models import SavedView
from tests.at_once import waits
from tests.cast import Cast

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_view_that_opens_no_more_by_itself_keeps_the_name_it_gets_meanwhile(cast: Cast) -> None:
    old = save_view(actor=cast.felix, query="", terms=ViewTerms("Old", is_default=True))

    def save_another() -> None:
        try:
            save_view(actor=cast.felix, query="", terms=ViewTerms("Other", is_default=True))
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as other_tab:
        with transaction.atomic():
            terms = ViewTerms("New", is_default=True)
            change_view(actor=cast.felix, view=old, seen=old.seen, terms=terms)
            saves = other_tab.submit(save_another)
            assert waits(saves)
        saves.result(60)
    assert dict(SavedView.objects.values_list("name", "is_default")) == {
        "New": False,
        "Other": True,
    }
