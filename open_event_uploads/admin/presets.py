"""`/admin/presets`: the presets, with a preview of what each makes of a picture."""

from typing import Any

from flask import Response, flash, redirect
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from open_event_uploads.admin.page import Page
from open_event_uploads.admin.policies import READ, WRITE, route
from open_event_uploads.admin.read_form import Form, errors_in, read_form, read_version
from open_event_uploads.admin.translate import gettext, gettext_noop
from open_event_uploads.context import current_storage, db
from open_event_uploads.current import current_application, current_request
from open_event_uploads.database.read import read
from open_event_uploads.errors import InvalidPreset, NotFound, ObjectNotFound, UploadsError
from open_event_uploads.imaging.formats import BY_MEDIA_TYPE
from open_event_uploads.imaging.preset import ENCODINGS, FITS, Preset
from open_event_uploads.uploads.model import Upload, UploadRow, is_served
from open_event_uploads.uploads.rows import read_upload
from open_event_uploads.variants.make import render_upload
from open_event_uploads.variants.model import SavedPreset, SavedPresetRow
from open_event_uploads.variants.preset_cache import current_presets
from open_event_uploads.variants.write_preset import create_preset, delete_preset, update_preset

_INTEGERS = ("width", "height", "quality")
_FRACTIONS = ("focal_x", "focal_y")
_FIELDS = ("name", *_INTEGERS, "fit", *_FRACTIONS, "encoding")
_NEW = {
    "width": 400,
    "height": 300,
    "fit": "cover",
    "focal_x": 0.5,
    "focal_y": 0.5,
    "encoding": "webp",
    "quality": 80,
}


class PresetPages(Page):
    """Provide the list of presets, the page of each, a form for a new one, and the preview."""

    def __init__(self) -> None:
        super().__init__(gettext_noop("Presets"), endpoint="admin_presets", url="/admin/presets")

    @route("/", GET=READ)
    def index(self) -> Response:
        """List all presets."""
        ordered = select(SavedPreset).order_by(SavedPreset.name)
        return self.show("presets.html", presets=read(db.engine, ordered, SavedPresetRow))

    @route("/new", GET=READ, POST=WRITE)
    def new(self) -> AnyResponse:
        """Create a preset: a further size of every picture."""
        if current_request().method != "POST":
            return self._show(None, _NEW)
        try:
            values = _read_values(read_form())
            create_preset(values.pop("name"), values, engine=db.engine)
        except UploadsError as error:
            return self._show(None, read_form().to_dict(), error)
        return self._finish(gettext("The preset was created."))

    @route("/<id:id>", GET=READ, POST=WRITE)
    def details(self, id: str) -> AnyResponse:  # noqa: A002 - the URL's name for it
        """Show a preset, and change it."""
        saved = _load_preset(id)
        if current_request().method != "POST":
            return self._show(saved, {name: getattr(saved, name) for name in _FIELDS})
        try:
            values = _read_values(read_form())
            update_preset(saved.name, values, versions=read_version(), engine=db.engine)
        except UploadsError as error:
            return self._show(_load_preset(id), read_form().to_dict(), error)
        return self._finish(gettext("Saved. The pictures of this preset have new addresses."))

    @route("/<id:id>/delete", POST=WRITE)
    def delete(self, id: str) -> AnyResponse:  # noqa: A002 - the URL's name for it
        """Delete a preset."""
        delete_preset(_load_preset(id).name, engine=db.engine)
        return self._finish(gettext("The preset was deleted."))

    @route("/preview", GET=READ)
    def preview(self) -> Response:
        """Answer with the picture that a preset makes of the newest picture, or of a named one."""
        preset = _make_preset({**_read_values(current_request().args), "name": "preview"})
        upload = _load_sample(current_request().args.get("upload", ""))
        try:
            content = render_upload(upload, preset, storage=current_storage())
        except ObjectNotFound:
            raise NotFound("The image was deleted meanwhile.") from None
        type_ = preset.format_of(BY_MEDIA_TYPE[upload.media_type]).media_type
        return current_application().response_class(content, content_type=type_)

    def _finish(self, message: str) -> AnyResponse:
        current_presets(fresh=True)  # this process uses it now, others within seconds
        flash(message)
        return redirect(self.get_url("admin_presets.index"), 303)

    def _show(
        self,
        saved: SavedPresetRow | None,
        written: dict[str, Any],
        error: UploadsError | None = None,
    ) -> Response:
        return self.show(
            "preset.html",
            error.status if error else 200,
            saved=saved,
            written=written,
            problems=errors_in(error),
            fits=FITS,
            encodings=ENCODINGS,
            sample=_newest_picture(),
        )


def _load_preset(id_: str) -> SavedPresetRow:
    found = read(db.engine, select(SavedPreset).where(SavedPreset.id == id_), SavedPresetRow)
    if not found:
        raise NotFound("There is no preset with this id; somebody may have deleted it.")
    return found[0]


def _newest_picture() -> UploadRow | None:
    pictures = select(Upload).where(Upload.media_type.in_(BY_MEDIA_TYPE), is_served())
    newest = pictures.order_by(Upload.created_at.desc(), Upload.id.desc()).limit(1)
    return next(iter(read(db.engine, newest, UploadRow)), None)


def _load_sample(id_: str) -> UploadRow:
    found = read_upload(db.engine, id_) if id_ else _newest_picture()
    if found is None or found.media_type not in BY_MEDIA_TYPE or found.status != "ready":
        raise NotFound("There is no picture to preview. Upload one first.")
    return found


def _read_values(form: Form) -> dict[str, Any]:
    """Return the values of a form, as numbers where the preset has numbers.

    Raises:
        InvalidPreset: a number is needed.
    """
    values: dict[str, Any] = {name: form[name] for name in _FIELDS if form.get(name)}
    for name in values.keys() & {*_INTEGERS, *_FRACTIONS}:
        try:
            values[name] = (int if name in _INTEGERS else float)(values[name][:20])
        except ValueError:
            raise InvalidPreset("A number is needed.", attribute=name) from None
    return {"name": "", "width": None, "height": None, **values}


def _make_preset(values: dict[str, Any]) -> Preset:
    """Return the preset with these values.

    Raises:
        InvalidPreset: they do not fit together.
    """
    try:
        return Preset(**values)
    except ValueError as error:
        raise InvalidPreset(*error.args) from None
