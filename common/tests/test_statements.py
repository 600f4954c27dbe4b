"""What every statement of the package keeps to."""

import ast
import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from typing import Any

from sqlalchemy import BindParameter, literal, select
from sqlalchemy.dialects import sqlite
from sqlalchemy.sql import visitors
from sqlalchemy.sql.expression import Executable

import twite_common
from twite_common.queries.paging import Pageable
from twite_common.sql.dialects import among
from twite_common.sql.full_text import TextFound
from twite_common.tables import post

MIN_COUNT = 400


def statements() -> Iterator[tuple[str, Executable]]:
    """Yield every statement that a module of the package holds, with its name."""
    for found in pkgutil.walk_packages(twite_common.__path__, "twite_common."):
        if ".migrations" not in found.name:
            for name, value in vars(importlib.import_module(found.name)).items():
                yield from ((f"{found.name}.{name}", one) for one in within(value))


def within(value: Any) -> Iterator[Executable]:
    if isinstance(value, Executable):
        yield value
    elif isinstance(value, tuple | list):
        for one in value:
            yield from within(one)
    elif isinstance(value, dict):
        yield from within(list(value.values()))
    elif isinstance(value, Pageable):
        yield from within(vars(value))


def test_no_list_is_written_into_a_statement():
    # Those that only differ in a list's length would be planned anew each time by PostgreSQL: see `dialects.among`.
    every: list[tuple[str, Any]] = list(statements())

    assert {name for name, one in every if any(map(holds_list, visitors.iterate(one)))} == set()
    assert len(every) > MIN_COUNT


def holds_list(part: Any) -> bool:
    return isinstance(part, BindParameter) and part.expanding


def test_a_condition_of_ours_is_not_compared_with_anything():
    # SQLAlchemy would write "= 1" behind it for SQLite, and no index would be used for it.
    conditions = (TextFound(post.c.id, post.c.spoiler_text, post.c.text, literal("'finch'")), among(post.c.id, "ids"))
    texts = [str(select(post.c.id).where(one).compile(dialect=sqlite.dialect())) for one in conditions]

    assert [text for text in texts if "= 1" in text] == []


def test_no_service_runs_another_services_statements():
    services = "twite_common.services."
    names = [found.name for found in pkgutil.walk_packages(twite_common.__path__, "twite_common.")]
    modules = {name: importlib.import_module(name) for name in names if name.startswith(services)}
    owners = {
        id(value): name
        for name, module in modules.items()
        for statement, value in vars(module).items()
        if isinstance(value, Executable) and f"\n{statement} = " in inspect.getsource(module)
    }
    borrowed = {
        (name, ".".join(path))
        for name, module in modules.items()
        for path in used_names(inspect.getsource(module))
        if owners.get(id(reached(module, path)), name) != name
    }

    assert borrowed == set()
    assert len(owners) > MIN_COUNT


def used_names(source: str) -> Iterator[tuple[str, ...]]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Name):
            yield (node.id,)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            yield (node.value.id, node.attr)


def reached(value: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        value = getattr(value, name, None)
    return value
