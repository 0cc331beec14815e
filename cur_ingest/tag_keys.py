"""Names of cost allocation tags, one spelling for every format.

AWS writes a tag `Cost Center` as column `resource_tags_user_cost_center` (legacy CUR), as map key
`user_cost_center` (CUR 2.0, `resource_tags`) and as `resourceTags/Cost Center` (CUR 2.0, `tags`).
Here it is `cost_center` throughout. Tags that AWS itself sets keep their prefix
(`aws_created_by`), and tags of the calling principal are kept apart from those of resources
(`iam_principal_team`), because the same key may stand on both with different meaning.
"""

import re

USER = "user_"
RESOURCE = "resourceTags/"


def normalise(key: str) -> str:
    """Return the one spelling of a tag key, however a format or a person writes it.

    Not to be applied twice: a tag that is itself called `user_name` is `user_user_name` in AWS's
    spelling and `user_name` in ours.
    """
    return spell(key).removeprefix(USER)


def spell(key: str) -> str:
    """Return a key as AWS's own rule for column names writes it, its prefix kept.

    An underscore before every capital, lower case, everything else but letters and digits an
    underscore, none doubled or at the ends.
    """
    key = key.removeprefix(RESOURCE)
    split = re.sub(r"([A-Z])", r"_\1", key).lower()
    return re.sub(r"[^a-z0-9]+", "_", split).strip("_")
