# SPDX-License-Identifier: MIT
"""What the documents have that can be run."""

import collections
import os
import re

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))

# `around`: the text between the headings that it stands below, if any.
Block = collections.namedtuple('Block', 'language text around')
Span = collections.namedtuple('Span', 'text around')

FENCED = re.compile(r'^```(\w*)\n(.*?)^```$', re.M | re.S)


def read(*path):
    with open(os.path.join(ROOT, *path), encoding='utf-8') as file:
        return file.read()


def sections(text):
    return re.split(r'^(?=##)', text, flags=re.M)


def blocks(text):
    return [Block(*found, section) for section in sections(text)
            for found in FENCED.findall(section)]


def spans(text):
    """Code within sentences, on one line."""
    return [Span(' '.join(found.split()), section)
            for section in sections(text)
            for found in re.findall(r'`([^`]+)`', FENCED.sub('', section))]


def manual_blocks(text):
    """Those of a manual in mdoc; its sentences are another test's."""
    return [Block('', found.replace(r'\e', '\\'), '') for found in
            re.findall(r'^\.Bd -literal.*?\n(.*?)^\.Ed$', text, re.M | re.S)]


def comment_blocks(text):
    """Commands in the comments of a file."""
    return [Block('sh', re.sub('^#     ', '', found, flags=re.M), '')
            for found in re.findall(r'^((?:#     \S.*\n)+)', text, re.M)]


def commands(text):
    """Of lines for a shell, those that end a command."""
    found = ['']
    for line in text.splitlines():
        found[-1] += line.rstrip('\\') + ' '
        if not line.endswith(('\\', '|')):
            found.append('')
    return [command.strip() for command in found if command]
