"""Processes of ours that handle hostile input: confined, without secrets, ended when they are late.

`imaging/decoder/` decodes in them and `maintenance/fetch/` fetches. Imports nothing of ours.

- `process`: one such process, seen from the one that started it;
- `serve`: what runs in it;
- `channel`: the connection between the two;
- `limits`: what it may do, and the memory and time of one job.
"""
