"""The forms of the staff desk; their sentences are ours, so that every language says them."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length

ADDRESS_MOST = 254


class SignInForm(FlaskForm):  # type: ignore[misc]  # flask-wtf brings no types
    """Address, password, and the one-time code for those who set one up."""

    email = StringField(
        _l("E-mail address"),
        validators=[
            InputRequired(_l("Enter your e-mail address.")),
            Length(max=ADDRESS_MOST, message=_l("This is too long.")),
        ],
    )
    password = PasswordField(
        _l("Password"),
        validators=[InputRequired(_l("Enter your password.")), Length(max=1000, message=_l("This is too long."))],
    )
    code = StringField(
        _l("One-time code, if you have set one up"), validators=[Length(max=20, message=_l("This is too long."))]
    )
