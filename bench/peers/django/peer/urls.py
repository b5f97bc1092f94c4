"""The addresses, the same as the product's."""

from django.conf import settings
from django.urls import include, path, re_path
from django.views.static import serve
from rest_framework.routers import DefaultRouter

from peer.views import UploadViewSet

_router = DefaultRouter(trailing_slash=False)
_router.register("uploads", UploadViewSet, basename="uploads")

urlpatterns = [
    path("v1/", include(_router.urls)),
    # To check what was stored; not measured, because a web server would do this.
    re_path("^media/(?P<path>.*)$", serve, {"document_root": settings.MEDIA_ROOT}),
]
