"""The pages and files that are made from the code: `python -m reference` writes them.

A module is a page. It may import the package, never the other way round.
"""
