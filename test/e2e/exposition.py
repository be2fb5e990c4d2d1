# SPDX-License-Identifier: MIT
"""A strict reader of the Prometheus text format 0.0.4.

Stricter than Prometheus: it takes what coda56-exporter promises and nothing
else, so that HELP and TYPE stand once and before the samples, a family is one
block, blanks are single, numbers are decimals in full and labels are unique.
"""

import re

CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8'
OPENMETRICS_TYPE = \
    'application/openmetrics-text; version=1.0.0; charset=utf-8'
UNITS = ('seconds', 'bytes', 'hertz')

NAME = r'[a-zA-Z_:][a-zA-Z0-9_:]*'
HELP = re.compile(r'# HELP (%s) ((?:[^\\]|\\\\|\\n)+)' % NAME)
TYPE = re.compile(r'# TYPE (%s) (counter|gauge|histogram)' % NAME)
SAMPLE = re.compile(r'(%s)(?:\{(.+)\})? ([^ ]+)' % NAME)
LABEL = re.compile(
    r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\\\|\\"|\\n)*)"(,(?=.)|$)')
NUMBER = re.compile(r'-?(?:0|[1-9][0-9]*)(?:\.[0-9]*[1-9])?')
ESCAPE = re.compile(r'\\(.)')
QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')


class Malformed(AssertionError):
    pass


class Sample:
    def __init__(self, name, labels, value):
        self.name, self.labels, self.value = name, labels, value

    @property
    def key(self):
        return self.name, tuple(sorted(self.labels.items()))

    def __repr__(self):
        return '%s%r %s' % (self.name, self.labels, self.value)


class Family:
    def __init__(self, name, text):
        self.name, self.help, self.type = name, text, None
        self.samples = []


class Page:
    """The families of one page, in their order."""

    def __init__(self, text):
        self.text = text
        self.families = {}
        self._keys = set()
        self._family = None
        if not text.endswith('\n'):
            raise Malformed('the last line has no end: %r' % text[-80:])
        for number, line in enumerate(text[:-1].split('\n'), 1):
            try:
                self._read(line)
            except Malformed as problem:
                raise Malformed('line %d: %s: %r' % (number, problem, line))
        self._close()
        self._check_names()

    def _read(self, line):
        # Within a label's value any character may stand.
        bare = line if line.startswith('#') else QUOTED.sub('', line)
        if '\r' in bare or '\t' in bare or line != line.strip(' '):
            raise Malformed('stray blanks')
        if line.startswith('# HELP '):
            self._read_help(line)
        elif line.startswith('# TYPE '):
            self._read_type(line)
        elif line.startswith('#') or not line:
            raise Malformed('neither HELP, TYPE nor a sample')
        else:
            self._read_sample(line)

    def _read_help(self, line):
        match = HELP.fullmatch(line)
        if not match:
            raise Malformed('bad HELP')
        self._close()
        if match.group(1) in self.families:
            raise Malformed('a family stands twice')
        self._family = Family(match.group(1), unescape(match.group(2)))
        self.families[match.group(1)] = self._family

    def _read_type(self, line):
        match = TYPE.fullmatch(line)
        family = self._family
        if not match or family is None or family.name != match.group(1) \
                or family.type or family.samples:
            raise Malformed('TYPE that does not follow its HELP')
        family.type = match.group(2)

    def _read_sample(self, line):
        match = SAMPLE.fullmatch(line)
        family = self._family
        if not match:
            raise Malformed('not a sample')
        sample = Sample(match.group(1), read_labels(match.group(2)),
                        match.group(3))
        if family is None or family.type is None or \
                sample.name not in sample_names(family):
            raise Malformed('outside of its family')
        if sample.key in self._keys:
            raise Malformed('a series stands twice')
        if not NUMBER.fullmatch(sample.value) or sample.value == '-0':
            raise Malformed('not a decimal in full')
        if family.type != 'gauge' and sample.value.startswith('-'):
            raise Malformed('a negative count')
        if family.name.endswith('_info') and sample.value != '1':
            raise Malformed('an info that is not 1')
        self._keys.add(sample.key)
        family.samples.append(sample)

    def _close(self):
        family = self._family
        if family is None:
            return
        if family.type is None or not family.samples:
            raise Malformed('family %s has no TYPE or no sample' %
                            family.name)
        if family.type == 'histogram':
            check_histogram(family)

    def _check_names(self):
        for name, family in self.families.items():
            if (family.type == 'counter') != name.endswith('_total'):
                raise Malformed('%s is a %s' % (name, family.type))
            if name + '_total' in self.families or \
                    name + '_info' in self.families:
                raise Malformed('%s stands beside a suffixed one' % name)

    def samples(self, name):
        """The samples of a family, none if it is not there."""
        return self.families[name].samples if name in self.families else []

    def value(self, name, **labels):
        """The text of the one sample with exactly these labels."""
        found = [s for s in self.samples(name) if s.labels == labels]
        assert len(found) == 1, '%s%r: %r' % (name, labels,
                                              self.samples(name))
        return found[0].value

    def labels(self, name, **labels):
        """All labels of the one sample that has these among its labels."""
        found = [s for s in self.samples(name)
                 if labels.items() <= s.labels.items()]
        assert len(found) == 1, '%s%r: %r' % (name, labels,
                                              self.samples(name))
        return found[0].labels


def sample_names(family):
    if family.type == 'histogram':
        return [family.name + end for end in ('_bucket', '_sum', '_count')]
    return [family.name]


def read_labels(text):
    labels, at = {}, 0
    while text is not None and at < len(text):
        match = LABEL.match(text, at)
        if not match:
            raise Malformed('bad labels')
        if match.group(1) in labels:
            raise Malformed('a label stands twice')
        labels[match.group(1)] = unescape(match.group(2))
        at = match.end()
    return labels


def unescape(text):
    return ESCAPE.sub(lambda m: '\n' if m.group(1) == 'n' else m.group(1),
                      text)


def check_histogram(family):
    """For histograms without labels, the only ones that there are."""
    kinds = [s.name[len(family.name):] for s in family.samples]
    buckets = family.samples[:-2]
    if kinds != ['_bucket'] * len(buckets) + ['_sum', '_count'] or \
            any(list(s.labels) != ['le'] for s in buckets):
        raise Malformed('%s: not a histogram' % family.name)
    bounds = [float(s.labels['le']) for s in buckets]
    counts = [int(s.value) for s in buckets]
    if bounds != sorted(set(bounds)) or counts != sorted(counts) or \
            buckets[-1].labels['le'] != '+Inf' or \
            buckets[-1].value != family.samples[-1].value:
        raise Malformed('%s: bad buckets' % family.name)


def as_openmetrics(text):
    """What a page is in OpenMetrics, byte by byte: there is one model of
    families and samples, and two ways to write it."""
    page = Page(text)
    lines = []
    for family in page.families.values():
        name, kind = family.name, family.type
        if kind == 'counter':
            name = name[:-len('_total')]
        elif name.endswith('_info'):
            name, kind = name[:-len('_info')], 'info'
        lines.append('# TYPE %s %s' % (name, kind))
        unit = name.rpartition('_')[2]
        if unit in UNITS and kind != 'info':
            lines.append('# UNIT %s %s' % (name, unit))
        lines.append('# HELP %s %s' % (name, family.help.replace(
            '\\', '\\\\').replace('\n', '\\n').replace('"', '\\"')))
        lines += [line for line in text.split('\n')
                  if re.split('[{ ]', line)[0] in sample_names(family)]
    return '\n'.join(lines + ['# EOF', ''])
