"""A page as a tree, for tests that read it as a browser or a screen reader would."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "br", "hr", "link", "img", "input"}


@dataclass
class Node:
    """An element, what is in it and where it is."""

    tag: str
    attributes: dict[str, str]
    children: list["Node | str"] = field(default_factory=list)

    def all(self, tag: str | None = None) -> Iterator["Node"]:
        """Every element inside, in reading order."""
        for child in self.children:
            if isinstance(child, Node):
                if tag in {None, child.tag}:
                    yield child
                yield from child.all(tag)

    @property
    def text(self) -> str:
        """What is read, without style sheets and what a picture is called."""
        if self.tag in {"style", "title", "desc"}:
            return ""
        return "".join(child if isinstance(child, str) else child.text for child in self.children)


class Tree(HTMLParser):
    """Builds the tree; ValueError if an element is closed that isn't open."""

    def __init__(self) -> None:
        super().__init__()
        self.root = Node("", {})
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Opens an element."""
        node = Node(tag, {name: value or "" for name, value in attrs})
        if len(node.attributes) != len(attrs):
            raise ValueError(f"an attribute stands twice in {tag}")
        self.open[-1].children.append(node)
        if tag not in VOID:
            self.open.append(node)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element of SVG that holds nothing."""
        self.open[-1].children.append(Node(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        """Closes the element that is open."""
        if self.open[-1].tag != tag:
            raise ValueError(f"{tag} is closed where {self.open[-1].tag} is open")
        self.open.pop()

    def handle_data(self, data: str) -> None:
        """Keeps text."""
        self.open[-1].children.append(data)


def tree(page: str) -> Node:
    """The page's tree; ValueError if it isn't well formed."""
    reader = Tree()
    reader.feed(page)
    reader.close()
    if len(reader.open) != 1:
        raise ValueError(f"{reader.open[-1].tag} is never closed")
    return reader.root
