"""One judge for all commands that tests run in their own process: it imports for seconds."""

import pytest

from weatherflick_assets.quality.judge_process import JUDGE


@pytest.fixture(scope="session", autouse=True)
def _the_judge_runs() -> None:
    JUDGE.start()
