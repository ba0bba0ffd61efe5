"""Names of departments, categories and products for people, made from the capitals of the till."""

import re
from functools import lru_cache

# What is not a word keeps its capitals.
CAPITALS = frozenset({"BBQ", "CD", "DVD", "HBC", "OTC", "QSR", "RX", "SPF", "TV", "USB"})
SMALL = frozenset({"AND", "FOR", "IN", "NO", "OF", "OR", "THE", "TO", "WITH"})
WORDS = {
    "BKD": "Baked",
    "BN": "Bean",
    "BRD": "Breaded",
    "BRKFST": "Breakfast",
    "BTR": "Butter",
    "CHIX": "Chicken",
    "CIG": "Cigarette",
    "CKYS": "Cookies",
    "CLEANG": "Cleaning",
    "CNDY": "Candy",
    "CONC": "Concentrate",
    "CONTAINR": "Containers",
    "CRKR": "Crackers",
    "CRYSTL": "Crystal",
    "DISPOSIBLE": "Disposable",
    "DNR": "Dinner",
    "DNRS": "Dinners",
    "DRNK": "Drink",
    "DRNKS": "Drinks",
    "DRSNG": "Dressing",
    "FD": "Food",
    "FLVRD": "Flavored",
    "FRZ": "Frozen",
    "FRZN": "Frozen",
    "GDS": "Goods",
    "JCE": "Juice",
    "MEMORABLILIA": "Memorabilia",
    "MFG": "Manufacturer",
    "MISC": "Miscellaneous",
    "MIXS": "Mixes",
    "MX": "Mix",
    "MXS": "Mixes",
    "NDAIRY": "Non-Dairy",
    "PKG": "Packaged",
    "PKGD": "Packaged",
    "PKLD": "Pickled",
    "PNT": "Peanut",
    "PROD": "Produce",
    "PWDR": "Powder",
    "REFRGRATD": "Refrigerated",
    "SALD": "Salad",
    "SFT": "Soft",
    "SHERBTS": "Sherbets",
    "SNDWCH": "Sandwich",
    "SNKS": "Snacks",
    "SPLY": "Supply",
    "SPRD": "Spread",
    "SUPPPLIES": "Supplies",
    "SWEETNERS": "Sweeteners",
    "TISS": "Tissue",
    "TRSH": "Trash",
    "VEG": "Vegetable",
    "WHLSM": "Wholesome",
    "WTR": "Water",
}
DEPARTMENTS = {
    "CHARITABLE CONT": "Charitable Contributions",
    "CNTRL/STORE SUP": "Store Supplies",
    "COUPON": "Coupons",
    "DRUG GM": "Drugstore and General Merchandise",
    "ELECT &PLUMBING": "Electrical and Plumbing",
    "GM MERCH EXP": "General Merchandise",
    "MEAT-PCKGD": "Packaged Meat",
    "PROD-WHS SALES": "Produce Warehouse Sales",
    "SEAFOOD-PCKGD": "Packaged Seafood",
}


def slug(raw: str) -> str:
    """The code of a raw name: `CHIPS&SNACKS` is `chips-snacks`."""
    return re.sub(r"[^a-z0-9]+", "-", raw.lower()).strip("-")


def department_name(raw: str) -> str:
    """The name of a department for people."""
    return DEPARTMENTS.get(raw) or title(raw)


@lru_cache(maxsize=4_096)
def title(raw: str) -> str:
    """A raw name in title case, spaces and signs put right, abbreviations written out, a cut-off end removed."""
    text = re.sub(r"\s*&\s*", " & ", raw)
    text = re.sub(r"\s*:\s*", ": ", text)
    text = re.sub(r"\s+-\s*|-\s+", " - ", text)
    text = re.sub(r"\s+", " ", _closed(text)).strip(" /&-:,")
    cased = re.sub(r"[A-Z]+(?:'[A-Z]+)?\.?", lambda found: _word(found[0]), text)
    return cased[:1].upper() + cased[1:]


def package(raw: str | None) -> str:
    """A package size for people: `34.5 OZ` is `34.5 oz`. Empty where there is none."""
    return " ".join((raw or "").lower().split())


def _word(raw: str) -> str:
    word = raw.rstrip(".")
    if word in WORDS:
        return WORDS[word]
    if word in CAPITALS:
        return raw
    if word in SMALL:
        return raw.lower()
    return raw.capitalize()


def _closed(text: str) -> str:
    """The text before a parenthesis that the 30 characters of the till cut off."""
    depth, start = 0, 0
    for position, sign in enumerate(text):
        if sign == "(":
            if depth == 0:
                start = position
            depth += 1
        elif sign == ")" and depth:
            depth -= 1
    return text[:start] if depth else text
