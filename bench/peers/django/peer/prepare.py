"""Create the tables, and print a new token: `python -m peer.prepare`."""

import os

import django
from django.core.management import call_command

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "peer.settings")


def main() -> None:
    """Prepare the peer as an operator does before the first start."""
    django.setup()
    call_command("migrate", verbosity=0)
    from django.contrib.auth.models import User  # noqa: PLC0415 - needs Django to be set up
    from rest_framework.authtoken.models import Token  # noqa: PLC0415 - needs Django to be set up

    owner = User.objects.create_user("bench")
    print(Token.objects.create(user=owner).key)


if __name__ == "__main__":
    main()
