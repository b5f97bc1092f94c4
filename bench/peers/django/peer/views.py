"""The resource."""

from rest_framework_json_api.views import ModelViewSet

from peer.models import Upload
from peer.serializers import UploadSerializer


class UploadViewSet(ModelViewSet):
    """All actions on an upload."""

    queryset = Upload.objects.all()
    serializer_class = UploadSerializer
    resource_name = "uploads"
