"""The Dagster definitions of what follows from published data."""

import dagster as dg

from weatherflick_assets.insight.assets.climate import CLIMATE_KEY, climate_normals
from weatherflick_assets.insight.assets.forecast_changes import FORECAST_CHANGES_KEY, forecast_changes
from weatherflick_assets.insight.assets.forecast_skill import FORECAST_SKILL_KEY, forecast_skill
from weatherflick_assets.insight.assets.recommendation_verification import VERIFICATION_KEY, recommendation_verification
from weatherflick_assets.insight.assets.recommendations import RECOMMENDATIONS_KEY, recommendations
from weatherflick_assets.insight.assets.region_reports import REGION_REPORTS_KEY, region_reports
from weatherflick_assets.insight.assets.suitability import SUITABILITY_KEY, suitability
from weatherflick_assets.insight.tables import SERVING, SERVING_CLIMATE, VIEWS
from weatherflick_assets.orchestration.schedules import asset_job, gates_of
from weatherflick_assets.orchestration.serving import serving_assets

_OF_AN_ISSUE = (SUITABILITY_KEY, RECOMMENDATIONS_KEY, FORECAST_CHANGES_KEY)

JOBS = (
    asset_job(
        "measure_forecast_skill",
        [FORECAST_SKILL_KEY.to_user_string()],
        "Compares what was forecast of a day with what was observed, without a call.",
    ),
    asset_job(
        "verify_recommendations",
        [VERIFICATION_KEY.to_user_string()],
        "Compares what was said and recommended of a day with the weather that came, without a call.",
    ),
    asset_job(
        "score_suitability",
        [key.to_user_string() for key in _OF_AN_ISSUE],
        "Scores the next days for what one can do at every place, recommends the best of them, and says what has changed, without a call.",
        checks=[check for key in _OF_AN_ISSUE for check in gates_of(key)],
    ),
    asset_job(
        "work_out_climate",
        [CLIMATE_KEY.to_user_string()],
        "Works out what each month is like for each activity in each region, without a call.",
        checks=gates_of(CLIMATE_KEY),
    ),
    asset_job(
        "report_regions",
        [REGION_REPORTS_KEY.to_user_string()],
        "Writes the pages of a week, one for each region.",
    ),
)


def definitions() -> dg.Definitions:
    """Assets and jobs."""
    published = [key.to_user_string() for key in (*_OF_AN_ISSUE, CLIMATE_KEY)]
    served = [*serving_assets(published, VIEWS, SERVING), *serving_assets(published, SERVING_CLIMATE)]
    made = [
        forecast_skill,
        suitability,
        recommendations,
        forecast_changes,
        recommendation_verification,
        climate_normals,
        region_reports,
    ]
    return dg.Definitions(assets=[*made, *served], jobs=JOBS)
