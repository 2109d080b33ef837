"""The hall as it must not be: `tests.trials.careless:app` does not wait for the disk at each commit.

The power-cut trial has to find that this one loses what it acknowledged; if it does not, the trial proves nothing.
"""

from importlib import import_module

from hall.database import PRAGMAS

PRAGMAS["synchronous"] = 1  # NORMAL
app = import_module("wsgi").app
