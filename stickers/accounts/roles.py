"""Which admin may manage which account, so that nobody climbs by taking over somebody else's."""

from __future__ import annotations

from django.contrib.auth.models import User


def may_manage(admin: User, person: User) -> bool:
    """Whether this admin may change that account or make a link to its password.

    A superuser may manage everybody. Any other admin may not manage a superuser, nor anybody with a permission in
    Django's administration that the admin lacks.
    """
    if admin.is_superuser:
        return True
    return not person.is_superuser and person.get_all_permissions() <= admin.get_all_permissions()
