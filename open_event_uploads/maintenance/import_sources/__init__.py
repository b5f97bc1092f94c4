"""Find the files of other systems for `import`; a module for each system.

To add one, write a frozen dataclass as in `folder.py`: its fields are the options of the command,
those without a default are required, and `walk` yields its files. Name it in `registry.py`. What
reads databases uses `database.py`, and what reads files `local_file.py`. Nothing here writes.
"""
