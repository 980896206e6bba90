"""Imports without what Great Expectations imports and hardly ever uses. Only the judging process imports like this.

What is left out takes three fifths of the time that importing Great Expectations takes:

- Charts, statistical tests and the like are imported when first used, so every expectation works.
- Databases and object stores are left out, as if their packages were not installed: what is judged are data frames.
- So are the sources of data (`datasource.fluent`), some forty models. Of the package only its interfaces are imported.
"""

import gc
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import LazyLoader
from types import ModuleType
from typing import Any

_WHEN_USED = frozenset({"altair", "jsonschema", "mistune", "scipy.stats"})
_ABSENT = ("boto3", "botocore", "psycopg2", "sqlalchemy")

_SOURCES = "great_expectations.datasource.fluent"
_INTERFACES = tuple(f"{_SOURCES}.{name}" for name in ("interfaces", "invalid_datasource"))


class _Interfaces(Loader):
    """Loads a package without its own code: its names are those of the modules `_INTERFACES`, imported when asked for."""

    def exec_module(self, module: ModuleType) -> None:
        def named(name: str) -> Any:
            for interface in () if name.startswith("__") else map(import_module, _INTERFACES):
                if hasattr(interface, name):
                    return getattr(interface, name)
            raise AttributeError(f"{module.__name__} has no {name} in the judging process.")

        module.__getattr__ = named  # type: ignore[method-assign] - what a module without a name asks


class _Light(MetaPathFinder):
    """Finds the modules `_WHEN_USED`, each to be loaded when something in it is first used, and the package `_SOURCES`."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname not in _WHEN_USED and fullname != _SOURCES:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = _Interfaces() if fullname == _SOURCES else LazyLoader(spec.loader)
        return spec


@contextmanager
def light_imports() -> Iterator[None]:
    """Import lightly within the context. Garbage is not collected meanwhile: imports leave next to none.

    The packages `_ABSENT` must not have been imported before.
    """
    finder = _Light()
    sys.meta_path.insert(0, finder)
    # None says that there is no such module.
    sys.modules.update(dict.fromkeys(_ABSENT))  # type: ignore[arg-type]
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        for name in _ABSENT:
            del sys.modules[name]
        sys.meta_path.remove(finder)
