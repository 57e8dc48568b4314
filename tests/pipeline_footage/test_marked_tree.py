import pytest

from pipeline.errors import ConfigError
from pipeline.footage.marked_tree import marked_tree, tree_if_readable
from pipeline.values import MarkedTree


@pytest.mark.parametrize(
    "tags", [("markingTree:true",), ("feeder:no", "markingTree"), ("marking tree: yes",), ("Marking_tree",)]
)
def test_a_tag_names_a_tree_that_stands_somewhere_in_view(tags: tuple[str, ...]) -> None:
    assert marked_tree(tags) == MarkedTree(None)


@pytest.mark.parametrize("tag", ["markingTree:0.42-0.51", " markingTree : 0.42 - 0.51 "])
def test_a_tag_may_say_where_its_trunk_is(tag: str) -> None:
    assert marked_tree((tag,)) == MarkedTree((0.42, 0.51))


@pytest.mark.parametrize("tags", [(), ("waterHole:true",), ("markingTree:false",), ("markingTree:no",)])
def test_other_tags_name_none(tags: tuple[str, ...]) -> None:
    assert marked_tree(tags) is None


@pytest.mark.parametrize("said", ["birch", "0.5", "0.6-0.4", "0.4-1.2", "-0.1-0.2", "42-51", "nan-0.5"])
def test_what_cannot_be_read_is_said_with_what_to_write(said: str) -> None:
    with pytest.raises(ConfigError, match=r"markingTree:.* is not understood; write .*markingTree:0\.42-0\.51"):
        marked_tree((f"markingTree:{said}",))
    assert tree_if_readable((f"markingTree:{said}",)) is None
