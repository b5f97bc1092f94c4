"""The addresses: as those of our server, so that both are asked the same."""

from django.conf import settings
from django.urls import include, path, re_path
from django.views.static import serve
from rest_framework.routers import DefaultRouter

from peer.views import UploadViewSet

_router = DefaultRouter(trailing_slash=False)
_router.register("uploads", UploadViewSet, basename="uploads")

urlpatterns = [
    path("v1/", include(_router.urls)),
    # So that what was stored can be looked at; not measured, for a web server would do this.
    re_path("^media/(?P<path>.*)$", serve, {"document_root": settings.MEDIA_ROOT}),
]
