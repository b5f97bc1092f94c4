"""Make images in other sizes: presets (named sizes) and variants (an upload in one of them).

May import `context`, `jsonapi`, `imaging`, `storage` and `database`, but no other feature: an
upload comes as an object with the attributes that `Variant` lists.
"""
