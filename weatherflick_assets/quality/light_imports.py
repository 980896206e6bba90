"""Imports without what Great Expectations imports and hardly ever uses. Only the judging process imports like this.

Charts and statistical tests take half of the time that importing Great Expectations takes. They are imported when first
used, so every expectation works. Its support of SQL databases is left out, as if SQLAlchemy were not installed: what is
judged are data frames.
"""

import gc
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import LazyLoader
from types import ModuleType

_WHEN_USED = frozenset({"altair", "scipy.stats"})
_ABSENT = "sqlalchemy"


class _WhenUsed(MetaPathFinder):
    """Finds the modules `_WHEN_USED` so that each is loaded when something in it is first used."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        spec = PathFinder.find_spec(fullname, path, target) if fullname in _WHEN_USED else None
        if spec is not None and spec.loader is not None:
            spec.loader = LazyLoader(spec.loader)
        return spec


@contextmanager
def light_imports() -> Iterator[None]:
    """Import lightly within the context. Garbage is not collected meanwhile: imports leave next to none.

    SQLAlchemy must not have been imported before.
    """
    finder = _WhenUsed()
    sys.meta_path.insert(0, finder)
    sys.modules[_ABSENT] = None  # type: ignore[assignment] - says that there is no such module
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        del sys.modules[_ABSENT]
        sys.meta_path.remove(finder)
