# SPDX-License-Identifier: MIT
"""Runs checks, functions whose names are sentences, and prints TAP."""

import sys
import traceback


class Skip(Exception):
    """Raised by a check that cannot run here, with the reason."""


def run(checks):
    failed = False
    print('1..%d' % len(checks), flush=True)
    for number, check in enumerate(checks, 1):
        title = '%d - %s' % (number, check.__name__.replace('_', ' '))
        try:
            check()
            print('ok ' + title)
        except Skip as why:
            print('ok %s # SKIP %s' % (title, why))
        except Exception:
            failed = True
            print('not ok ' + title)
            for line in traceback.format_exc().splitlines():
                # Meson shows what went wrong from here alone.
                print('# ' + line, file=sys.stderr)
        sys.stdout.flush()
    sys.exit(failed)
