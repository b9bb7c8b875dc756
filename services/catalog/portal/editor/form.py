"""The form that describes a data set: read, held against the rules, shown again with what is wrong."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.datastructures import FormData

from services.catalog.domain.data_class import DataClass
from services.catalog.domain.dataset import Contact, Content, Dataset
from services.catalog.domain.frequency import FREQUENCIES
from services.catalog.domain.licence import LICENCES
from services.catalog.domain.theme import THEMES

_LONGEST = {"title": 300, "title_en": 300, "description": 20_000, "description_en": 20_000}
_LONGEST_LINE = 200
_MOST_KEYWORDS = 50
MAIL = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}")
_SEPARATORS = re.compile(r"[,、，\n]+")
_PLAIN = (*_LONGEST, "licence", "frequency", "data_class", "contact_name", "contact_email")


@dataclass(frozen=True, slots=True)
class Description:
    """What the form holds, as text, and what is wrong with it: in Japanese and English, by field."""

    values: Mapping[str, str]
    themes: tuple[str, ...] = ()
    keywords: str = ""
    faults: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    @classmethod
    def of_dataset(cls, dataset: Dataset) -> "Description":
        """Fill the form with what a data set says."""
        content = dataset.content
        contact = content.contact or Contact("")
        values = {
            "title": content.titles.get("ja", ""),
            "title_en": content.titles.get("en", ""),
            "description": content.descriptions.get("ja", ""),
            "description_en": content.descriptions.get("en", ""),
            "licence": content.licence if content.licence != "notspecified" else "CC-BY-4.0",
            "frequency": content.frequency or "",
            "data_class": content.data_class,
            "contact_name": contact.name,
            "contact_email": contact.email,
        }
        return cls(values, content.themes, "、".join(content.keywords))

    @classmethod
    def of_form(cls, form: FormData) -> "Description":
        """Read what was sent."""
        values = {name: text_of(form, name).strip() for name in _PLAIN}
        themes = tuple(code for code in dict.fromkeys(map(str, form.getlist("theme"))) if code in THEMES)
        read = cls(values, themes, text_of(form, "keywords"))
        return cls(values, themes, read.keywords, read.check())

    def check(self) -> dict[str, tuple[str, str]]:
        """Return what is wrong, by field, in the order of the form."""
        given, found = self.values, {}
        if not given["title"]:
            found["title"] = ("名前を入力してください。", "Enter a title.")
        for name, longest in _LONGEST.items():
            if len(given[name]) > longest:
                found[name] = (f"{longest}文字までで入力してください。", f"Enter at most {longest} characters.")
        if not given["description"]:
            found["description"] = ("どのようなデータかを入力してください。", "Say what the data are.")
        if given["licence"] not in LICENCES:
            found["licence"] = ("利用条件を選んでください。", "Choose the terms of use.")
        if given["frequency"] and given["frequency"] not in FREQUENCIES:
            found["frequency"] = ("更新頻度を選んでください。", "Choose how often it is renewed.")
        if given["data_class"] not in set(DataClass) or not DataClass(given["data_class"]).may_be_public:
            found["data_class"] = (
                "個人に関する情報を含むデータは、ここでは公開できません。",
                "Data about persons cannot be published here.",
            )
        if len(self.words()) > _MOST_KEYWORDS or any(len(word) > 100 for word in self.words()):
            found["keywords"] = (
                "キーワードは100文字以内で、50個までにしてください。",
                "At most 50 keywords of 100 characters.",
            )
        return found | self._check_contact()

    def _check_contact(self) -> dict[str, tuple[str, str]]:
        name, mail = self.values["contact_name"], self.values["contact_email"]
        if len(name) > _LONGEST_LINE or "\x00" in "".join(self.values.values()):
            return {"contact_name": ("200文字までで入力してください。", "Enter at most 200 characters.")}
        if mail and not MAIL.fullmatch(mail):
            return {"contact_email": ("メールアドレスの形を確認してください。", "Check the address.")}
        if mail and not name:
            return {"contact_name": ("担当課の名前を入力してください。", "Enter the name of the unit.")}
        return {}

    def words(self) -> tuple[str, ...]:
        """Return the keywords."""
        return tuple(dict.fromkeys(word.strip() for word in _SEPARATORS.split(self.keywords) if word.strip()))

    def content(self, known: Content) -> dict[str, Any]:
        """Return the fields of the content that the form changes; texts in other languages stay."""
        given = self.values
        return {
            "titles": _texts(known.titles, given["title"], given["title_en"]),
            "descriptions": _texts(known.descriptions, given["description"], given["description_en"]),
            "licence": given["licence"],
            "frequency": given["frequency"] or None,
            "data_class": given["data_class"],
            "themes": self.themes,
            "keywords": self.words(),
            "contact": Contact(given["contact_name"], given["contact_email"]) if given["contact_name"] else None,
        }


def _texts(known: Mapping[str, str], japanese: str, english: str) -> dict[str, str]:
    others = {language: text for language, text in known.items() if language not in ("ja", "en")}
    return {"ja": japanese, **({"en": english} if english else {}), **others}


def text_of(form: FormData, name: str) -> str:
    """Return the text of a field, an empty one where there is none."""
    value = form.get(name, "")
    return value if isinstance(value, str) else ""
