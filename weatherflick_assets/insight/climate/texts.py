"""What a month is like for an activity, as one sentence in Korean and one in English."""

from weatherflick_assets.insight.climate.normals import FEWEST_YEARS, Normal
from weatherflick_assets.presentation import in_percent

HOT_FROM = 25.0
"""°C of the highest temperature from which what costs points is the heat; below, the cold."""

_HEAT, _COLD = ("더위", "heat"), ("추위", "cold")
_LIMITING = {"sky": ("구름", "cloud"), "rain": ("비", "rain"), "wind": ("바람", "wind")}


def sentences(normal: Normal) -> tuple[str, str]:
    """The sentences in Korean and in English."""
    if normal.score is None or normal.good_share is None or normal.temperature_max is None or normal.rain_days is None:
        return (
            f"관측 {normal.years}년: 평년값에는 {FEWEST_YEARS}년이 필요",
            f"Known for {_counted(normal.years, 'year')}; a normal takes {FEWEST_YEARS}",
        )
    korean, english = _limiting(normal, normal.temperature_max)
    period, good = f"{normal.first_year}–{normal.last_year}", f"{in_percent(normal.good_share)} %"
    warmest, wet = f"{normal.temperature_max:z.0f} °C", round(normal.rain_days)
    return (
        f"{period}년 평균: 좋은 날 {good}, 낮 최고 {warmest}, 비 오는 날 {wet}일"
        + (f"; 가장 큰 감점: {korean}" if korean else ""),
        f"{period}: good on {good} of the days, highs of {warmest}, {_counted(wet, 'day')} with rain"
        + (f"; {english} costs most" if english else ""),
    )


def _limiting(normal: Normal, temperature_max: float) -> tuple[str, str]:
    if normal.limiting is None:
        return "", ""
    return _LIMITING.get(normal.limiting) or (_HEAT if temperature_max >= HOT_FROM else _COLD)


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
