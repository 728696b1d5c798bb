"""Row headers for the tables of a tagged PDF, which Typst's Python wheel has no way to mark.

Typst tags the cells of a table's head as TH with a scope and an id, and gives every other cell the ids that head it
(ISO 32000-1, 14.8.5.7). Here the first cell of each of those rows becomes the TH of its row, and its id is added to
the row's other cells.
"""

from __future__ import annotations

import io
from collections.abc import Iterator

from pikepdf import Array, Dictionary, Name, NameTree, Object, ObjectStreamMode, Pdf, String


def with_row_heads(pdf: bytes) -> bytes:
    """Returns the document with a header in each row of each table; the same bytes for the same document.

    Raises pikepdf.PdfError for what isn't a PDF, and KeyError or AttributeError for one without tags.
    """
    with Pdf.open(io.BytesIO(pdf)) as document:
        root = document.Root.StructTreeRoot
        named: dict[str, Object] = {}
        for number, table in enumerate(_found(root, Name.Table), 1):
            for place, row in enumerate(_found(table, Name.TR)):
                _head(row, f"R{number}y{place}", named)
        if named:
            known = {str(name): head for name, head in NameTree(root.IDTree).items()}
            root.IDTree = _tree(known | named)
        written = io.BytesIO()
        document.save(written, deterministic_id=True, object_stream_mode=ObjectStreamMode.generate)
    return written.getvalue()


def _children(element: Object) -> list[Object]:
    """Returns the elements directly inside, without the places of their content."""
    inside = element.get(Name.K, Array())
    listed = list(inside) if isinstance(inside, Array) else [inside]
    return [child for child in listed if isinstance(child, Dictionary) and Name.S in child]


def _found(element: Object, kind: Name) -> Iterator[Object]:
    """Yields the elements of a kind below, in reading order, and looks no further inside of them."""
    for child in _children(element):
        if child.get(Name.S) == kind:
            yield child
        else:
            yield from _found(child, kind)


def _head(row: Object, name: str, named: dict[str, Object]) -> None:
    """Makes the first cell the row's header, unless the row is one of the table's head."""
    first, *others = _children(row)
    if first.get(Name.S) == Name.TH:
        return
    first.S, first.ID = Name.TH, String(name)
    _of_table(first).Scope = Name.Row
    for cell in others:
        attributes = _of_table(cell)
        attributes.Headers = Array([*attributes.get(Name.Headers, Array()), String(name)])
    named[name] = first


def _of_table(cell: Object) -> Object:
    """Returns the cell's attributes that speak of tables; they are made if there are none."""
    attributes = cell.get(Name.A, Array())
    listed = list(attributes) if isinstance(attributes, Array) else [attributes]
    for found in listed:
        if found.get(Name.O) == Name.Table:
            return found
    cell.A = Array([Dictionary(O=Name.Table), *listed])
    return _of_table(cell)


def _tree(named: dict[str, Object]) -> Dictionary:
    """Returns a name tree of one leaf, in the order of its names."""
    return Dictionary(Names=Array([part for name in sorted(named) for part in (String(name), named[name])]))
