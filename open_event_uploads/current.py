"""The request and the application at work, without Flask's proxies.

A proxy looks its object up at each use, sixty times a request: 15 % of a read's processor time.
These functions return the object itself, and no other module imports a proxy.
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
# Flask names it `g`: an object for what is known of the request so far.
current_g: Callable[[], Any] = _getter(flask.g)
