"""Who asks; apart from the views, which Django REST framework imports later than this."""

from rest_framework.authentication import TokenAuthentication


class BearerAuthentication(TokenAuthentication):
    """The framework's tokens, with the word that RFC 6750 puts before them."""

    keyword = "Bearer"
