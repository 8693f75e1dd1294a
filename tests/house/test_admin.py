"""The operator's view: every list opens, and nothing can be changed there."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission, User
from django.test import Client, RequestFactory, override_settings
from django.urls import include, path

from stickers import urls
from stickers.models import Generation, Sheet, Sticker

urlpatterns = [path("admin/", admin.site.urls), path("", include(urls))]


@pytest.mark.parametrize("model", [Generation, Sheet, Sticker])
@override_settings(STUDIO_ACCOUNTS=True, ROOT_URLCONF=__name__)
def test_it_works(client: Client, db: None, model: type[Generation | Sheet | Sticker]) -> None:
    operator = User.objects.create_superuser("operator", password="operator's password")
    Generation.objects.create(owner=operator, prompt="cats", seed=1)
    client.force_login(operator)
    assert client.get(f"/admin/stickers/{model._meta.model_name}/").status_code == 200
    request = RequestFactory().get("/")
    request.user = operator
    shown = admin.site.get_model_admin(model)
    assert not shown.has_add_permission(request)
    assert not shown.has_change_permission(request)
    assert not shown.has_delete_permission(request)


@pytest.mark.parametrize(
    "path", ["user/", "group/", "user/add/", "group/add/", "user/{pk}/change/", "user/{pk}/password/"]
)
@override_settings(STUDIO_ACCOUNTS=True, ROOT_URLCONF=__name__)
def test_only_superusers_edit_accounts_and_groups(client: Client, db: None, path: str) -> None:
    """With every permission of Django's, an admin could make a superuser of themselves."""
    boss = User.objects.create_superuser("boss", password="boss's password")
    keeper = User.objects.create(username="keeper", is_staff=True)
    keeper.user_permissions.set(Permission.objects.all())
    url = f"/admin/auth/{path.format(pk=boss.pk)}"
    client.force_login(keeper)
    taken = {"password1": "a long new password", "password2": "a long new password", "email": "keeper@studio.example"}
    assert client.get(url).status_code == 403
    assert client.post(url, taken).status_code == 403
    boss.refresh_from_db()
    assert boss.check_password("boss's password")
    client.force_login(boss)
    assert client.get(url).status_code == 200
