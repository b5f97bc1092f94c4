"""Decode in processes of their own, where a hostile file can harm only the decoder.

`DECODERS.inspect` and `DECODERS.render` (in `pool`) call `inspect_image` and `render` in another
process, with the same results and errors. Imports nothing from outside `imaging` but `confined`,
`errors` and `blocking`.

- `limits`: memory and time that a job may take, by the size of its image;
- `messages`: jobs and their answers;
- `child`: the process that decodes;
- `process`: one such process, seen from the server;
- `pool`: as many processes as cores, shared by all threads of the server.
"""
