"""The request and the application at work, without Flask's proxies.

A proxy looks its object up at each use, which is as expensive as a short function, and a request
had sixty of them. These functions return the object itself.
"""

from collections.abc import Callable
from typing import Any

import flask


def _getter(proxy: Any) -> Callable[[], Any]:  # noqa: ANN401 - any of Flask's
    # Documented (Flask, "The Request Context", "Notes On Proxies"), but not in the types.
    getter: Callable[[], Any] = proxy._get_current_object  # noqa: SLF001 - as above
    return getter


current_request: Callable[[], flask.Request] = _getter(flask.request)
current_application: Callable[[], flask.Flask] = _getter(flask.current_app)
# The one object of a request that holds what is known of it so far.
current_g: Callable[[], Any] = _getter(flask.g)
