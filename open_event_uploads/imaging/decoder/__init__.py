"""Decoding apart from the server, where whatever a file does to a decoder harms only itself.

`DECODERS.inspect` and `DECODERS.render` (in `pool`) do in a process of their own what
`inspect_image` and `render` do, with the same results and errors:

- `limits`: what one job may take of memory and time;
- `messages` and `channel`: what the two processes say to each other, and how;
- `child`: the process that decodes;
- `process`: one such process, as the server sees it;
- `pool`: as many of them as there are cores, for all threads of the server.
"""
