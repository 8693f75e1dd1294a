"""Every address of the studio."""

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.views import LoginView, LogoutView
from django.urls import URLPattern, URLResolver, path

from stickers.views import (
    exports,
    files,
    gallery,
    generations,
    imports,
    monitoring,
    profiles,
    selection,
    sheets,
    stickers,
    studio,
    trash,
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("", studio.studio, name="studio"),
    path("estimate/", studio.estimate, name="estimate"),
    path("queue/", generations.queue, name="queue"),
    path("upstream/again/", generations.upstream_again, name="upstream_again"),
    path("generations/<int:pk>/cancel/", generations.cancel, name="cancel"),
    path("generations/<int:pk>/retry/", generations.retry, name="retry"),
    path("generations/<int:pk>/resume/", generations.resume, name="resume"),
    path("generations/<int:pk>/dismiss/", generations.dismiss, name="dismiss"),
    path("gallery/", gallery.gallery, name="gallery"),
    path("gallery/stickers/", gallery.stickers, name="gallery_stickers"),
    path("selection/<slug:action>/", selection.selection, name="selection"),
    path("sheets/<int:pk>/", sheets.sheet, name="sheet"),
    path("sheets/<int:pk>/file/", files.sheet_file, name="sheet_file"),
    path("sheets/<int:pk>/thumb/<int:side>/", files.sheet_thumb, name="sheet_thumb"),
    path("sheets/<int:pk>/star/", sheets.star, name="sheet_star"),
    path("sheets/<int:pk>/title/", sheets.title, name="sheet_title"),
    path("sheets/<int:pk>/delete/", sheets.delete, name="sheet_delete"),
    path("sheets/<int:pk>/restore/", sheets.restore, name="sheet_restore"),
    path("sheets/<int:pk>/cut/", sheets.cut, name="sheet_cut"),
    path("stickers/<int:pk>/file/", files.sticker_file, name="sticker_file"),
    path("stickers/<int:pk>/thumb/<int:side>/", files.sticker_thumb, name="sticker_thumb"),
    path("stickers/<int:pk>/star/", stickers.star, name="sticker_star"),
    path("stickers/<int:pk>/title/", stickers.title, name="sticker_title"),
    path("stickers/<int:pk>/delete/", stickers.delete, name="sticker_delete"),
    path("stickers/<int:pk>/restore/", stickers.restore, name="sticker_restore"),
    path("import/", imports.import_sheet, name="import_sheet"),
    path("export/", exports.export, name="export"),
    path("export/preview/<int:pk>/", exports.preview, name="export_preview"),
    path("profiles/", profiles.profiles, name="profiles"),
    path("profiles/<slug:name>/", profiles.profile, name="profile"),
    path("profiles/<slug:name>/copy/", profiles.copy, name="profile_copy"),
    path("profiles/<slug:name>/calibration/", profiles.calibration, name="profile_calibration"),
    path("profiles/<int:pk>/edit/", profiles.edit, name="profile_edit"),
    path("profiles/<int:pk>/delete/", profiles.delete, name="profile_delete"),
    path("profiles/<int:pk>/restore/", profiles.restore, name="profile_restore"),
    path("trash/", trash.trash, name="trash"),
    path("login/", LoginView.as_view(redirect_authenticated_user=True), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("healthz", monitoring.healthz, name="healthz"),
    path("readyz", monitoring.readyz, name="readyz"),
    path("metrics", monitoring.figures, name="metrics"),
]
if settings.STUDIO_ACCOUNTS:
    urlpatterns.append(path("admin/", admin.site.urls))
