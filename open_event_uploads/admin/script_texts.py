"""The texts of the pages' scripts, by the names that the scripts know (`static/texts.js`)."""

from open_event_uploads.admin.translate import gettext, gettext_noop, ngettext

TEXTS = {
    # A new file.
    "queued": gettext_noop("Waits for other files"),
    "checking": gettext_noop("Is being checked"),
    "arrived": gettext_noop("%(sent)s of %(size)s"),
    "waiting": gettext_noop("%(sent)s of %(size)s. %(problem)s It goes on by itself."),
    "paused": gettext_noop("Paused at %(sent)s of %(size)s"),
    "stopped": gettext_noop("Stopped at %(sent)s of %(size)s"),
    "missing": gettext_noop(
        "%(sent)s of %(size)s arrived earlier. Choose the file again to go on."
    ),
    "ending": gettext_noop("Is being cancelled"),
    "done": gettext_noop("Uploaded"),
    "refused": gettext_noop("Not uploaded"),
    "pause": gettext_noop("Pause"),
    "continue": gettext_noop("Continue"),
    "choose": gettext_noop("Choose the file again"),
    "other-file": gettext_noop(
        "%(other)s is not the same file: choose %(name)s of %(size)s, unchanged."
    ),
    # What screen readers say of it.
    "was-uploaded": gettext_noop("%(name)s was uploaded."),
    "was-cancelled": gettext_noop("%(name)s was cancelled."),
    "was-refused": gettext_noop("%(name)s was refused. %(problem)s"),
    "has-stopped": gettext_noop("%(name)s has stopped. %(problem)s"),
    # Several uploads that are changed together.
    "edited": gettext_noop("%(done)s of %(total)s uploads are done."),
    # Problems.
    "unreadable": gettext_noop(
        "The file cannot be read: it was changed, moved or removed. "
        "Cancel this, and choose it again."
    ),
    "no-connection": gettext_noop("No connection."),
    "unreachable": gettext_noop(
        "The server could not be reached, or closed the connection. Try again."
    ),
    "signed-out": gettext_noop(
        "You are not signed in any more. Sign in in another tab, then continue."
    ),
    "answered": gettext_noop("The server answered %(status)s."),
    # Buttons and previews.
    "copied": gettext_noop("Copied"),
    "not-copied": gettext_noop("Not copied"),
    "preview": gettext_noop("%(width)s × %(height)s pixels, %(size)s"),  # noqa: RUF001 - a multiplication sign
}
# Of the plural forms of our languages, each with a number that has it.
_CATEGORIES = (("one", 1), ("other", 2))
# The scripts put it in.
_NUMBER = "%(num)s"


def script_texts() -> dict[str, str | dict[str, str]]:
    """Return all texts in the language of the page; of a text with a number, its plural forms.

    The scripts put values in place of `%(name)s`, and choose a form by its plural category
    (Unicode CLDR, "Language Plural Rules").
    """
    texts: dict[str, str | dict[str, str]] = {name: gettext(text) for name, text in TEXTS.items()}
    texts["uploaded"] = {
        category: ngettext(
            "%(num)s file was uploaded.", "%(num)s files were uploaded.", number, num=_NUMBER
        )
        for category, number in _CATEGORIES
    }
    texts["bytes"] = {
        category: ngettext("%(num)s byte", "%(num)s bytes", number, num=_NUMBER)
        for category, number in _CATEGORIES
    }
    return texts
