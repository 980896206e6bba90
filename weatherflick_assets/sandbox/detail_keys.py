"""The item keys of the detail operations, in upstream's order, declared as data.

In detailIntro2 they depend on the content type; detailInfo2 has one of three shapes.

The orders are those of recorded answers. The order of rooms (type 32) is the manual's, with the three keys of an image
kept together as recorded.
"""

_IDENTITY = ("contentid", "contenttypeid")

_INTRO_KEYS: dict[str, tuple[str, ...]] = {
    "12": (
        "heritage1", "heritage2", "heritage3", "infocenter", "opendate", "restdate", "expguide", "expagerange",
        "accomcount", "useseason", "usetime", "parking", "chkbabycarriage", "chkpet", "chkcreditcard",
    ),
    "14": (
        "scale", "usefee", "discountinfo", "spendtime", "parkingfee", "infocenterculture", "accomcountculture",
        "usetimeculture", "restdateculture", "parkingculture", "chkbabycarriageculture", "chkpetculture",
        "chkcreditcardculture",
    ),
    "15": (
        "sponsor1", "sponsor1tel", "sponsor2", "sponsor2tel", "eventenddate", "playtime", "eventplace", "eventhomepage",
        "agelimit", "bookingplace", "placeinfo", "subevent", "program", "eventstartdate", "usetimefestival",
        "discountinfofestival", "spendtimefestival", "festivalgrade",
    ),
    "25": ("distance", "infocentertourcourse", "schedule", "taketime", "theme"),
    "28": (
        "openperiod", "reservation", "infocenterleports", "scaleleports", "accomcountleports", "restdateleports",
        "usetimeleports", "usefeeleports", "expagerangeleports", "parkingleports", "parkingfeeleports",
        "chkbabycarriageleports", "chkpetleports", "chkcreditcardleports",
    ),
    "32": (
        "roomcount", "roomtype", "refundregulation", "checkintime", "checkouttime", "chkcooking", "seminar", "sports",
        "sauna", "beauty", "beverage", "karaoke", "barbecue", "campfire", "bicycle", "fitness", "publicpc", "publicbath",
        "subfacility", "foodplace", "reservationurl", "pickup", "infocenterlodging", "parkinglodging",
        "reservationlodging", "scalelodging", "accomcountlodging",
    ),
    "38": (
        "saleitem", "saleitemcost", "fairday", "opendateshopping", "shopguide", "culturecenter", "restroom",
        "infocentershopping", "scaleshopping", "restdateshopping", "parkingshopping", "chkbabycarriageshopping",
        "chkpetshopping", "chkcreditcardshopping", "opentime",
    ),
    "39": (
        "seat", "kidsfacility", "firstmenu", "treatmenu", "smoking", "packing", "infocenterfood", "scalefood",
        "parkingfood", "opendatefood", "opentimefood", "restdatefood", "discountinfofood", "chkcreditcardfood",
        "reservationfood", "lcnsno",
    ),
}  # fmt: skip

_INFO_KEYS = (*_IDENTITY, "serialnum", "infoname", "infotext", "fldgubun")
_STOP_KEYS = (
    *_IDENTITY, "subnum", "subcontentid", "subname", "subdetailoverview", "subdetailimg", "subdetailalt",
)  # fmt: skip
ROOM_FACILITIES = (
    "roombathfacility", "roombath", "roomhometheater", "roomaircondition", "roomtv", "roompc", "roomcable",
    "roominternet", "roomrefrigerator", "roomtoiletries", "roomsofa", "roomcook", "roomtable", "roomhairdryer",
)  # fmt: skip
_ROOM_KEYS = (
    *_IDENTITY, "roomcode", "roomtitle", "roomsize1", "roomsize2", "roomcount", "roombasecount", "roommaxcount",
    "roomoffseasonminfee1", "roomoffseasonminfee2", "roompeakseasonminfee1", "roompeakseasonminfee2", "roomintro",
    *ROOM_FACILITIES,
    *(key for image in range(1, 6) for key in (f"roomimg{image}", f"roomimg{image}alt", f"cpyrhtDivCd{image}")),
)  # fmt: skip

_KEYS: dict[str, tuple[str, ...]] = {
    "detailCommon2": (
        *_IDENTITY, "title", "createdtime", "modifiedtime", "tel", "telname", "homepage", "firstimage", "firstimage2",
        "cpyrhtDivCd", "areacode", "sigungucode", "lDongRegnCd", "lDongSignguCd", "lclsSystm1", "lclsSystm2",
        "lclsSystm3", "cat1", "cat2", "cat3", "addr1", "addr2", "zipcode", "mapx", "mapy", "mlevel", "overview",
    ),
    "detailImage2": ("contentid", "originimgurl", "imgname", "smallimageurl", "cpyrhtDivCd", "serialnum"),
    "detailPetTour2": (
        "contentid", "relaAcdntRiskMtr", "acmpyTypeCd", "relaPosesFclty", "relaFrnshPrdlst", "etcAcmpyInfo",
        "relaPurcPrdlst", "acmpyPsblCpam", "relaRntlPrdlst", "acmpyNeedMtr",
    ),
}  # fmt: skip


def detail_keys(operation: str, content_type: str) -> tuple[str, ...]:
    """The item keys of a detail operation for a place of `content_type`.

    detailIntro2 has only the identity keys for an unknown type.
    """
    if operation == "detailIntro2":
        return (*_IDENTITY, *_INTRO_KEYS.get(content_type, ()))
    if operation == "detailInfo2":
        return {"25": _STOP_KEYS, "32": _ROOM_KEYS}.get(content_type, _INFO_KEYS)
    return _KEYS[operation]
