"""The revisions that the start compares are those of Alembic."""

from alembic.script import ScriptDirectory
from flask_migrate import downgrade

from open_event_uploads.context import current_migrations, db
from tests.conftest import AppFactory


def test_the_last_revision_is_that_of_alembic(make_app: AppFactory) -> None:
    with make_app().app_context():
        migrations = current_migrations()
        scripts = ScriptDirectory.from_config(migrations.migrate.get_config())
        known = frozenset(script.revision for script in scripts.walk_revisions())
        assert migrations.revisions == (known, scripts.get_current_head())


def test_a_database_is_outdated_until_everything_is_applied(make_app: AppFactory) -> None:
    with make_app().app_context():
        migrations = current_migrations()
        assert migrations.is_current(db.engine)
        assert not migrations.is_outdated(db.engine)
        downgrade(revision="-1")
        assert migrations.is_outdated(db.engine)
        downgrade(revision="base")
        assert migrations.is_outdated(db.engine)
        migrations.upgrade()
        assert migrations.is_current(db.engine)
