"""Check that `python -m bench.parts` can find every function that it measures."""

import pytest

from bench.parts import PARTS, find_part


@pytest.mark.parametrize(("module", "name"), PARTS.values(), ids=PARTS)
def test_a_part_is_a_function_of_the_program(module: str, name: str) -> None:
    owner, last = find_part(module, name)
    assert callable(getattr(owner, last))
