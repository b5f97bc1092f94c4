"""Between the network and Flask: the one room that speaks ASGI.

A thread of Flask's costs memory, so there are few, and a client that sends a byte a second would
hold one for minutes. Here requests are received without one: each body has a deadline, waits in
memory or in a file without a name, and only a whole request is handed to a thread. What a slow
client fetches is sent in the same way, a part at a time, and no thread waits for it.
"""
