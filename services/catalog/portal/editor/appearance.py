"""The form by which administrators set how their tenant shows itself."""

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlencode

from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.catalog.domain.appearance import MEDIA_TYPES, MOST_OCTETS, Accent, Appearance
from services.catalog.domain.editor import Editor
from services.catalog.operations.appearances import (
    change_appearance,
    change_emblem,
    find_publisher,
    require_administrator,
)
from services.catalog.portal.editor import guard
from services.catalog.portal.editor.form import MAIL, text_of
from services.catalog.portal.page import Page
from services.kernel.errors import InvalidRequest, TooLarge
from services.kernel.tenancy import fold_name

PAGE: Final = "/editor/appearance"
_LONGEST: Final = 200
_WEB: Final = re.compile(r"https?://[^\s<>\"]{1,2000}")
_TEXTS: Final = ("name", "name_en", "description", "description_en", "contact_name", "contact_email", "contact_url")
_TOO_LONG: Final = ("200文字までで入力してください。", "Enter at most 200 characters.")
_NO_PICTURE: Final = (
    "1MBまで、縦横2,048ピクセルまでのPNG、JPEG、WebPの画像を選んでください。",
    "Choose a PNG, JPEG or WebP picture of at most 1 MB and 2,048 pixels a side.",
)


@dataclass(frozen=True, slots=True)
class AppearanceForm:
    """What the form holds, as text, and what is wrong with it: in Japanese and English, by field."""

    values: Mapping[str, str]
    faults: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    @classmethod
    def of_appearance(cls, appearance: Appearance) -> "AppearanceForm":
        """Fill the form with what a tenant says."""
        texts = {"name": appearance.names, "description": appearance.descriptions}
        said = {
            f"{name}{end}": text.get(tag, "")
            for name, text in texts.items()
            for tag, end in (("ja", ""), ("en", "_en"))
        }
        asked = {name: getattr(appearance, name) for name in ("contact_name", "contact_email", "contact_url", "accent")}
        return cls({**said, **asked})

    @classmethod
    def of_form(cls, form: FormData) -> "AppearanceForm":
        """Read what was sent."""
        values = {name: text_of(form, name).strip() for name in (*_TEXTS, "accent")}
        faults = {name: _TOO_LONG for name in _TEXTS if len(values[name]) > _LONGEST or "\x00" in values[name]}
        if values["contact_email"] and not MAIL.fullmatch(values["contact_email"]):
            faults["contact_email"] = ("メールアドレスの形を確認してください。", "Check the address.")
        if values["contact_url"] and not _WEB.fullmatch(values["contact_url"]):
            faults["contact_url"] = (
                "https:// から始まるURLを入力してください。",
                "Enter an address that begins with https://.",
            )
        if (values["contact_email"] or values["contact_url"]) and not values["contact_name"]:
            faults["contact_name"] = ("担当の名前を入力してください。", "Enter who it is.")
        if values["accent"] and values["accent"] not in set(Accent):
            faults["accent"] = ("色を選んでください。", "Choose a colour.")
        return cls(values, faults)

    def appearance(self, known: Appearance) -> Appearance:
        """Return what the form says; texts in other languages stay."""
        given = self.values
        return dataclasses.replace(
            known,
            names=_texts(known.names, given["name"], given["name_en"]),
            descriptions=_texts(known.descriptions, given["description"], given["description_en"]),
            **{name: given[name] for name in ("contact_name", "contact_email", "contact_url", "accent")},
        )


def _texts(known: Mapping[str, str], japanese: str, english: str) -> dict[str, str]:
    return {tag: text for tag, text in {**known, "ja": japanese, "en": english}.items() if text}


async def show(request: Request) -> Response:
    """Show the form. Raises NotAuthenticated, NotAllowed."""
    page = Page.of(request)
    writer = Editor(
        await guard.signed_in(request, page.site), fold_name(request.query_params.get("tenant", ""), "tenant")
    )
    return await _form(page, writer)


async def save(request: Request) -> Response:
    """Take what was sent. Raises NotAuthenticated, NotAllowed."""
    page = Page.of(request)
    writer = await guard.editor(request, page.site)
    async with request.form(max_files=1, max_fields=50, max_part_size=MOST_OCTETS) as form:
        writer = dataclasses.replace(writer, tenant=fold_name(text_of(form, "tenant"), "tenant"))
        await require_administrator(page.site.catalogue, writer)
        sent = AppearanceForm.of_form(form)
        if sent.faults:
            return await _form(page, writer, sent)
        try:
            await _take_emblem(page, writer, form)
        except (InvalidRequest, TooLarge):
            return await _form(page, writer, dataclasses.replace(sent, faults={"emblem": _NO_PICTURE}))
    known = await find_publisher(page.site.catalogue, writer.tenant or "")
    await change_appearance(page.site.catalogue, writer, sent.appearance(known.appearance if known else Appearance()))
    return RedirectResponse(f"{PAGE}?{urlencode({'tenant': writer.tenant, 'saved': 'yes'})}", 303)


async def _take_emblem(page: Page, writer: Editor, form: FormData) -> None:
    file = form.get("emblem")
    if isinstance(file, UploadFile) and file.filename:
        await change_emblem(page.site.catalogue, writer, await file.read(MOST_OCTETS + 1))
    elif text_of(form, "no_emblem"):
        await change_emblem(page.site.catalogue, writer, None)


async def _form(page: Page, writer: Editor, sent: AppearanceForm | None = None) -> Response:
    await require_administrator(page.site.catalogue, writer)
    known = await find_publisher(page.site.catalogue, writer.tenant or "")
    return page.render(
        "editor/appearance.html",
        400 if sent else 200,
        form=sent or AppearanceForm.of_appearance(known.appearance if known else Appearance()),
        publisher=known,
        tenant=writer.tenant,
        is_saved=sent is None and "saved" in page.request.query_params,
        accents=tuple(Accent),
        media_types=MEDIA_TYPES,
    )
