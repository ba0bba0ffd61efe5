"""Staff whom the desk names."""

from guardian.models import UserObjectPermission

from loyalty.kernel import scope


def supervisors() -> list[str]:
    """Names of the supervisors of the program in scope, in order, without whoever asks."""
    grants = UserObjectPermission.objects.filter(
        content_type__app_label="programs_setup",
        content_type__model="program",
        object_pk=str(scope.program_id()),
        permission__codename="act_as_supervisor",
        user__is_active=True,
    )
    actor = scope.actor()
    if actor.kind == "user" and actor.id is not None:
        grants = grants.exclude(user_id=actor.id)
    return sorted(str(grant.user) for grant in grants.select_related("user"))
