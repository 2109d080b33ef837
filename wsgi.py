"""The door the web server comes in by: `wsgi:app`."""

import os

from hall import logs
from hall.app import create_app
from hall.worker import embed

logs.set_up()
app = create_app()
# On the command line (`flask hall …`) nothing works in the background.
if os.environ.get("FLASK_RUN_FROM_CLI") != "true":
    embed(app)
