"""The indices as their tables are printed, one value after the other: a second calculation that shares nothing with the first.

HCI: Scott et al. (2016), tables 3 to 6. CIT: de Freitas et al. (2008) and Bafaluy et al. (2013).
"""

from math import floor, sqrt


def urban_temperature(felt: float) -> int:
    if felt >= 39:
        return 0
    if felt >= 37:
        return 2
    for least, rating in ((35, 4), (33, 5), (31, 6), (29, 7), (27, 8), (26, 9), (23, 10), (20, 9), (18, 7), (15, 6)):
        if felt >= least:
            return rating
    for least, rating in ((11, 5), (7, 4), (0, 3)):
        if felt >= least:
            return rating
    return 2 if felt > -6 else 1


def beach_temperature(felt: float) -> int:
    for least, rating in (
        (39, 0), (38, 2), (37, 4), (36, 5), (35, 6), (34, 7), (33, 8), (31, 9), (28, 10), (26, 9), (23, 7), (22, 6),
        (21, 5), (20, 4), (19, 3), (18, 2), (17, 1), (15, 0), (10, -5),
    ):  # fmt: skip
        if felt >= least:
            return rating
    return -10


def urban_sky(cloud: float) -> int:
    whole = floor(cloud)
    if whole == 100:
        return 1
    rows = {
        8: [(0, 0), (31, 40)], 9: [(1, 10), (21, 30)], 10: [(11, 20)], 7: [(41, 50)], 6: [(51, 60)], 5: [(61, 70)],
        4: [(71, 80)], 3: [(81, 90)], 2: [(91, 99)],
    }  # fmt: skip
    return next(rating for rating, spans in rows.items() for first, last in spans if first <= whole <= last)


def beach_sky(cloud: float) -> int:
    whole = floor(cloud)
    rows = {
        8: [(0, 0), (36, 45)], 9: [(1, 14), (26, 35)], 10: [(15, 25)], 7: [(46, 55)], 6: [(56, 65)], 5: [(66, 75)],
        4: [(76, 85)], 3: [(86, 95)], 2: [(96, 100)],
    }  # fmt: skip
    return next(rating for rating, spans in rows.items() for first, last in spans if first <= whole <= last)


def rain(amount: float, *, six_to_nine: int, nine_to_twelve: int) -> int:
    if amount == 0:
        return 10
    if amount < 3:
        return 9
    if amount < 6:
        return 8
    if amount < 9:
        return six_to_nine
    if amount < 12:
        return nine_to_twelve
    return 0 if amount <= 25 else -1


def wind(kmh: float, *, calm: float) -> int:
    if kmh <= calm:
        return 8
    for below, rating in ((10, 10), (20, 9), (30, 8), (40, 6), (50, 3), (70, 0)):
        if kmh < below:
            return rating
    return -10


def effective(temperature: float, humidity: float) -> float:
    return temperature - 0.4 * (temperature - 10) * (1 - humidity / 100)


def hci_urban(temperature: float, humidity: float, cloud: float, mm: float, speed: float) -> int:
    return (
        4 * urban_temperature(effective(temperature, humidity))
        + 2 * urban_sky(cloud)
        + 3 * rain(mm, six_to_nine=5, nine_to_twelve=2)
        + wind(speed * 3.6, calm=0)
    )


def hci_beach(temperature: float, humidity: float, cloud: float, mm: float, speed: float) -> int:
    return (
        2 * beach_temperature(effective(temperature, humidity))
        + 4 * beach_sky(cloud)
        + 3 * rain(mm, six_to_nine=6, nine_to_twelve=4)
        + wind(speed * 3.6, calm=0.5)
    )


def skin(temperature: float, speed: float, cloud: float) -> float:
    return temperature + 0.008 * 25 / 7 + (25 - 15 + 120 * (1 - cloud / 100) * (1 - 0.45)) / (2 + 9 * sqrt(0.1 + speed))


def thermal_class(degrees: float) -> int:
    """1, very cold, to 9, very hot."""
    for most, number in ((21, 1), (26, 2), (29, 3), (31, 4), (32.5, 5), (33.5, 6), (34.5, 7), (35.5, 8)):
        if degrees <= most:
            return number
    return 9


CIT = {
    # clear, cloudy, rainy, windy: one digit for each thermal class; then the limits of rain and wind, and calm
    "beach": ("000456764", "000334553", "000111222", "000224443", 3, 6, None),
    "cycling": ("345677643", "234567532", "123344433", "111223222", 10, 8, None),
    "golf": ("345677653", "234566542", "123344433", "112232211", 10, 4, None),
    "hiking": ("345677643", "244566533", "123444432", "113444432", 5, 10, None),
    "boating": ("234567765", "123456654", "112244433", "111223221", 20, 15, None),
    "sailing": ("234567765", "123456654", "112244433", "111223221", 20, 15, 1.5),
}


def cit(activity: str, temperature: float, cloud: float, mm: float, speed: float) -> tuple[int, int]:
    """The index as published, where rain overrides wind and wind overrides clouds; and the worst of what holds."""
    clear, cloudy, rainy, windy, most_rain, strong, calm = CIT[activity]
    place = thermal_class(skin(temperature, speed, cloud)) - 1
    holding = [clear[place]]
    if cloud > 50:
        holding.append(cloudy[place])
    if speed >= strong or (calm is not None and speed <= calm):
        holding.append(windy[place])
    if mm > most_rain:
        holding.append(rainy[place])
    return int(holding[-1]), int(min(holding))
