"""The studio page: the form, and what becomes of it."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from stickers.models import Budget, Generation, State
from tests.support.models import PARAMETERS

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("hints")]

HTMX = {"HX-Request": "true"}


def order(client: Client, **data: str) -> Generation:
    response = client.post("/", {"prompt": "two cats"} | data)
    assert (response.status_code, response.headers["Location"]) == (302, "/")
    return Generation.objects.latest("pk")


def test_it_works(client: Client, hints: list[str]) -> None:
    assert client.get("/").status_code == 200
    generation = order(client, seed="-1", samples="2")
    assert (generation.state, generation.prompt, generation.samples) == (State.CREATED, "two cats", 2)
    assert generation.seed > 0
    assert generation.owner.username == "designer"
    assert hints == ["hint"]
    assert "two cats" in client.get("/").content.decode()


def test_the_page_has_a_field_for_every_parameter(client: Client) -> None:
    page = client.get("/").content.decode()
    for name in PARAMETERS:
        assert f'name="{name}"' in page
    assert page.count("<option") == 12


def test_htmx_gets_the_queue_with_the_new_card_and_a_fresh_token(client: Client) -> None:
    response = client.post("/", {"prompt": "two cats"}, headers=HTMX)
    page = response.content.decode()
    assert response.status_code == 200
    assert 'id="queue"' in page
    assert 'hx-trigger="every 2s' in page
    assert 'hx-swap-oob="true"' in page
    assert "<html" not in page


def test_bad_input_shows_the_page_again_and_loses_nothing(client: Client, hints: list[str]) -> None:
    sent = {"prompt": "two <cats>", "num_inference_steps": "7", "scheduler": "Heun", "add_trigger": "off"}
    response = client.post("/", sent)
    page = response.content.decode()
    assert response.status_code == 200
    assert 'id="num_inference_steps-error"' in page
    assert "Steps must be at least 20." in page
    assert "two &lt;cats&gt;" in page
    assert '<option value="Heun"' in page
    assert 'value="7"' in page
    assert not Generation.objects.exists()
    assert hints == []


def test_minus_one_means_random_for_the_seed_alone(client: Client) -> None:
    sent = {"prompt": "two cats", "seed": "-1", "num_inference_steps": "-1", "guidance_scale": "-1"}
    page = client.post("/", sent, headers=HTMX).content.decode()
    assert "Steps must be at least 20." in page
    for name in ("num_inference_steps", "guidance_scale"):
        assert 'value="-1"' in page.split(f'id="{name}"')[1].split(">")[0]
    assert 'value=""' in page.split('id="seed"')[1].split(">")[0]


def test_bad_input_from_htmx_gets_the_form_alone(client: Client) -> None:
    response = client.post("/", {"prompt": ""}, headers=HTMX)
    page = response.content.decode()
    assert response.status_code == 422
    assert response.headers["HX-Retarget"] == "#generation-form"
    assert "Prompt is required." in page
    assert 'id="queue"' not in page
    assert 'name="token"' in page


def test_one_click_that_arrives_twice_orders_once(client: Client) -> None:
    for _ in range(2):
        order(client, token="abc")
    assert Generation.objects.count() == 1
    order(client, token="another click")
    order(client, token="abc", samples="2")
    assert Generation.objects.count() == 3


def test_without_a_token_every_post_is_an_order(client: Client) -> None:
    order(client)
    order(client)
    assert Generation.objects.count() == 2


def test_use_all_fills_every_field(client: Client) -> None:
    generation = order(client, seed="4711", samples="3", scheduler="LMS", img_width="512", guidance_scale="9.5")
    page = client.get(f"/?from={generation.pk}").content.decode()
    assert 'value="4711"' in page
    assert 'name="samples" value="3" checked' in page
    assert '<option value="LMS" data-hint="Smooth, classic look" selected' in page
    assert 'name="img_width" value="512" checked' in page
    assert 'value="9.5"' in page
    assert ">two cats</textarea>" in page


def test_remix_fills_all_but_the_seed(client: Client) -> None:
    generation = order(client, seed="4711")
    page = client.get(f"/?from={generation.pk}&remix=1").content.decode()
    assert 'name="seed" value=""' in page
    assert ">two cats</textarea>" in page


@pytest.mark.parametrize("pk", ["999999", "9" * 30])
def test_use_all_of_nothing_is_not_found(client: Client, pk: str) -> None:
    assert client.get(f"/?from={pk}").status_code == 404


def test_use_all_of_anothers_order_is_not_found(client: Client, other_designer: User) -> None:
    foreign = Generation.objects.create(owner=other_designer, prompt="secret cats", seed=1)
    assert client.get(f"/?from={foreign.pk}").status_code == 404
    assert "secret cats" not in client.get("/").content.decode()


def test_an_example_fills_the_prompt(client: Client) -> None:
    assert ">blue &amp; green</textarea>" in client.get("/?prompt=blue+%26+green").content.decode()
    assert "Your first sheet starts with a sentence" in client.get("/").content.decode()


def test_the_estimate_is_unknown_and_never_nothing(client: Client) -> None:
    page = client.get("/estimate/").content.decode()
    assert "Cost unknown" in page
    assert "$0" not in page


def test_the_estimate_of_the_form(client: Client, designer: User) -> None:
    now = timezone.now()
    Generation.objects.create(
        owner=designer, prompt="x", seed=1, state=State.DONE, cost=Decimal("0.018"), sandbox=True,
        submitted_at=now, finished_at=now,
    )  # fmt: skip
    assert "$0.018 " in client.get("/estimate/").content.decode()
    page = client.get("/estimate/?samples=2&num_inference_steps=nonsense").content.decode()
    assert "about $0.036 " in page
    assert "pretend" in page


def test_the_page_says_when_pictures_are_pretended(client: Client, settings: Settings) -> None:
    assert "Practice mode" in client.get("/").content.decode()
    settings.SANDBOX_IN_USE = False
    assert "Practice mode" not in client.get("/").content.decode()


def test_only_an_operator_is_told_which_setting_ends_practice(client: Client, settings: Settings, member: User) -> None:
    settings.STUDIO_ACCOUNTS = True
    assert "SEGMIND_API_KEY" not in client.get("/").content.decode()
    member.is_staff = True
    member.save()
    assert "SEGMIND_API_KEY" in client.get("/").content.decode()


def test_nothing_in_the_page_needs_inline_script_or_style(client: Client) -> None:
    order(client)
    response = client.get("/")
    page = response.content.decode()
    assert "script-src 'self'" in response.headers["Content-Security-Policy"]
    assert "style=" not in page
    assert " onclick=" not in page
    assert page.count("<script") == page.count("<script src=") + page.count('<script type="module" src=')


def test_more_cards_need_no_more_queries(
    client: Client, designer: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    def ask(count: int) -> int:
        for seed in range(count):
            Generation.objects.create(owner=designer, prompt="x", seed=seed)
        with django_assert_num_queries(10, exact=False) as captured:
            client.get("/")
        return len(captured)

    assert ask(1) == ask(12)


def test_with_accounts_a_stranger_is_asked_to_sign_in(client: Client, settings: Settings, designer: User) -> None:
    settings.STUDIO_ACCOUNTS = True
    response = client.get("/")
    assert (response.status_code, response.headers["Location"]) == (302, "/login/?next=/")
    page = client.get("/login/?next=/").content.decode()
    assert "Sign in" in page
    assert "Gallery" not in page
    client.force_login(designer)
    assert "Sign out" in client.get("/").content.decode()


def test_signing_in_and_out(client: Client, settings: Settings, other_designer: User) -> None:
    settings.STUDIO_ACCOUNTS = True
    wrong = client.post("/login/", {"username": "other", "password": "wrong"})
    assert "correct" in wrong.content.decode()
    right = client.post("/login/", {"username": "other", "password": "other designer's password"})
    assert right.headers["Location"] == "/"
    assert client.post("/logout/").headers["Location"] == "/login/"


def test_a_page_that_is_not_there(client: Client) -> None:
    response = client.get("/nothing/")
    assert response.status_code == 404
    assert "Nothing here" in response.content.decode()


def test_a_form_without_its_token_is_refused_in_words(settings: Settings) -> None:
    response = Client(enforce_csrf_checks=True).post("/", {"prompt": "cats"})
    assert response.status_code == 403
    assert "Please send that again" in response.content.decode()


@pytest.mark.parametrize(("headers", "status"), [({}, 200), (HTMX, 422)])
def test_what_a_budget_refuses_stays_in_the_form(
    client: Client, designer: User, hints: list[str], headers: dict[str, str], status: int
) -> None:
    Budget.objects.create(owner=designer, sheets=1)
    refused = client.post("/", {"prompt": "two cats", "samples": "2", "seed": "99"}, headers=headers)
    page = refused.content.decode()
    assert refused.status_code == status
    assert "Nothing was ordered yet. Your budget of 1 sheet this month has room for 1 more." in page
    assert "two cats</textarea>" in page
    assert 'value="99"' in page
    assert not Generation.objects.exists()
    assert hints == []


JAPANESE = "森の動物たちがお茶を飲んでいる、秋の色"


def test_the_prompt_is_counted_as_it_will_be_sent(client: Client, designer: User) -> None:
    def said(**values: str) -> str:
        return " ".join(re.sub(r"<[^>]+>", " ", client.post("/tokens/", values).content.decode()).split())

    plain = {"prompt": JAPANESE, "add_trigger": "off"}
    assert said(**plain) == "40 of 75 tokens"
    assert said(**plain | {"add_trigger": "on"}) == "44 of 75 tokens"
    assert said(**plain | {"preset": "kawaii"}) == "72 of 75 tokens"
    assert said(**plain | {"preset": "kawaii", "add_trigger": "on"}) == "76 of 75 tokens: the end counts less"
    assert said(prompt=" ") == ""
    assert said(prompt="a" * 100_000).endswith("the end counts less")


def test_the_page_comes_with_the_count(client: Client, designer: User) -> None:
    assert ">44 of 75 tokens</span>" in client.get("/", {"prompt": JAPANESE}).content.decode()
