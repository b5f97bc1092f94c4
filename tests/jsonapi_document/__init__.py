"""Are this answer and this request what JSON:API 1.1 says? https://jsonapi.org/format/1.1/

Written from the text of the specification and from nothing else, so that it can judge the server.
Every rule names its section. What is checked is all that one answer shows from outside.
"""

from collections.abc import Mapping

from tests.jsonapi_document.answer import Answer
from tests.jsonapi_document.http import check_headers, has_no_document
from tests.jsonapi_document.json_text import decode
from tests.jsonapi_document.names import check_names
from tests.jsonapi_document.request import check_request
from tests.jsonapi_document.top_level import check_document

__all__ = ["check_request", "check_response"]


def check_response(  # noqa: PLR0913 - what one exchange consists of
    method: str,
    url: str,
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    *,
    sent: bytes | None = None,
) -> None:
    """Refuse an answer that is not a valid JSON:API 1.1 response.

    Args:
        method: of the request.
        url: of the request, absolute or not, with its query string.
        status: of the response.
        headers: of the response; fields that came more than once are joined by a comma.
        body: of the response.
        sent: the request's body where error pointers should be looked up in it.

    Raises:
        AssertionError: it breaks a rule; the text begins with a JSON Pointer to the place.
    """
    answer = Answer(method, url, status, headers, body, sent)
    check_headers(answer)
    if has_no_document(answer):
        return
    root = decode(body)
    check_names(root, answer.extensions)
    check_document(root.without_at_members(), answer)
