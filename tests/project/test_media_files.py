"""Whatever reads or writes media files, or uploads that wait, goes through `twite_common.media.storage`."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
STORAGE = ROOT / "common" / "src" / "twite_common" / "media" / "storage"
SOURCES = [path for path in ROOT.glob("*/src/*/**/*.py") if STORAGE not in path.parents]
SCRATCH = {
    "common/src/twite_common/media/stored_files.py",
    "tasks/src/twite_tasks/identity/imports/files.py",
    "tasks/src/twite_tasks/posts/media.py",
    "web/src/twite_web/middleware/bodies.py",
    "web/src/twite_web/parameters.py",
}
"""What works on files of its own, in the folder for that."""
FOLDERS = {"media", "uploads"}


def paths(tree: ast.AST) -> Iterator[str]:
    """Give the texts that are put behind a `/`, as parts of paths are."""
    for node in ast.walk(tree):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and isinstance(node.right, ast.Constant):
            yield str(node.right.value).partition("/")[0]


def names(tree: ast.AST) -> set[str]:
    """Return the modules that are imported, and the attributes that are read."""
    found = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "").partition(".")[0])
    return found


def test_nothing_else_knows_where_media_files_are():
    read = {str(path.relative_to(ROOT)): ast.parse(path.read_text()) for path in SOURCES}

    assert len(read) > 300
    assert {name for name, tree in read.items() if FOLDERS.intersection(paths(tree))} == {
        # It names the folder of which all is made.
        "common/src/twite_common/settings.py"
    }
    assert {name for name, tree in read.items() if "obstore" in names(tree)} == set()
    assert {name for name, tree in read.items() if "scratch" in names(tree)} == SCRATCH
