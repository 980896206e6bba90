"""What a month is called: numbers as people write them."""

from weatherflick_assets.insight.climate.normals import Normal
from weatherflick_assets.insight.climate.texts import sentences

JANUARY = Normal(
    1, "hiking", 10, 2016, 2025, stations=1, days=310, score=60.0, good_share=0.998, limiting="feels_like", temperature_max=-0.3,
    temperature_min=-9.0, precipitation_mm=8.0, rain_days=1.2, sunshine_hours=180.0,
)  # fmt: skip


def test_one_is_said_in_the_singular_zero_without_a_minus_and_what_is_not_whole_is_not_100_per_cent() -> None:
    korean, english = sentences(JANUARY)
    assert english == "2016–2025: good on 99 % of the days, highs of 0 °C, 1 day with rain; cold costs most"
    assert korean == "2016–2025년 평균: 좋은 날 99 %, 낮 최고 0 °C, 비 오는 날 1일; 가장 큰 감점: 추위"


def test_a_single_year_is_said_in_the_singular() -> None:
    assert sentences(Normal(1, "hiking", 1))[1] == "Known for 1 year; a normal takes 10"
    assert sentences(Normal(1, "hiking", 0))[1] == "Known for 0 years; a normal takes 10"
