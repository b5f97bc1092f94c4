"""Put errors into the language of the page.

Where an error is raised its sentence is English, as the API answers it. A sentence without figures
is in the catalogue as it is, and the template of a `Sentence`, too. Another one with figures is
written anew by its stable code; where there is none for a code, its title is translated and the
English sentence follows.
"""

from collections.abc import Mapping

from open_event_uploads.admin.formatting import format_size
from open_event_uploads.admin.language import ENGLISH, current_language
from open_event_uploads.admin.translate import format_number, gettext, gettext_noop
from open_event_uploads.errors import Sentence, UploadsError
from open_event_uploads.uploads.fields import FIELDS

# `limit` and `actual` are bytes.
_BYTES = {
    "file-too-large": gettext_noop("The file is too large: at most %(limit)s are allowed."),
    "request-too-large": gettext_noop("The file is too large: at most %(limit)s are allowed."),
    "quota-exceeded": gettext_noop(
        "All files of the user together would have %(actual)s; %(limit)s are allowed."
    ),
    "daily-quota-exceeded": gettext_noop(
        "%(actual)s would have been sent today; %(limit)s are allowed a day."
    ),
}
_NUMBERS = {
    "too-many-pixels": gettext_noop(
        "The picture has too many pixels: at most %(limit)s are allowed."
    ),
    "too-many-frames": gettext_noop(
        "The animation has too many frames: at most %(limit)s are allowed."
    ),
    "too-many-resumable-uploads": gettext_noop(
        "You have too many unfinished uploads: at most %(limit)s are allowed."
    ),
    "too-many-tokens": gettext_noop("The user has too many tokens: at most %(limit)s are allowed."),
}
_SENTENCES = {
    "rate-limit-exceeded": gettext_noop("Too many requests; wait a little and try again."),
    "unsupported-file-type": gettext_noop("Files of this type are not accepted here."),
    "unreadable-metadata": gettext_noop("The metadata of the picture cannot be removed."),
    "precondition-failed": gettext_noop("It was changed meanwhile; open the page again."),
}
# Of accounts and presets; those of uploads are in `FIELDS`.
_NAMES = {
    "name": gettext_noop("Name"),
    "email": gettext_noop("Email"),
    "role": gettext_noop("Role"),
    "password": gettext_noop("Password"),
    "current_password": gettext_noop("Current password"),
    "user": gettext_noop("User"),
    "scopes": gettext_noop("Scopes"),
    "days": gettext_noop("Valid for days"),
    "width": gettext_noop("Width"),
    "height": gettext_noop("Height"),
    "quality": gettext_noop("Quality"),
    "fit": gettext_noop("Fit"),
    "encoding": gettext_noop("Format"),
}


def explain(error: UploadsError) -> str:
    """Return the sentence of an error in the language of the page."""
    detail = error.detail
    if current_language() is ENGLISH:
        return detail
    if isinstance(error.sentence, Sentence):
        return gettext(error.sentence.template, **_write(error.sentence.values))
    if (translated := gettext(detail)) != detail:
        return translated
    if (rewritten := _rewrite(error)) is not None:
        return rewritten
    title = gettext(error.title)
    return f"{title}: {detail}" if detail else title


def _write(values: Mapping[str, object]) -> dict[str, object]:
    return {
        name: format_number(each) if isinstance(each, int) else each
        for name, each in values.items()
    }


def name_field(attribute: str) -> str:
    """Return the label of the field that an error names by its attribute."""
    labels = {each.attribute: each.label for each in FIELDS}
    label = labels.get(attribute) or _NAMES.get(attribute)
    return gettext(label) if label else attribute


def _rewrite(error: UploadsError) -> str | None:
    limit, actual = error.limit or 0, error.actual or 0
    if error.limit is not None and error.code in _BYTES:
        return gettext(_BYTES[error.code], limit=format_size(limit), actual=format_size(actual))
    if error.limit is not None and error.code in _NUMBERS:
        return gettext(_NUMBERS[error.code], limit=format_number(limit))
    text = _SENTENCES.get(error.code)
    return gettext(text) if text else None
