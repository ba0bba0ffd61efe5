"""The lists from which members are made up. Last names are (man's, woman's); first names likewise in two lists."""

# Area code and a city in it, in the data's time zone.
CITIES = (
    ("212", "New York"),
    ("716", "Buffalo"),
    ("518", "Albany"),
    ("585", "Rochester"),
    ("315", "Syracuse"),
    ("201", "Jersey City"),
    ("609", "Trenton"),
    ("215", "Philadelphia"),
    ("412", "Pittsburgh"),
    ("617", "Boston"),
    ("413", "Springfield"),
    ("401", "Providence"),
    ("203", "New Haven"),
    ("860", "Hartford"),
    ("410", "Baltimore"),
    ("302", "Wilmington"),
    ("804", "Richmond"),
    ("216", "Cleveland"),
    ("513", "Cincinnati"),
    ("614", "Columbus"),
    ("419", "Toledo"),
    ("313", "Detroit"),
    ("704", "Charlotte"),
    ("404", "Atlanta"),
    ("207", "Portland"),
)


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _pairs(names: str) -> tuple[tuple[str, str], ...]:
    """Family names for a man and a woman: Polish -ski, -cki and Russian -ов, -ев, -ин change, others do not."""
    return tuple((name, _of_a_woman(name)) for name in _words(names))


def _of_a_woman(name: str) -> str:
    if name.endswith(("ski", "cki")):
        return name[:-1] + "a"
    if name.endswith(("ов", "ев", "ин")):
        return name + "а"
    return name


FIRST_NAMES = {
    "en": (
        _words(
            "Adam Ben Caleb Daniel Edward Frank George Henry Isaac Jack Kevin Liam Mark Nathan Oliver Paul Robert "
            "Samuel Thomas Walter"
        ),
        _words(
            "Alice Beth Clara Diana Ellen Faith Grace Hannah Irene Jane Karen Laura Mary Nora Olivia Paula Rose "
            "Sarah Tessa Violet"
        ),
    ),
    "pl": (
        _words(
            "Adam Bartosz Cezary Dariusz Filip Grzegorz Henryk Jakub Kamil Łukasz Marcin Paweł Rafał Stanisław "
            "Tomasz Wojciech"
        ),
        _words(
            "Agnieszka Barbara Celina Dorota Ewa Grażyna Halina Iwona Joanna Katarzyna Łucja Małgorzata Natalia "
            "Renata Stefania Zofia"
        ),
    ),
    "ru": (
        _words(
            "Алексей Борис Виктор Григорий Дмитрий Евгений Иван Кирилл Леонид Максим Николай Олег Павел Роман "
            "Сергей Фёдор"
        ),
        _words("Анна Белла Вера Галина Дарья Елена Жанна Ирина Ксения Лидия Мария Надежда Ольга Полина Софья Юлия"),
    ),
}

LAST_NAMES = {
    "en": _pairs(
        "Applewell Barleybrook Beanfield Berrywood Breadley Butterfield Cabbagetown Candlewick Carrotson "
        "Cerealman Cheeseworth Cherrytree Cloverdale Cocoaman Cornwell Creamer Eggleston Figgins Flourman "
        "Gingerman Grapeley Honeywell Jamison Juicewell Lemonby Lettuceford Maplewood Melonby Milkwood Mintley "
        "Muffinson Mustardson Noodleman Nutley Oatfield Oliveson Onionby Orangewell Peachtree Peppercorn "
        "Picklesby Plumley Potatoson Pumpkinson Radishby Raisinette Ricewell Saltmarsh Soupman Spicer Sugarman "
        "Teaworth Tomatoson Turnipson Waffleton Wheatley"
    ),
    "pl": _pairs(
        "Agrestowski Bananowicz Bułeczka Burakowski Chlebnicki Cukierski Cytrynowicz Dyniowski Fasolski "
        "Grochowicki Herbatnicki Jabłonecki Jagodziński Kaszowski Kawowski Kminkowski Koperkowicz Makowiecki "
        "Malinowicz Marchewka Masłowiecki Miodowicz Mlecznicki Ogórkiewicz Orzechowicz Pietruszka Pomidorski "
        "Porzeczkowski Rzepakowski Sałatka Serowicz Śliwkowicz Śmietanka Twarogowski Ziemniaczyk Żytniewski"
    ),
    "ru": _pairs(
        "Абрикосов Апельсинов Арбузов Баклажанов Булочкин Вареньев Ватрушкин Виноградов Горошкин Грибочкин "
        "Дынькин Изюмов Капустин Картошкин Кашин Кефиров Клюквин Кофейников Лимонов Маслов Медовкин Молочков "
        "Морковкин Огурцов Орешкин Петрушкин Пирогов Помидоров Пряников Сахарков Сливкин Сметанин Сухариков "
        "Сырников Творогов Тыквин Укропов Хлебушкин Чайников Яблочкин"
    ),
}

_LATIN = _words("a b v g d e e zh z i y k l m n o p r s t u f kh ts ch sh shch y e yu ya")
CYRILLIC = dict(zip("абвгдеёжзийклмнопрстуфхцчшщыэюя", _LATIN, strict=True)) | {"ъ": "", "ь": ""}
