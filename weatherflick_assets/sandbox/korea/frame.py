"""The skeleton of the synthetic Korea: its places with their kinds and districts.

Here: the number of places per region and content type, and the draw of their class, district and location.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from weatherflick_assets.sandbox.korea import tables

# Hidden rows per shown row: 19,000 in total, mostly ended events.
HIDDEN_PER_SHOWN = {"12": 0.28, "14": 0.29, "15": 3.13, "25": 0.27, "28": 0.34, "32": 0.66, "38": 0.17, "39": 0.24}

TAX_FREE_SHOP = "SH040300"  # most of them are counters in a shopping centre
SHARE_IN_CENTRES = 0.6
SHOPS_PER_CENTRE = 40

Positions = NDArray[np.int64]


@dataclass(frozen=True)
class Frame:
    """Parallel arrays with one entry per place: indices into the tables of the same name.

    `location` is the position of the place whose location this one shares, usually its own.
    """

    region: Positions
    content_type: Positions
    place_class: Positions
    sigungu: Positions
    location: Positions
    hidden: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.region)

    def of_type(self, *content_types: str) -> NDArray[np.bool_]:
        """Which places are of one of `content_types`."""
        return np.isin(self.content_type, [tables.CONTENT_TYPES.index(content_type) for content_type in content_types])

    def by_type(self, numbers: dict[str, float]) -> NDArray[np.float64]:
        """One value per place: the entry of `numbers` for its content type."""
        return np.array([numbers[content_type] for content_type in tables.CONTENT_TYPES])[self.content_type]


def draw_frame(random: np.random.Generator, scale: float) -> Frame:
    """Draw the places of a country `scale` times the real one."""
    shown = np.array([region.places for region in tables.regions()], dtype=np.float64)
    ratio = np.array([HIDDEN_PER_SHOWN[content_type] for content_type in tables.CONTENT_TYPES])
    counts = np.stack([np.maximum(1, np.rint(shown * scale)), np.maximum(1, np.rint(shown * scale * ratio))]).astype(
        int
    )
    # One cell per combination of flag, region and content type, each repeated by its count.
    flag, region, content_type = (part.ravel() for part in np.indices(counts.shape))
    flag, region, content_type = (np.repeat(part, counts.ravel()) for part in (flag, region, content_type))
    frame = Frame(
        region=region,
        content_type=content_type,
        place_class=_classes(random, content_type),
        sigungu=_sigungu(random, region),
        location=np.arange(len(region)),
        hidden=flag == 1,
    )
    _gather_shops(random, frame)
    return frame


def draw_newcomers(random: np.random.Generator, count: int) -> Frame:
    """Draw `count` more shown places, distributed over regions and content types like the others."""
    shown = np.array([region.places for region in tables.regions()])
    region, content_type = np.unravel_index(pick(random, shown.ravel().tolist(), count), shown.shape)
    return Frame(
        region=region,
        content_type=content_type,
        place_class=_classes(random, content_type),
        sigungu=_sigungu(random, region),
        location=np.arange(count),
        hidden=np.zeros(count, dtype=np.bool_),
    )


def draw_elsewhere(random: np.random.Generator, content_type: str, region_code: str) -> Frame:
    """Draw a district outside `region_code` for one shown place. Its class is left open."""
    away = [index for index, region in enumerate(tables.regions()) if region.code != region_code]
    region = np.array([away[int(random.integers(len(away)))]])
    return Frame(
        region=region,
        content_type=np.array([tables.CONTENT_TYPES.index(content_type)]),
        place_class=np.zeros(1, dtype=np.int64),
        sigungu=_sigungu(random, region),
        location=np.arange(1),
        hidden=np.zeros(1, dtype=np.bool_),
    )


def pick(random: np.random.Generator, weights: list[int] | list[float], size: int) -> Positions:
    """Draw `size` positions of `weights`, with probabilities proportional to the weights."""
    total = np.asarray(weights, dtype=np.float64)
    return random.choice(len(total), size=size, p=total / total.sum())


def _classes(random: np.random.Generator, content_type: Positions) -> Positions:
    drawn = np.zeros_like(content_type)
    for number, name in enumerate(tables.CONTENT_TYPES):
        wanted = np.flatnonzero(content_type == number)
        weights = [place_class.weights.get(name, 0) for place_class in tables.classes()]
        drawn[wanted] = pick(random, weights, len(wanted))
    return drawn


def _sigungu(random: np.random.Generator, region: Positions) -> Positions:
    drawn = np.zeros_like(region)
    for number, known in enumerate(tables.regions()):
        wanted = np.flatnonzero(region == number)
        weights = [place.weight if place.region_code == known.code else 0 for place in tables.sigungu()]
        drawn[wanted] = pick(random, weights, len(wanted))
    return drawn


def _gather_shops(random: np.random.Generator, frame: Frame) -> None:
    """Move most tax-free shops to the district and location of a shopping centre in their region."""
    codes = [place_class.code for place_class in tables.classes()]
    shops = np.flatnonzero((frame.place_class == codes.index(TAX_FREE_SHOP)) & ~frame.hidden)
    for number in range(len(tables.regions())):
        here = shops[frame.region[shops] == number]
        centres = here[: max(1, len(here) // SHOPS_PER_CENTRE)]
        moving = here[len(centres) :][random.random(max(0, len(here) - len(centres))) < SHARE_IN_CENTRES]
        if len(moving):
            # The square makes a few centres much larger than the others.
            chosen = centres[(random.random(len(moving)) ** 2 * len(centres)).astype(int)]
            frame.location[moving] = chosen
            frame.sigungu[moving] = frame.sigungu[chosen]
