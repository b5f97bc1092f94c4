"""The peer: Django REST framework JSON:API under gunicorn, as a Python user would pick it.

It is written as the documentation shows. Like the product it has a token with each request, rows
with the same attributes, and durable files and rows. It reads only the header of an image.

settings     Django's, all in one module
models       the row
storage      durable files
serializers  `data` is a data URI (`Base64ImageField`)
authentication  bearer tokens
views        the resource
urls         its addresses, and those of the files
prepare      create the tables and a token
wsgi         the application
"""
