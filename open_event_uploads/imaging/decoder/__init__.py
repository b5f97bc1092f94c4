"""Decode in processes of their own, where a hostile file can harm only the decoder.

`DECODERS.inspect` and `DECODERS.render` (in `pool`) call `inspect_image` and `render` in another
process, with the same results and errors. Imports nothing from outside `imaging` but `errors` and
`blocking`.

- `limits`: memory and time of one job;
- `messages` and `channel`: the protocol between the two processes;
- `child`: the process that decodes;
- `process`: one such process, seen from the server;
- `pool`: as many processes as cores, shared by all threads of the server.
"""
