"""The forms of the staff desk; their sentences are ours, so that every language says them."""

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length

ADDRESS_MOST = 254


class SignInForm(FlaskForm):  # type: ignore[misc]  # flask-wtf brings no types
    """Address, password, and the one-time code for those who set one up."""

    email = StringField(
        lazy_gettext("E-mail address"),
        validators=[
            InputRequired(lazy_gettext("Enter your e-mail address.")),
            Length(max=ADDRESS_MOST, message=lazy_gettext("This is too long.")),
        ],
    )
    password = PasswordField(
        lazy_gettext("Password"),
        validators=[
            InputRequired(lazy_gettext("Enter your password.")),
            Length(max=1000, message=lazy_gettext("This is too long.")),
        ],
    )
    code = StringField(
        lazy_gettext("One-time code, if you have set one up"),
        validators=[Length(max=20, message=lazy_gettext("This is too long."))],
    )
