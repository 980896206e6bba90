"""The weather's operations are declared as the real services answer, which recordings show."""

from pathlib import Path

import pytest

from weatherflick_assets.build import OPERATIONS
from weatherflick_assets.upstream.errors import UpstreamError
from weatherflick_assets.upstream.outcomes import Page, Reply, read_answer

NO_DATA = b'{"response":{"header":{"resultCode":"03","resultMsg":"NO_DATA"}}}'
PAST_RETENTION = '{"response":{"header":{"resultCode":"10","resultMsg":"최근 3일 간의 자료만 제공합니다."}}}'.encode()

RECORDED = {
    ("kma", "getUltraSrtNcst", "kma/getUltraSrtNcst/kpubdata_2026-09/seoul_0600.raw.json"): (8, 8),
    ("kma", "getUltraSrtFcst", "kma/getUltraSrtFcst/kpubdata_2026-09/seoul_0600_full_page.raw.json"): (66, 66),
    ("kma", "getVilageFcst", "kma/getVilageFcst/tourlint_2026-08-26/gangneung_0500_full_907.json"): (907, 907),
    ("kma", "getMidLandFcst", "kma/getMidLandFcst/2026-10-04_0600_11B00000.json"): (1, 1),
    ("kma", "getMidTa", "kma/getMidTa/2026-10-04_1800_11B10101.json"): (1, 1),
    ("airkorea", "getCtprvnRltmMesureDnsty", "airkorea/getCtprvnRltmMesureDnsty/kpubdata_2026-09/seoul.raw.json"): (
        10,
        40,
    ),
    ("airkorea", "getMinuDustFrcstDspth", "airkorea/getMinuDustFrcstDspth/kpubdata_2026-09/default.raw.json"): (
        10,
        860,
    ),
    ("kasi", "getRestDeInfo", "holiday/getRestDeInfo/2026-01_single_object.json"): (1, 1),
    ("kasi", "getRestDeInfo", "holiday/getRestDeInfo/2026-04_empty_items_string.json"): (0, 0),
    ("kasi", "getRestDeInfo", "holiday/getRestDeInfo/2026_full_year.json"): (19, 19),
}
"""Provider, operation and file; how many items are in it, and in the whole list."""


@pytest.mark.recorded
@pytest.mark.parametrize(("recorded", "counts"), RECORDED.items(), ids=lambda given: "/".join(map(str, given)))
def test_recorded_answers_are_read(
    recorded: tuple[str, str, str], counts: tuple[int, int], recorded_data: Path
) -> None:
    provider, operation, file = recorded
    page = read_answer(OPERATIONS[provider][operation], Reply(200, {}, (recorded_data / file).read_bytes()))
    assert (len(page.items), page.total_count) == counts


@pytest.mark.parametrize("name", OPERATIONS["kma"])
def test_what_is_not_published_yet_is_an_empty_list(name: str) -> None:
    assert read_answer(OPERATIONS["kma"][name], Reply(200, {}, NO_DATA)) == Page([], 0, "03")


@pytest.mark.parametrize("name", OPERATIONS["kma"])
def test_what_is_no_longer_kept_is_a_permanent_failure(name: str) -> None:
    with pytest.raises(UpstreamError) as caught:
        read_answer(OPERATIONS["kma"][name], Reply(200, {}, PAST_RETENTION))
    assert (type(caught.value).__name__, caught.value.code) == ("PermanentError", "10")


def test_the_two_lists_of_station_data_are_told_apart() -> None:
    paths = {name: operation.path for name, operation in OPERATIONS["kma"].items() if name.startswith("getAsos")}
    assert paths == {
        "getAsosHourly": "/1360000/AsosHourlyInfoService/getWthrDataList",
        "getAsosDaily": "/1360000/AsosDalyInfoService/getWthrDataList",
        "getAsosYear": "/1360000/AsosDalyInfoService/getWthrDataList",
    }
