"""A link with which a person chooses a password: made by the chief, good once and for three days."""

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.urls import reverse

from stations.models import User


def sign_in_path(person: User) -> str:
    """The path of the page. It stops working once a password was chosen with it."""
    key = default_token_generator.make_token(person)
    return reverse("account_reset_password_from_key", kwargs={"uidb36": user_pk_to_url_str(person), "key": key})
