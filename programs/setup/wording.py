"""Words for what is written down about setting up a program."""

from django.utils.translation import pgettext_lazy

from loyalty.kernel import codes

codes.register(codes.DEED, {"event_kind.declared": pgettext_lazy("deed", "Event kind declared")})
