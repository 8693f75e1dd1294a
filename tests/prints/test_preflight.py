"""The reasons of the preflight: every rule has one, for the designer who asks."""

from __future__ import annotations

import ast
import inspect
from types import ModuleType

import pytest

from stickers.printing.imposition import layout
from stickers.printing.preflight import rules
from stickers.prints.preflight import WHY


def names_of(module: ModuleType, made: str) -> set[str]:
    """The names of the rules that a module's findings are made with."""
    calls = [node for node in ast.walk(ast.parse(inspect.getsource(module))) if isinstance(node, ast.Call)]
    firsts = [call.args[0] for call in calls if isinstance(call.func, ast.Name) and call.func.id == made]
    return {
        str(node.value)
        for first in firsts
        for node in ast.walk(first)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


@pytest.mark.parametrize(("module", "made"), [(rules, "Finding"), (layout, "Clash")])
def test_every_rule_says_why(module: ModuleType, made: str) -> None:
    names = names_of(module, made)
    assert len(names) > 1
    assert names <= WHY.keys()


def test_no_reason_is_left_of_a_rule_that_is_gone() -> None:
    assert WHY.keys() <= names_of(rules, "Finding") | names_of(layout, "Clash")
