"""Tagged PDF by WeasyPrint, which needs Pango from the system."""

import weasyprint
from weasyprint.urls import URLFetcher


def render(html: str) -> bytes:
    """A self-contained page as a tagged PDF; nothing but data addresses is opened."""
    fetcher = URLFetcher(allowed_protocols={"data"}, allow_redirects=False)
    made = weasyprint.HTML(string=html, url_fetcher=fetcher).write_pdf(pdf_tags=True)
    assert made is not None
    return bytes(made)
