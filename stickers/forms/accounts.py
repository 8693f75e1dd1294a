"""The forms of accounts: sign in, invite, join, reset a password, save a key, and set a monthly budget."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from django import forms
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.forms import AuthenticationForm, UserCreationForm, UsernameField
from django.contrib.auth.models import User

if TYPE_CHECKING:
    _UserForm = UserCreationForm[User]
else:
    _UserForm = UserCreationForm

NAME_LENGTH: Final = 150  # of Django's accounts


def _name() -> UsernameField:
    """A field for a name that an account can have. A longer name doesn't fit into the table of failed sign-ins."""
    words = "No name is that long: names have at most %(limit_value)d characters."
    return UsernameField(max_length=NAME_LENGTH, error_messages={"max_length": words})


class SignInForm(AuthenticationForm):
    username = _name()


class AdminSignInForm(AdminAuthenticationForm):
    username = _name()


class InviteForm(forms.Form):
    email = forms.EmailField(
        required=False, max_length=254, error_messages={"invalid": "That is no e-mail address; or leave it empty."}
    )
    is_admin = forms.BooleanField(required=False)


class WelcomeForm(_UserForm):
    """The invited person chooses a name and a password."""

    class Meta:
        model = User
        fields = ("username",)
        field_classes = {"username": UsernameField}


class OwnKeyForm(forms.Form):
    key = forms.RegexField(
        r"^[!-~]{8,200}$",
        error_messages={
            "required": "Please paste it.",
            "invalid": "A key has 8 to 200 letters, digits and signs, and no spaces.",
        },
    )


class BudgetForm(forms.Form):
    """A budget for each month. An empty field is no limit."""

    dollars = forms.DecimalField(
        min_value=Decimal(0), max_digits=9, decimal_places=2, required=False, label="Dollars a month"
    )
    sheets = forms.IntegerField(min_value=0, max_value=1_000_000, required=False, label="Sheets a month")

    @property
    def problems(self) -> str:
        return " ".join(f"{self.fields[name].label}: {error}" for name, found in self.errors.items() for error in found)
