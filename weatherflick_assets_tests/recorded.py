"""Where the recorded data and reference tables lie, which are not part of the project: tests without them are skipped."""

import os
from pathlib import Path

_SHARED = Path(__file__).parents[1].parent / "shared"

RECORDED = Path(os.environ.get("WEATHERFLICK_RECORDED_DATA", _SHARED / "data" / "recorded"))
REFERENCE = Path(os.environ.get("WEATHERFLICK_REFERENCE_DATA", _SHARED / "reference"))
