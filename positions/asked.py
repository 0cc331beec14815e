"""What addresses of the board ask for, in the words of whoever reads them."""

from collections.abc import Iterable

from accounts.models import User
from positions.query import Asked, Names, Query
from positions.reader import Reader, Tree


def names_of_spaces(tree: Tree) -> dict[str, str]:
    """Return the paths of the Spaces that the person reads, by address."""
    return {tree.slug(pk): tree.path(pk) for pk in tree.spaces if tree.is_read(pk)}


def names_for(reader: Reader, queries: Iterable[Query]) -> Names:
    """Return the names of what queries ask for, in at most one query of the database.

    Owners are named by whoever reads everybody's workloads.
    """
    owners = {query.owner for query in queries if query.owner is not None}
    found = User.objects.filter(pk__in=owners) if owners and reader.space_ids is None else ()
    return Names(names_of_spaces(reader.tree), {each.pk: each.name for each in found})


def asked_by(reader: Reader, query: Query) -> list[Asked]:
    """Return what one query asks for."""
    return query.asked(names_for(reader, [query]))
