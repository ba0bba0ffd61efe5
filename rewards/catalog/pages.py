"""Pictures of rewards, for whoever may look at the catalog."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from loyalty.kernel import files
from loyalty.kernel.errors import NotFound
from loyalty.kernel.pages import staff
from rewards.catalog.models import Reward

# A drawing may carry its own styles and nothing else: no script, nothing loaded.
PICTURE_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
KEPT_FOR_SECONDS = 86400


@require_safe
@staff.staff_page("rewards.view")
def show_picture(request: HttpRequest, file_id: UUID) -> HttpResponse:
    """The picture of a reward; any other stored file does not exist here."""
    if not Reward.objects.filter(picture__public_id=file_id).exists():
        raise NotFound()
    file = files.find(file_id)
    return HttpResponse(
        b"".join(files.read(file)),
        content_type=file.content_type,
        headers={
            "Content-Security-Policy": PICTURE_POLICY,
            "X-Content-Type-Options": "nosniff",
            # A changed picture is another file with another address.
            "Cache-Control": f"private, max-age={KEPT_FOR_SECONDS}, immutable",
        },
    )
