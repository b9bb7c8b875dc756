"""Looking into an XML document by local names, whatever the namespaces of its parts."""

from collections.abc import Iterator
from typing import Final
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from services.kernel.errors import InvalidRequest

_MOST_BYTES: Final = 16 * 1024**2


def parse(content: bytes) -> Element:
    """Parse a document; declarations of entities, and references to anything outside, are refused.

    Raises InvalidRequest.
    """
    if len(content) > _MOST_BYTES:
        raise InvalidRequest(f"The document has more than {_MOST_BYTES} bytes")
    try:
        root: Element = fromstring(content)
    except DefusedXmlException as error:
        raise InvalidRequest(f"The document declares what is not allowed: {error}") from error
    except (ParseError, ValueError, LookupError) as error:
        raise InvalidRequest(f"The document is not XML: {error}") from error
    return root


def local(element: Element) -> str:
    """Return an element's name without its namespace."""
    return str(element.tag).rpartition("}")[2]


def children(element: Element | None, *path: str) -> Iterator[Element]:
    """Return the elements at the end of a path of names, below an element."""
    if element is None:
        return
    if not path:
        yield element
        return
    for each in element:
        if local(each) == path[0]:
            yield from children(each, *path[1:])


def child(element: Element | None, *path: str) -> Element | None:
    """Return the first element at the end of a path."""
    return next(children(element, *path), None)


def text(element: Element | None, *path: str) -> str:
    """Return the text of the first element at the end of a path; nothing where there is none."""
    found = child(element, *path)
    return (found.text or "").strip() if found is not None else ""
