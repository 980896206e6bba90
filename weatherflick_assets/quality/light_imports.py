"""Imports without what Great Expectations imports and hardly ever uses. Only the judging process imports like this.

What is left out takes two thirds of the time that importing Great Expectations takes:

- Charts, statistical tests and the like are imported when first used.
- Sources of data and expectations, a hundred models, are imported one by one, when first asked for.
- Databases and object stores are left out, as if their packages were not installed: what is judged are data frames.

So every expectation works.
"""

import ast
import gc
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from importlib.util import LazyLoader, resolve_name
from types import ModuleType
from typing import Any

_WHEN_USED = frozenset({"altair", "jsonschema", "mistune", "scipy.stats"})
_ONE_BY_ONE = frozenset(
    f"great_expectations.{name}" for name in ("datasource.fluent", "expectations", "expectations.core")
)
_ABSENT = ("boto3", "botocore", "psycopg2", "sqlalchemy")


class _OneByOne(SourceFileLoader):
    """Loads a package without running its code: each name that it imports is imported when it is first asked for."""

    def exec_module(self, module: ModuleType) -> None:
        origins = self._origins(module.__name__)

        def named(name: str) -> Any:
            if name not in origins:
                raise AttributeError(f"module {module.__name__} has no attribute {name}")
            with _lightly():
                found = getattr(import_module(origins[name]), name)
            setattr(module, name, found)
            return found

        module.__getattr__ = named  # type: ignore[method-assign] - what a module without a name asks

    def _origins(self, package: str) -> Mapping[str, str]:
        """The modules that the package imports its names from."""
        statements = ast.parse(self.get_data(self.path)).body
        return {
            alias.asname or alias.name: resolve_name("." * found.level + (found.module or ""), package)
            for found in statements
            if isinstance(found, ast.ImportFrom)
            for alias in found.names
        }


class _Light(MetaPathFinder):
    """Finds the modules `_WHEN_USED`, each to be loaded when something in it is first used, and the packages `_ONE_BY_ONE`."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname not in _WHEN_USED | _ONE_BY_ONE:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and isinstance(spec.loader, SourceFileLoader):
            loader = spec.loader
            spec.loader = LazyLoader(loader) if fullname in _WHEN_USED else _OneByOne(loader.name, loader.path)
        return spec


@contextmanager
def _lightly() -> Iterator[None]:
    finder, there = _Light(), {name: sys.modules[name] for name in _ABSENT if name in sys.modules}
    sys.meta_path.insert(0, finder)
    # None says that there is no such module.
    sys.modules.update(dict.fromkeys(_ABSENT))  # type: ignore[arg-type]
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        for name in _ABSENT:
            sys.modules.pop(name, None)
        sys.modules.update(there)


@contextmanager
def light_imports() -> Iterator[None]:
    """Import lightly within the context. Garbage is not collected meanwhile: imports leave next to none."""
    gc.disable()
    try:
        with _lightly():
            yield
    finally:
        gc.enable()
