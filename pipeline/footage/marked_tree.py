"""What a deployment's tags say of a tree in view on which animals leave scent, and of where in the picture it stands.

Camtrap DP has no feature type for a marking tree, so it is a tag: `markingTree:true`, or `markingTree:0.42-0.51` where
the trunk's left and right edges are known, as shares of the picture's width from the left.
"""

import re
from collections.abc import Sequence

from pipeline.errors import ConfigError
from pipeline.values import MarkedTree

TAG = "markingTree"
_YES, _NO = ("", "true", "yes", "1"), ("false", "no", "0")


def marked_tree(tags: Sequence[str]) -> MarkedTree | None:
    """The marked tree that the camera sees; None if the tags name none.

    Args:
        tags: of the deployment.

    Raises:
        ConfigError: a tag says something of the tree that cannot be read; the message says what to write.
    """
    for tag in tags:
        name, _, said = (part.strip() for part in tag.partition(":"))
        if re.sub(r"[\s_-]", "", name).lower() == TAG.lower() and said.lower() not in _NO:
            return MarkedTree() if said.lower() in _YES else MarkedTree(_edges(said))
    return None


def tree_if_readable(tags: Sequence[str]) -> MarkedTree | None:
    """As `marked_tree`, with None for what cannot be read: whoever reads the deployments table has been told."""
    try:
        return marked_tree(tags)
    except ConfigError:
        return None


def tree_in_words(tags: Sequence[str]) -> str:
    """What the tags say of a tree, the same words for the same meaning: "" for none, `true`, or `0.42-0.51`.

    Args:
        tags: of the deployment.
    """
    tree = tree_if_readable(tags)
    if tree is None:
        return ""
    return _YES[1] if tree.trunk is None else f"{tree.trunk[0]:g}-{tree.trunk[1]:g}"


def _edges(said: str) -> tuple[float, float]:
    try:
        left, right = (float(edge) for edge in said.split("-"))
    except ValueError:
        left = right = float("nan")
    if not 0 <= left < right <= 1:
        raise ConfigError(
            f"{TAG}:{said} is not understood; write {TAG}:true, or where its trunk begins and ends as shares of the"
            f" picture's width from the left, such as {TAG}:0.42-0.51"
        )
    return left, right
