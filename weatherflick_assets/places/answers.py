"""Which answers of KorService2 each raw asset keeps."""

from collections.abc import Mapping
from types import MappingProxyType

from weatherflick_assets.places.content_types import CONTENT_TYPES
from weatherflick_assets.places.kto import KTO, LIST_OPERATION, OPERATION_BY_NAME
from weatherflick_assets.upstream.declarations import Answers


def _of(*names: str) -> tuple[Answers, ...]:
    return tuple(Answers(OPERATION_BY_NAME[name]) for name in names)


ANSWERS: Mapping[str, tuple[Answers, ...]] = MappingProxyType(
    {
        f"raw/{KTO.name}/{name}": answers
        for name, answers in (
            *(
                (f"{kind.name}_listing", (Answers(LIST_OPERATION, f"contentTypeId={kind.content_type_id}"),))
                for kind in CONTENT_TYPES
            ),
            # The change feed reads the list of all kinds at once.
            ("place_changes", (Answers(LIST_OPERATION, ""),)),
            ("place_details", _of("detailCommon2", "detailIntro2", "detailInfo2", "detailImage2")),
            ("festivals", _of("searchFestival2")),
            ("pets", _of("detailPetTour2")),
            ("stays", _of("searchStay2")),
            ("codes", _of("lclsSystmCode2", "ldongCode2", "areaCode2", "categoryCode2")),
        )
    }
)
"""By the key of the asset."""
