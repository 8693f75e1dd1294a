"""The operator's view of the rows, in studios with accounts: to read and to find rows, not to move jobs by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from django.db.models import Model
from django.http import HttpRequest

from stickers.forms.accounts import AdminSignInForm
from stickers.models import Generation, PrintProfile, Sheet, Sticker

if TYPE_CHECKING:
    RowAdmin = admin.ModelAdmin[Model]
    PeopleAdmin = UserAdmin[User]
else:
    RowAdmin = admin.ModelAdmin
    PeopleAdmin = UserAdmin


admin.site.login_form = AdminSignInForm


class ReadOnlyAdmin(RowAdmin):
    """Read-only: states change by conditional UPDATE, and a form that saves whole rows would undo a worker's move."""

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        return False


class SuperusersOnly:
    """Whoever edits accounts or groups can give themselves any right, so Django's permissions do not suffice here."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return _is_superuser(request)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        return _is_superuser(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return _is_superuser(request)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        return _is_superuser(request)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        return _is_superuser(request)


def _is_superuser(request: HttpRequest) -> bool:
    return isinstance(request.user, User) and request.user.is_active and request.user.is_superuser


admin.site.unregister([User, Group])


@admin.register(User)
class AccountAdmin(SuperusersOnly, PeopleAdmin):
    pass


@admin.register(Group)
class RightsAdmin(SuperusersOnly, GroupAdmin):
    pass


@admin.register(Generation)
class GenerationAdmin(ReadOnlyAdmin):
    list_display = ("pk", "owner", "state", "prompt", "cost", "request_id", "created_at", "error")
    list_filter = ("state", "model", "sandbox")
    search_fields = ("prompt", "request_id")
    date_hierarchy = "created_at"


@admin.register(Sheet)
class SheetAdmin(ReadOnlyAdmin):
    list_display = ("pk", "owner", "name", "segmentation__state", "segmentation__error", "created_at")
    list_select_related = ("owner", "generation", "segmentation")
    list_filter = ("segmentation__state",)
    search_fields = ("title", "source_name", "generation__prompt")


@admin.register(Sticker)
class StickerAdmin(ReadOnlyAdmin):
    list_display = ("pk", "sheet", "number", "title", "confidence", "reason")
    search_fields = ("title",)


@admin.register(PrintProfile)
class PrintProfileAdmin(ReadOnlyAdmin):
    list_display = ("pk", "owner", "name", "created_at", "deleted_at")
    search_fields = ("name",)
