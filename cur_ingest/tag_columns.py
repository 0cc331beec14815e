"""Where a file keeps its tags: in a map, in JSON text, or in a column per key.

| Column | Keys | Format |
|---|---|---|
| `resource_tags`, map or JSON | AWS's spelling: `user_cost_center`, `aws_created_by` | CUR 2.0 |
| `resource_tags_user_cost_center`, one per key | the same, after `resource_tags_` | legacy CUR |
| `tags`, map or JSON | `resourceTags/Cost Center`, `iamPrincipal/team`, and others' | CUR 2.0 |
| `Tags`, map or JSON | as people wrote them | FOCUS |

The first of them that a file has is where tags of resources are looked for; tags of the calling
principal are only in `tags`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from cur_ingest.engines.protocol import named, quoted
from cur_ingest.formats import fold
from cur_ingest.sources.errors import SourceError
from cur_ingest.tag_keys import RESOURCE, USER, normalise, spell

PRINCIPAL = "iam_principal_"
CALLER = "iamPrincipal/"
FLAT = "resource_tags_"
MAP, STRUCT = "MAP(", "STRUCT("
TEXT = ("VARCHAR", "JSON")


@dataclass(frozen=True, slots=True)
class TagColumns:
    """The tags of files of one schema: its columns by folded name, as written and with types.

    `raw` says that `tags` has keys without AWS's prefixes, as FOCUS has.
    """

    columns: Mapping[str, Sequence[tuple[str, str]]]
    raw: bool = False

    def values(
        self, keys: Sequence[str], keys_in: Callable[[str], Sequence[str]]
    ) -> Iterator[tuple[str, str]]:
        """Yield each normalised key with the SQL of its value, '' where a row has none.

        `keys_in` returns the distinct keys of a map, whose SQL it is given.
        """
        resource = None if self.raw else self._column("resource_tags")
        flat = {} if self.raw else self._flat()
        tags = self._column("tags")
        has_own = resource is not None or bool(flat)
        asked = [key for key in keys if key.startswith(PRINCIPAL) or not has_own]
        spelled = self._spelled(keys_in(_keys(*tags))) if tags is not None and asked else {}
        for key in keys:
            found: list[str] = []
            if tags is not None and key in asked:
                found += [self.value(*tags, raw) for raw in spelled.get(key, ())]
            elif resource is not None:
                found.append(self.value(*resource, _stored(key)))
            if key not in asked:
                found += [f"{name}::VARCHAR" for name in flat.get(key, ())]
            if len(found) > 1:
                found = [f"NULLIF({value}, '')" for value in found]
            yield key, f"COALESCE({', '.join(found)}, '')" if found else "''"

    @staticmethod
    def value(column: str, kind: str, key: str) -> str:
        """Return the SQL of a key's value in a map, JSON text or struct; NULL where it has none."""
        if kind.startswith(MAP):
            return f"{column}[{quoted(key)}]"
        text = column if kind in TEXT else f"to_json({column})::VARCHAR"
        path = quoted(f'$."{key}"')
        # Text that is no JSON, '' among it, holds no tags.
        return f"CASE WHEN json_valid({text}) THEN json_extract_string({text}, {path}) END"

    def _column(self, name: str) -> tuple[str, str] | None:
        found = self.columns.get(fold(name), ())
        if not found:
            return None
        written, kind = found[0]
        known = kind in TEXT or kind.startswith((MAP, STRUCT))
        if not known or kind.endswith("[]"):
            # What holds nothing at all has no type of its own.
            if kind in {"INTEGER", '"NULL"', "NULL"}:
                return None
            message = (
                f"The column {written} is of type {kind}, in which no tags can be looked up. Have "
                "it delivered as a map or as JSON."
            )
            raise SourceError(message)
        return named(written), kind

    def _flat(self) -> Mapping[str, Sequence[str]]:
        """Return the columns that hold one key each, by normalised key."""
        found: dict[str, list[str]] = {}
        for written, _ in (column for columns in self.columns.values() for column in columns):
            # Capitals part words, unless all are capitals.
            key = spell(written.lower() if written.isupper() else written)
            if key.startswith(FLAT) or written.startswith(RESOURCE):
                normal = key.removeprefix(FLAT).removeprefix(USER)
                found.setdefault(normal, []).append(named(written))
        return found

    def _spelled(self, raw_keys: Sequence[str]) -> Mapping[str, Sequence[str]]:
        """Return keys of `tags` as they are written there, by normalised key."""
        found: dict[str, list[str]] = {}
        for raw in raw_keys:
            # Those of accounts and users tell nothing about a resource.
            if self.raw or raw.startswith((RESOURCE, CALLER)):
                found.setdefault(normalise(raw), []).append(raw)
        return found


def _keys(column: str, kind: str) -> str:
    if kind.startswith(MAP):
        return f"map_keys({column})"
    text = column if kind in TEXT else f"to_json({column})::VARCHAR"
    return f"CASE WHEN json_valid({text}) THEN json_keys({text}) END"


def _stored(key: str) -> str:
    return key if key.startswith("aws_") else f"{USER}{key}"
