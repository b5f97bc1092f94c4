"""What a Python user would pick instead: Django REST framework JSON:API, behind gunicorn.

Written as its documentation shows, with what our server has too: a token with each request, rows
with the same attributes, and files and rows that outlive a power cut. It reads no more of an image
than its header.

settings     Django's, all in one module
models       the row
storage      files that are on the disk before the row is written
serializers  `data` comes as a data URI (`Base64ImageField`), everything else goes out
authentication   who asks
views        the resource
urls         its addresses, and those of the files
prepare      the tables and a token
wsgi         what gunicorn serves
"""
