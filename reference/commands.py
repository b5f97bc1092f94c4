"""Describe every command: what it does, its arguments and options, and its exit statuses."""

import inspect
from collections.abc import Iterator

import click

from open_event_uploads.cli import PROGRAM, cli
from reference.table import table

_PAGE = """# Commands

Look up a command, its options and its exit status. `open-event-uploads COMMAND --help` prints the same. In a checkout, `python manage.py` is the same program. The [settings](settings.md) are environment variables.

| exit status | meaning |
|---|---|
| 0 | done |
| 1 | the command found problems, and names them: `verify`, `import`, `export`, `backfill`, `move-storage` |
| 2 | the command could not begin or continue; one line on standard error names the setting or argument, and the reason |

Made from the commands by `python -m reference`.
"""

# Of Flask-Migrate's commands, those that an operator needs; the rest change migrations.
_MIGRATIONS = {"current", "downgrade", "history", "upgrade"}


def commands_page() -> str:
    """Return the page of all commands, in Markdown."""
    return "\n".join([_PAGE, *_sections(cli, click.Context(cli, info_name=PROGRAM))])


def _sections(group: click.Group, context: click.Context) -> Iterator[str]:
    for name in sorted(group.list_commands(context)):
        command = group.get_command(context, name)
        if command is None or command.hidden:
            continue
        inner = click.Context(command, info_name=name, parent=context)
        if isinstance(command, click.Group):
            yield from _sections(command, inner)
        elif group.name == "db" and name not in _MIGRATIONS:
            continue
        else:
            yield _section(command, inner)


def _section(command: click.Command, context: click.Context) -> str:
    usage = " ".join(context.command_path.split()[1:])
    help_ = inspect.cleandoc(command.help or "").replace("\b\n", "")
    options = [
        _row(each, context)
        for each in command.params
        if isinstance(each, click.Option) and not each.hidden
    ]
    parts = [f"## `{usage}`", help_, f"```text\n{_usage(command, context)}\n```"]
    return (
        "\n\n".join([*parts, *([table(("option", "meaning"), options)] if options else [])]) + "\n"
    )


def _usage(command: click.Command, context: click.Context) -> str:
    return " ".join([context.command_path, *command.collect_usage_pieces(context)])


def _row(option: click.Option, context: click.Context) -> list[str]:
    record = option.get_help_record(context)
    names, text = record or (", ".join(option.opts), option.help or "")
    return [f"`{names}`", text]
