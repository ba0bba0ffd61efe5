"""``/events``: what members do beside buying."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from loyalty.kernel import clock
from loyalty.kernel.api.authentication import holder
from loyalty.kernel.api.idempotency import REPLAY_HEADER, body_hash, request_key
from loyalty.kernel.api.views import BY_EITHER, ApiView
from members.activity import events
from members.activity.api import doors
from members.activity.events import EventInput
from members.activity.serializers.event import EventInputSerializer, EventSerializer
from members.profiles import queries as profiles


class EventsView(ApiView):
    """Declared events."""

    required_scope = "events.write"
    once_by = BY_EITHER

    @extend_schema(request=EventInputSerializer, responses={201: EventSerializer}, operation_id="record_event")
    def post(self, request: Request) -> Response:
        """Record a declared event of a member, once by its `external_id` or by the header `Idempotency-Key`.

        The answer says what was recorded.
        """
        given = EventInputSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        values = given.validated_data
        name = f"id:{values['external_id']}" if "external_id" in values else f"key:{request_key(request)}"
        recorded = events.record_event(
            EventInput(
                source=doors.source_of(holder(request)),
                name=name,
                body_hash=body_hash(request.data),
                member_id=profiles.identify(values["member"]["kind"], values["member"]["value"]).pk,
                kind=values["kind"],
                at=values["at"],
                attributes=values["attributes"],
                external_id=values.get("external_id", ""),
            ),
            now=clock.now(),
        )
        response = Response(EventSerializer(recorded.event).data, status=201)
        if recorded.is_replay:
            response[REPLAY_HEADER] = "true"
        return response
