"""Serve requests: from the network, through the checks of their route, to the answer's headers.

`gateway.py` (ASGI) hands the head of each request to a thread (`thread_pool.py`), receives the body
once the head is accepted, and sends the answer as fast as the client takes it: a thread costs
memory, and none waits for a client. `pipeline.py` (WSGI) is around every answer; `application.py`
is Flask, and `checks.py` checks the head before every view.

It imports `jsonapi`, `imaging`, `context` and what these may import, and no feature: `app.py` hands
in what it needs of them.
"""
