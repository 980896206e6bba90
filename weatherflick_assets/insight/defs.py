"""The Dagster definitions of what follows from published data."""

import dagster as dg

from weatherflick_assets.insight.assets.forecast_skill import FORECAST_SKILL_KEY, forecast_skill
from weatherflick_assets.insight.assets.suitability import SUITABILITY_KEY, suitability
from weatherflick_assets.orchestration.schedules import asset_job, gates_of

JOBS = (
    asset_job(
        "measure_forecast_skill",
        [FORECAST_SKILL_KEY.to_user_string()],
        "Compares what was forecast of a day with what was observed, without a call.",
    ),
    asset_job(
        "score_suitability",
        [SUITABILITY_KEY.to_user_string()],
        "Scores the next days for what one can do at every place, without a call.",
        checks=gates_of(SUITABILITY_KEY),
    ),
)


def definitions() -> dg.Definitions:
    """Assets and jobs."""
    return dg.Definitions(assets=[forecast_skill, suitability], jobs=JOBS)
