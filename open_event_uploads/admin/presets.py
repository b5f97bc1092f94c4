"""Serve `/admin/presets`: list, create, change, delete and preview presets."""

from typing import Any

from flask import Response, current_app, flash, redirect, request
from flask_admin import expose
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from open_event_uploads.admin.form import Form, errors_of, sent_form, sent_version
from open_event_uploads.admin.page import Page
from open_event_uploads.context import current_storage, db
from open_event_uploads.database.types import is_id
from open_event_uploads.errors import InvalidPreset, NotFound, UploadsError
from open_event_uploads.imaging.formats import BY_MEDIA_TYPE
from open_event_uploads.imaging.preset import ENCODINGS, FITS, Preset
from open_event_uploads.uploads.model import Upload, find_upload, is_served
from open_event_uploads.variants.delete_preset import delete_preset
from open_event_uploads.variants.model import SavedPreset
from open_event_uploads.variants.preset_cache import current_presets
from open_event_uploads.variants.preview_preset import preview_preset
from open_event_uploads.variants.save_preset import create_preset, update_preset

_WHOLE = ("width", "height", "quality")
_PARTS = ("focal_x", "focal_y")
_FIELDS = ("name", *_WHOLE, "fit", *_PARTS, "encoding")
_NEW = {"width": 400, "height": 300, "fit": "cover", "encoding": "webp", "quality": 80}


class PresetPages(Page):
    """Serve the pages of presets."""

    def __init__(self) -> None:
        super().__init__("Presets", endpoint="admin_presets", url="/admin/presets")

    @expose("/")
    def index(self) -> Response:
        """Show all presets."""
        saved = db.session.scalars(select(SavedPreset).order_by(SavedPreset.name)).all()
        return self.show("presets.html", presets=saved)

    @expose("/new", methods=("GET", "POST"))
    def new(self) -> AnyResponse:
        """Create a preset."""
        if request.method != "POST":
            return self._show(None, {**_NEW, "focal_x": 0.5, "focal_y": 0.5})
        try:
            values = _values(sent_form())
            create_preset(values.pop("name"), values, engine=db.engine)
        except UploadsError as error:
            return self._show(None, sent_form().to_dict(), error)
        return self._done("The preset was created.")

    @expose("/<id:id>", methods=("GET", "POST"))
    def one(self, id: str) -> AnyResponse:  # noqa: A002 - the address's name for it
        """Show and change a preset."""
        saved = _load_preset(id)
        if request.method != "POST":
            return self._show(saved, {name: getattr(saved, name) for name in _FIELDS})
        try:
            update_preset(
                saved.name, _values(sent_form()), versions=sent_version(), engine=db.engine
            )
        except UploadsError as error:
            return self._show(_load_preset(id), sent_form().to_dict(), error)
        return self._done("Saved; its variants have new URLs.")

    @expose("/<id:id>/delete", methods=("POST",))
    def delete(self, id: str) -> AnyResponse:  # noqa: A002 - the address's name for it
        """Delete a preset."""
        delete_preset(_load_preset(id).name, engine=db.engine)
        return self._done("The preset was deleted.")

    @expose("/preview")
    def preview(self) -> Response:
        """Render the newest image, or a named one, with the values of the form."""
        preset = _preset({**_values(request.args), "name": "preview"})
        upload = _sample(request.args.get("upload", ""))
        content = preview_preset(preset, upload, storage=current_storage())
        type_ = preset.format_of(BY_MEDIA_TYPE[upload.media_type]).media_type
        return current_app.response_class(content, content_type=type_)

    def _done(self, message: str) -> AnyResponse:
        current_presets(fresh=True)  # other processes do so within seconds
        flash(message)
        return redirect(self.get_url("admin_presets.index"), 303)

    def _show(
        self, saved: SavedPreset | None, written: dict[str, Any], error: UploadsError | None = None
    ) -> Response:
        problems = list(errors_of(error)) if error else []
        return self.show(
            "preset.html",
            problems[0].status if problems else 200,
            saved=saved,
            written=written,
            problems=problems,
            fits=FITS,
            encodings=ENCODINGS,
            sample=_newest(),
        )


def _load_preset(id_: str) -> SavedPreset:
    found = db.session.get(SavedPreset, id_, populate_existing=True) if is_id(id_) else None
    if found is None:
        raise NotFound("There is no such preset.")
    return found


def _newest() -> Upload | None:
    pictures = select(Upload).where(Upload.media_type.in_(BY_MEDIA_TYPE), is_served())
    return db.session.scalar(pictures.order_by(Upload.created_at.desc(), Upload.id.desc()).limit(1))


def _sample(id_: str) -> Upload:
    found = find_upload(id_, db.session()) if is_id(id_) else _newest()
    # No transaction is open while pixels are rendered; a rollback would expire the row.
    db.session.expunge_all()
    db.session.rollback()
    if found is None or found.media_type not in BY_MEDIA_TYPE or found.status != "ready":
        raise NotFound("Upload an image first; then it can be shown in this size.")
    return found


def _values(form: Form) -> dict[str, Any]:
    """Return the values of a form, with numbers converted.

    Raises:
        InvalidPreset: a number is not valid.
    """
    values: dict[str, Any] = {name: form[name] for name in _FIELDS if form.get(name)}
    for name, kind in [*((each, int) for each in _WHOLE), *((each, float) for each in _PARTS)]:
        try:
            if name in values:
                values[name] = kind(values[name][:20])
        except ValueError:
            raise InvalidPreset("Enter a number.", attribute=name) from None
    return {"name": "", "width": None, "height": None, **values}


def _preset(values: dict[str, Any]) -> Preset:
    """Return the preset with these values.

    Raises:
        InvalidPreset: the values are not valid together.
    """
    try:
        return Preset(**values)
    except ValueError as error:
        raise InvalidPreset(str(error)) from None
