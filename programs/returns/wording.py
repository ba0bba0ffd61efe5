"""Words for what is done to terms of return."""

from django.utils.translation import pgettext_lazy

from loyalty.kernel import codes

codes.register(codes.DEED, {"return_terms.ended": pgettext_lazy("deed", "Terms ended")})
