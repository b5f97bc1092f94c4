""" "Compound Documents", "Inclusion of Related Resources" and "Sparse Fieldsets"."""

from collections.abc import Iterable, Iterator
from typing import Any

from tests.jsonapi_document.answer import Answer
from tests.jsonapi_document.node import Node

Identity = tuple[str, str]
Resources = dict[Identity, dict[str, Any]]


def check_compound(primary: list[Node], included: Node | None, answer: Answer) -> None:
    """Rules about all the resource objects of a document together.

    Args:
        primary: the resource objects, or identifiers, that are the primary data.
        included: the member `included`, where there is one.
        answer: what the client asked for.
    """
    others = included.items() if included else []
    whole = others if answer.about_relationship else [*primary, *others]
    resources = _unique(whole)
    for node in whole:
        _check_fieldset(node, answer)
    start = [_identity(node.value) for node in primary]
    # "The only exception to the full linkage requirement is when relationship fields that would
    # otherwise contain linkage data are excluded due to sparse fieldsets".
    if not answer.fieldsets:
        _check_full_linkage(others, _reachable(start, resources))
    if answer.include is None or not answer.success:
        return
    if answer.about_relationship:
        # Every path begins with the relationship's name, at the resource that has it.
        type_, id_, _, name = answer.path
        identifiers = [node.value for node in primary]
        resources.setdefault((type_, id_), {"relationships": {name: {"data": identifiers}}})
        start = [(type_, id_)]
    _check_inclusion(included, others, start, resources, answer)


def _identity(value: dict[str, Any]) -> Identity:
    return value["type"], value["id"]


def _unique(nodes: list[Node]) -> Resources:
    """ "MUST NOT include more than one resource object for each `type` and `id` pair"."""
    found: Resources = {}
    for node in nodes:
        identity = _identity(node.value)
        if identity in found:
            node.refuse(f"{identity} is in this document more than once")
        found[identity] = node.value
    return found


def _check_fieldset(node: Node, answer: Answer) -> None:
    """ "Sparse Fieldsets": "MUST NOT include additional fields"."""
    wanted = answer.fieldsets.get(node.value["type"])
    if wanted is None:
        return
    for kind in {"attributes", "relationships"} & node.value.keys():
        for name in node.value[kind]:
            if name not in wanted and ":" not in name:
                node.child(kind).child(name).refuse("this field was not asked for")


def _linked(resource: dict[str, Any], relationship: str | None = None) -> Iterator[Identity]:
    """What a resource, or one of its relationships, links to."""
    for name, each in resource.get("relationships", {}).items():
        data = each.get("data")
        if data is None or relationship not in {None, name}:
            continue
        for identifier in data if isinstance(data, list) else [data]:
            yield _identity(identifier)


def _reachable(start: Iterable[Identity], resources: Resources) -> set[Identity]:
    reached: set[Identity] = set()
    waiting = list(start)
    while waiting:
        identity = waiting.pop()
        if identity not in reached:
            reached.add(identity)
            waiting.extend(_linked(resources.get(identity, {})))
    return reached


def _check_full_linkage(included: list[Node], reached: set[Identity]) -> None:
    """ "identified via a chain of relationships originating in a document's primary data"."""
    for node in included:
        if _identity(node.value) not in reached:
            node.refuse("no chain of relationships leads here from the primary data")


def _check_inclusion(
    included: Node | None,
    others: list[Node],
    start: list[Identity],
    resources: Resources,
    answer: Answer,
) -> None:
    """ "Inclusion of Related Resources": an `included` key, "even if [it] holds an empty array"."""
    paths = answer.include or []
    if paths and included is None:
        raise AssertionError('at "": a request with `include` is answered with `included`')
    if answer.fieldsets:
        return
    requested = {each for path in paths for each in _along(path.split("."), start, resources)}
    for node in others:
        if _identity(node.value) not in requested:
            node.refuse('the server "MUST NOT include unrequested resource objects"')


def _along(path: list[str], start: Iterable[Identity], resources: Resources) -> set[Identity]:
    """Every resource on a relationship path, the intermediate ones too."""
    found: set[Identity] = set()
    level = set(start)
    for name in path:
        level = {each for one in level for each in _linked(resources.get(one, {}), name)}
        found |= level
    return found
