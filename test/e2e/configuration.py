# SPDX-License-Identifier: MIT
"""Configuration files that tests write, and have read again."""

import contextlib
import os
import tempfile

RELOAD = '/-/reload'


class File:
    def __init__(self, text):
        with tempfile.NamedTemporaryFile('w', suffix='.yml',
                                         delete=False) as file:
            self.path = file.name
        self.option = '--config.file=' + self.path
        self.write(text)

    def write(self, text):
        # As an editor does it: never half a file.
        with open(self.path + '.new', 'w') as file:
            file.write(text)
        os.rename(self.path + '.new', self.path)

    def place(self, line, column):
        return '%s:%d:%d: ' % (self.path, line, column)


@contextlib.contextmanager
def written(text=''):
    file = File(text)
    try:
        yield file
    finally:
        os.unlink(file.path)


def module(name, *lines):
    return 'modules:\n  %s:\n' % name + ''.join('    %s\n' % line
                                               for line in lines)


def check_reloads(exporter, method='POST'):
    answer = exporter.ask(RELOAD, method)
    assert (answer.status, answer.text) == (200, 'ok\n'), answer.text
