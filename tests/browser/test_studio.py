"""The studio page in a real browser: what only scripts do."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from stickers.accounts.current_user import the_designer
from stickers.models import Generation, OwnKey, State
from stickers.recipes.reading import read_models
from tests.support.models import SECOND, SECOND_SLUG, SPEC

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("hints"),
]


def finish(generation: Generation) -> None:
    generation.move(frm=[State.CREATED], to=State.DONE, submitted_at=timezone.now())


def test_it_works(page: Page, live_server: LiveServer, hints: list[str]) -> None:
    page.goto(live_server.url)
    page.fill("#prompt", "two cats")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".order-card")).to_have_count(1)
    page.fill("#prompt", "three dogs")
    page.click("#generate")
    expect(page.locator(".order-card")).to_have_count(2)
    expect(page).to_have_title("(2) Studio · Sticker Studio")
    assert hints == ["hint", "hint"]

    cats, dogs = Generation.objects.order_by("pk")
    untouched = page.locator(f"[data-order='{dogs.pk}']").element_handle()
    finish(cats)
    expect(page.locator(f"[data-order='{cats.pk}'][data-state=done]")).to_be_visible()
    expect(page).to_have_title("(1) Studio · Sticker Studio")
    expect(page.locator("#announcer")).to_contain_text("two cats: done, 0 stickers.")
    assert untouched.evaluate("card => card.isConnected"), "an unchanged card stays in the page"

    finish(dogs)
    expect(page).to_have_title("Studio · Sticker Studio")
    expect(page.locator("#queue[hx-get]")).to_have_count(0)


def test_a_double_click_orders_once(page: Page, live_server: LiveServer) -> None:
    """The answer to the first click may be there before the second one, with a token for a new order."""
    page.goto(live_server.url)
    page.fill("#prompt", "two cats")
    with page.expect_response(lambda answer: answer.request.method == "POST" and answer.url == f"{live_server.url}/"):
        page.click("#generate")
    # as a person's second click, by the clock of the page
    page.evaluate(
        """() => {
            const confirm = (at) => {
                const event = new CustomEvent("htmx:confirm", {
                    bubbles: true, cancelable: true, detail: { elt: document.querySelector("#generation-form") },
                });
                Object.defineProperty(event, "timeStamp", { value: at });
                document.body.dispatchEvent(event);
                return event.defaultPrevented;
            };
            const now = performance.now() + 60000;
            window.second = [confirm(now), confirm(now + 300), confirm(now + 1200)];
        }"""
    )
    assert page.evaluate("() => window.second") == [False, True, False]
    page.fill("#prompt", "two dogs")
    page.click("#generate")
    expect(page.locator(".order-card")).to_have_count(2)
    assert Generation.objects.count() == 2


def test_a_page_keeps_the_cards_that_come_empty(page: Page, live_server: LiveServer) -> None:
    owner, long_ago = the_designer(), timezone.now() - timedelta(minutes=2)
    values = {"owner": owner, "seed": 7, "changed_at": long_ago}
    kept, lost = (Generation.objects.create(prompt=prompt, **values) for prompt in ("kept", "lost"))
    latest = Generation.objects.create(owner=owner, prompt="latest", seed=7)
    page.goto(live_server.url)
    untouched = page.locator(f"[data-order='{kept.pk}']").element_handle()
    # As if this page had never had it: the card comes empty, and the page then asks for everything.
    page.locator(f"[data-order='{lost.pk}']").evaluate("card => card.remove()")
    finish(latest)
    expect(page.locator(f"[data-order='{latest.pk}'][data-state=done]")).to_be_visible()
    expect(page.locator(f"[data-order='{lost.pk}']")).to_contain_text("lost")
    expect(page.locator(".order-card:empty")).to_have_count(0)
    expect(page.locator(".order-card")).to_have_count(3)
    assert untouched.evaluate("card => card.isConnected && card.textContent.includes('kept')")


def test_the_prompt_is_counted_while_it_is_typed(page: Page, live_server: LiveServer) -> None:
    page.goto(live_server.url)
    count = page.locator("#prompt-count")
    expect(count).to_have_text("")
    page.locator("#prompt").press_sequentially("森の動物たちがお茶を飲んでいる、秋の色")
    expect(count).to_have_text("44 of 75 tokens")
    page.get_by_role("radio", name="Kawaii").check(force=True)
    expect(count).to_have_text("76 of 75 tokens: the end counts less")
    page.locator("#add_trigger").uncheck(force=True)
    expect(count).to_have_text("72 of 75 tokens")
    page.reload()  # the draft comes back, and is counted
    expect(count).to_have_text("72 of 75 tokens")


def test_values_survive_a_reload(page: Page, live_server: LiveServer) -> None:
    page.goto(live_server.url)
    page.fill("#prompt", "a draft")
    page.get_by_role("radio", name=re.compile("^768")).first.check(force=True)
    page.uncheck("#add_trigger", force=True)
    page.fill("#seed", "77")
    page.click("#advanced > summary")
    page.fill("#guidance_scale", "9.5")
    expect(page.locator("[data-twin=guidance_scale]")).to_have_js_property("value", "9.5")
    page.reload()
    expect(page.locator("#prompt")).to_have_value("a draft")
    expect(page.locator("input[name=img_width]:checked")).to_have_value("768")
    expect(page.locator("#printed-size")).to_have_text("65.0 × 86.7 mm at 300 DPI")
    expect(page.locator("#add_trigger")).not_to_be_checked()
    expect(page.locator("#seed")).to_have_value("77")
    expect(page.locator("#guidance_scale")).to_be_visible()
    expect(page.locator("#guidance_scale")).to_have_value("9.5")


def test_bad_input_is_shown_at_its_field_and_opens_the_group(page: Page, live_server: LiveServer) -> None:
    page.goto(live_server.url)
    page.fill("#prompt", "two cats")
    page.evaluate("document.getElementById('num_inference_steps').value = '7'")
    page.click("#generate")
    expect(page.locator("#num_inference_steps-error")).to_have_text("Steps must be at least 20.")
    expect(page.locator("#num_inference_steps")).to_be_focused()
    message = page.locator("#num_inference_steps-error").bounding_box()
    foot = page.locator("#generate").bounding_box()
    assert message
    assert foot
    assert message["y"] + message["height"] < foot["y"], "the message is not under the bar"
    expect(page.locator("#prompt")).to_have_value("two cats")
    page.fill("#num_inference_steps", "25")
    page.click("#generate")
    expect(page.locator(".order-card")).to_have_count(1)
    expect(page.locator(".field-error")).to_have_count(0)


def test_the_keys_go_on_after_a_card_was_dismissed(page: Page, live_server: LiveServer) -> None:
    for prompt in ("cats", "dogs", "bears"):
        Generation.objects.create(owner=the_designer(), prompt=prompt, seed=1, state=State.FAILED, error="No.")
    page.goto(live_server.url)
    page.locator(".order-card", has_text="dogs").get_by_role("button", name="Dismiss").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".order-card")).to_have_count(2)
    expect(page.locator(".order-card", has_text="cats")).to_be_focused()
    page.locator(".order-card", has_text="cats").get_by_role("button", name="Retry").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".order-card", has_text="cats").get_by_role("button", name="Cancel")).to_be_visible()
    expect(page.locator(".order-card", has_text="cats")).to_be_focused()


def test_the_seeds_buttons(page: Page, live_server: LiveServer) -> None:
    generation = Generation.objects.create(owner=the_designer(), prompt="cats", seed=4711, state=State.DONE)
    page.goto(live_server.url)
    dice, last, lock = (page.locator(f"[data-seed={name}]") for name in ("random", "last", "lock"))
    expect(dice).to_have_attribute("aria-pressed", "true")
    last.click()
    expect(page.locator("#seed")).to_have_value(str(generation.seed))
    expect(lock).to_have_attribute("aria-pressed", "true")
    dice.click()
    expect(page.locator("#seed")).to_have_value("")
    page.fill("#seed", "5")
    expect(dice).to_have_attribute("aria-pressed", "false")


def test_single_keys_can_be_switched_off(page: Page, live_server: LiveServer) -> None:
    page.goto(live_server.url)
    page.keyboard.press("?")
    overlay = page.locator("#shortcuts")
    expect(overlay).to_be_visible()
    page.uncheck("#single-keys")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(overlay).not_to_be_visible()


def test_a_phone_has_no_sideways_scroll_and_slides_the_settings_over(page: Page, live_server: LiveServer) -> None:
    Generation.objects.create(owner=the_designer(), prompt="cats", seed=4711, state=State.FAILED, error="x" * 300)
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(live_server.url)
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    expect(page.locator("#seed")).not_to_be_visible()
    page.get_by_role("button", name="Settings", exact=True).click()
    expect(page.locator("#seed")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#seed")).not_to_be_visible()
    expect(page.locator("#generate")).to_be_in_viewport()


def test_a_session_that_has_ended_leads_to_signing_in(
    page: Page, live_server: LiveServer, settings: Settings, other_designer: User
) -> None:
    settings.STUDIO_ACCOUNTS = True
    page.goto(live_server.url)
    page.fill("#id_username", other_designer.username)
    page.fill("#id_password", "other designer's password")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{live_server.url}/")  # loaded: without its scripts the form would be sent in another way
    page.fill("#prompt", "two cats")
    page.context.clear_cookies(name="sessionid")
    page.click("#generate")
    expect(page).to_have_url(f"{live_server.url}/login/?next=%2F")
    expect(page.locator("#queue")).to_have_count(0)
    assert not Generation.objects.exists()


def test_the_key_field_is_hidden_but_no_password_field(
    page: Page, live_server: LiveServer, settings: Settings, other_designer: User
) -> None:
    """A browser offers the saved password of the sign-in to every password field, and some fill it in unasked."""
    settings.STUDIO_ACCOUNTS = settings.STUDIO_OWN_KEYS = True
    page.goto(f"{live_server.url}/login/?next=/account/")
    page.fill("#id_username", other_designer.username)
    page.fill("#id_password", "other designer's password")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{live_server.url}/account/")
    key = page.locator("[name=key]")
    assert key.get_attribute("type") == "text"
    assert key.get_attribute("autocomplete") == "off"
    assert key.evaluate("field => getComputedStyle(field).webkitTextSecurity") == "disc"
    assert key.evaluate("field => field.form.querySelector('[type=password]')") is None
    key.fill("SG_my_very_own_key")
    page.get_by_role("button", name="Save the key").click()
    expect(page.get_by_text("_key", exact=True)).to_be_visible()
    assert OwnKey.objects.get().last_four == "_key"


def test_the_choice_of_a_model(page: Page, live_server: LiveServer, settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "second.toml").write_text(SECOND)
    settings.MODELS = read_models(tmp_path)
    page.goto(live_server.url)
    page.fill("#prompt", "two cats")
    page.select_option("#model", SECOND_SLUG)
    expect(page.locator("[name=text]")).to_have_value("two cats")
    expect(page.locator("[name=guidance_scale]")).to_have_count(0)
    page.get_by_role("radio", name="Ink").check(force=True)
    page.get_by_role("button", name="Use its settings: strictness 6, glossy off").click()
    page.goto(live_server.url)  # the draft belongs to its model, whatever model the page shows first
    page.wait_for_url(f"**/?model={SECOND_SLUG}")
    expect(page.locator("[name=text]")).to_have_value("two cats")
    expect(page.locator("[name=cfg]")).to_have_value("6")
    page.click("#generate")
    expect(page.locator(".order-card")).to_have_count(1)
    generation = Generation.objects.get()
    assert (generation.model, generation.recipe["cfg"], generation.recipe["glossy"]) == (SECOND_SLUG, 6.0, False)
    page.select_option("#model", SPEC.slug)
    expect(page.locator("[name=prompt]")).to_have_value("two cats")
    expect(page.locator("#size-shape")).to_be_visible()
