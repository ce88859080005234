"""Reads a page as strictly as the tests want it: every element closed, in order, and no id twice."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Self

VOID = frozenset({"meta", "link", "input", "br", "img", "hr"})
# An SVG element may close itself; HTML ones may not.
SELF_CLOSING = frozenset({"rect", "path", "circle"})


@dataclass(slots=True)
class Element:
    tag: str
    attributes: dict[str, str | None]
    parts: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return " ".join("".join(self.parts).split())

    def get(self, name: str) -> str:
        return self.attributes.get(name) or ""


class Document(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[Element] = []
        self.open: list[Element] = []

    @classmethod
    def of(cls, html: str) -> Self:
        document = cls()
        document.feed(html)
        document.close()
        assert document.open == [], "not closed"
        ids = [element.get("id") for element in document.elements if element.get("id")]
        assert len(ids) == len(set(ids)), "an id stands twice"
        return document

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _ in attrs}) == len(attrs), f"attribute twice in {tag}"
        element = Element(tag, dict(attrs))
        self.elements.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in SELF_CLOSING, tag
        self.elements.append(Element(tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open[-1].tag == tag, f"</{tag}> closes <{self.open[-1].tag}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        for element in self.open:
            element.parts.append(data)

    def all(self, tag: str) -> list[Element]:
        return [element for element in self.elements if element.tag == tag]

    def by_id(self, name: str) -> Element:
        (found,) = [element for element in self.elements if element.get("id") == name]
        return found

    def has(self, name: str) -> bool:
        return any(element.get("id") == name for element in self.elements)
