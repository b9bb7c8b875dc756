"""全国地方公共団体コード: every prefecture and municipality, from the published lists."""

from collections.abc import Iterator

from services.catalog.domain.local_government import check_digit, is_code, statistics_uri
from services.catalog.vocabularies.scheme import Concept
from services.kernel.local_governments import published


def local_governments() -> Iterator[Concept]:
    """Return the prefectures, each followed by nothing of its own, then the municipalities below them."""
    above = {}
    for row in published("prefectures"):
        code = f"{int(row['pid']):02}000"
        code += check_digit(code)
        above[row["pref"]] = code
        yield Concept(
            code,
            {"ja": row["pref"], "ja-Hira": row["prefkana"], "en": row["pref_en"]},
            same=(statistics_uri(code),),
            place=(float(row["lat"]), float(row["lng"])),
        )
    for row in published("municipalities"):
        code = row["lgcode"]
        if not is_code(code):
            raise ValueError(f"The list of municipalities has {code}, whose check digit is wrong")
        names = {"ja": f"{row['pref']}{row['city']}".replace(" ", ""), "ja-Hira": row["citykana"].replace(" ", "")}
        place = (float(row["lat"]), float(row["lng"])) if row["lat"] and row["lng"] else None
        others = {"ja": row["city"]}
        yield Concept(code, names, others=others, broader=above[row["pref"]], same=(statistics_uri(code),), place=place)
