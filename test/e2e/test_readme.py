#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What the README says works.

Each block and each command in it, in the manual, in the news and in the
comments of the examples is run against the simulated modem, or is of a program
whose row says which other test runs it and what it needs.  What sentences name
is there: files, options, metrics, pages, keys.
"""

import contextlib
import functools
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

import readme
from harness import (Cases, Exporter, PATIENCE, Sim, Skip, call, environment,
                     exporter_command, host_and_port, isolated, main, test)
from readme import ROOT
from webfiles import USERS, certified

DOCUMENTS = ('README.md', os.path.join('contrib', 'NEWS.md'))
MANUAL = os.path.join('contrib', 'man', 'coda56-exporter.8')
# What a program of ours begins with.
PLACES = 'contrib/', 'exporter/', 'lib/', 'test/'


def build_directory():
    return os.path.dirname(os.path.dirname(os.path.abspath(sys.argv[1])))


class World:
    """A modem, an exporter that knows it, and a place for files."""

    def __enter__(self):
        with contextlib.ExitStack() as stack:
            self.sim = stack.enter_context(Sim())
            self.exporter = stack.enter_context(
                Exporter('--modem.target=' + self.sim.https))
            self.folder = stack.enter_context(tempfile.TemporaryDirectory())
            self.address = '%s:%d' % self.exporter.addresses[0]
            # No question leaves the machine.
            program(self.folder, 'coda56-exporter',
                    '[ "$1" != probe ] || '
                    'set -- "$@" --dns.resolv-conf=/nonexistent\n'
                    'exec %s "$@"' % shlex.join(exporter_command()))
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *why):
        return self._stack.__exit__(*why)

    def here(self, text):
        """With the names of here in place of those in the documents."""
        for there, name in (
                ('192.168.100.1', host_and_port(self.sim.https)),
                ('probe TARGET', 'probe ' + self.sim.http),
                ('localhost:8000', self.address),
                ('build/', build_directory() + '/'),
                ('/etc/prometheus', self.folder),
                # This one hears all of its channels.
                ('select(.snr < 33)', 'select(.snr < 99)')):
            text = text.replace(there, name)
        return text

    def run(self, command, folder=ROOT):
        """What a shell's command prints; it must succeed."""
        path = self.folder + os.pathsep + os.environ['PATH']
        done = subprocess.run(
            ['sh', '-ec', self.here(command)], cwd=folder, text=True,
            env=dict(environment(), PATH=path), stdin=subprocess.DEVNULL,
            capture_output=True, timeout=PATIENCE)
        assert done.returncode == 0, (done.returncode, done.stdout,
                                      done.stderr)
        return done.stdout


def program(folder, name, script):
    path = os.path.join(folder, name)
    with open(path, 'w') as file:
        file.write('#!/bin/sh\n' + script)
    os.chmod(path, 0o755)


# What is done with a command: it is given its words, and how it is written.

def run(world, words, command, around):
    need(words[0])
    world.run(command)


def need(name):
    if '/' not in name and not shutil.which(name):
        raise Skip(name + ' is missing')


def run_exporter(world, words, command, around):
    if words[1:2] == ['healthcheck']:
        world.run(command + ' http://localhost:8000')
    elif 'jq' in words:
        need('jq')
        printed = world.run(command)
        assert printed.count('"channel": "') == printed.count('"snr": 3') \
            == 32, printed
    elif words[1:2] == ['probe'] and len(words) > 2:
        world.run(command)
    elif {'--config.check', '--help', '--list-metrics'} & set(words):
        # Files are named as from beside the example.
        world.run(command, os.path.join(ROOT, 'contrib'))
    elif len(words) > 1:
        serves(world, words[1:])


def serves(world, options):
    """The exporter starts with these, on some port."""
    with Exporter(*(re.sub(r'^(--web.listen-address=.*:)\d+$', r'\g<1>0',
                           world.here(option))
                    for option in options)) as exporter:
        assert exporter.addresses


def are_right(world, options):
    status, out, err = call('--config.check', *map(world.here, options))
    assert status == 0, err


def run_curl(world, words, command, around):
    need('curl')
    printed = world.run(command.replace('curl ', "curl -fsS --noproxy '*' "))
    assert 'probe_success 0' not in printed, printed


def check_meson(world, words, command, around):
    """The command and its options are known; contrib/check has Meson do what
    takes long."""
    known = buildoptions()
    if words[1:]:
        assert words[1] in ('setup', 'compile', 'test', 'install',
                            'dist'), command
    for name, value in re.findall(r' -D(\w+)=(\S*)', command):
        assert name in known, name
        choices = known[name].get('choices')
        assert not choices or value in choices or ',' in value, command
    for name in re.findall('--setup (\\w+)', command):
        assert "add_test_setup('%s')" % name in readme.read(
            'test', 'meson.build'), name


def check_script(world, words, command, around):
    """Is there, can be run, and takes the options; it takes too long here,
    or `elsewhere` has it run."""
    if words[0] == 'python3':
        words = words[1:]
    else:
        assert os.access(os.path.join(ROOT, words[0]), os.X_OK), words[0]
    text = readme.read(words[0])
    for word in words[1:]:
        assert not word.startswith('--') or word in text or \
            word == '--help', word
        assert not word.startswith(PLACES) or exists(word), word


def elsewhere(tested, needs=None, also=lambda *all: None):
    """Run by another test, if by any; what it needs is said beside it."""
    def look(world, words, command, around):
        assert not tested or os.path.exists(os.path.join(ROOT, tested)), tested
        assert not needs or not around or re.search(
            r'\bneeds? [^.]*\b%s\b' % needs, ' '.join(around.split())), \
            'nobody is told that it needs ' + needs
        for word in words[1:]:
            assert not word.startswith(PLACES) or exists(word), word
        also(world, words, command, around)
    return look


def check_docker(world, words, command, around):
    """What comes after the image is for the exporter."""
    if words[1] == 'run':
        options = words[words.index('coda56-exporter') + 1:]
        assert options
        are_right(world, options)


def check_echo(world, words, command, around):
    arguments = re.fullmatch('ARGS="(.*)"', words[1]).group(1)
    are_right(world, shlex.split(arguments))


def check_namespace(world, words, command, around):
    kustomization = readme.read('contrib', 'kubernetes', 'kustomization.yaml')
    if words[1] == 'create':
        assert '\nnamespace: %s\n' % words[3] in kustomization
    elif shutil.which('kubectl'):
        resources = world.run('kubectl kustomize ' + words[-1])
        assert resources.count('\nkind: ') == 5, resources


def check_deb(world, words, command, around):
    version = re.match(r'coda56-exporter \((.*)\)',
                       readme.read('contrib', 'debian', 'changelog')).group(1)
    assert words[-1].startswith('./coda56-exporter_%s_' % version), words


def check_npm(world, words, command, around):
    tests = readme.read('test', 'kubernetes', 'check.py') + \
        readme.read('test', 'e2e', 'test_browser.py') + \
        readme.read('test', 'e2e', 'browser.py')
    for package in words[words.index('--prefix') + 2:]:
        assert re.search(r'(?<![\w/-])%s(?![\w/-])' % package, tests), package


def check_bench(world, words, command, around):
    check_script(world, words, command, around)
    scenarios = re.findall(r"^def (\w+)\(", readme.read(words[0]), re.M)
    for word in words[2:]:
        assert not re.fullmatch(r'[a-z_]+', word) or word in scenarios, word


# By the first word of a command.  One that is not here fails: say here how it
# is run.
COMMANDS = {
    './contrib/check': check_script,    # which runs this
    './contrib/install': check_script,  # which contrib/check runs
    './contrib/quickstart': check_script,   # below
    'apt': elsewhere('test/deploy/packages.py', 'root', check_deb),
    'build/exporter/coda56-exporter': run,
    'build/test/modem-sim/modem-sim': run,
    'coda56-exporter': run_exporter,
    'contrib/build-deb': elsewhere('test/deploy/packages.py', None,
                                   check_script),
    'contrib/coverage': check_script,
    'contrib/cross/build': check_script,
    'contrib/fuzz': check_script,
    'contrib/grafana/generate': check_script,
    'cp': run,
    'curl': run_curl,
    'docker': elsewhere('test/deploy/container.py', 'Docker', check_docker),
    'echo': elsewhere('test/deploy/packages.py', 'root', check_echo),
    'grep': run,
    'htpasswd': elsewhere('test/e2e/test_web_config.py'),
    'kubectl': elsewhere('test/kubernetes/check.py', 'a cluster',
                         check_namespace),
    'meson': check_meson,
    'npm': elsewhere(None, 'registry', check_npm),
    'prometheus': elsewhere('test/e2e/test_rules.py'),
    'promtool': run,
    'python3': check_script,
    'systemctl': elsewhere('test/deploy/packages.py', 'root'),
    'systemd-analyze': elsewhere('test/deploy/units.sh'),
    'systemd-socket-activate': elsewhere('test/e2e/test_systemd.py'),
    'test/bench/bench': elsewhere('test/e2e/test_bench.py', None,
                                  check_bench),
    'test/soak/soak': elsewhere('test/e2e/test_soak.py', None, check_script),
}


def look_at_command(world, command, around):
    words = shlex.split(command)
    look = COMMANDS.get(words[0])
    assert look, 'test_readme.py has no row for ' + words[0]
    look(world, words, command, around)


@contextlib.contextmanager
def skipped(text):
    """Says what does not run here, and why."""
    try:
        yield
    except Skip as why:
        print('# not run: %s: %s' % (text.split('\n')[0], why))


# Other blocks, by their first line.

def check_jobs(world, text):
    """test_prometheus.py and test_migration.py have them scrape."""
    need('promtool')
    world.run('promtool check config ' + written(world, text))


def check_modules(world, text):
    option = '--config.file=' + written(world, text)
    are_right(world, [option])
    with Exporter(option) as exporter:
        shown = exporter.ask('/config').text
    for line in text.splitlines():
        line = line.split('#')[0].strip()
        # Lists are written otherwise.
        assert line in shown or line.endswith(']'), line


def check_web_config(world, text):
    with certified() as files:
        status, out, err = call('--config.check', files.config(
            text.replace('$2y$10$...', USERS['alice'][1])))
    assert status == 0, err


def check_expression(world, text):
    need('promtool')
    rules = {'groups': [{'name': 'a', 'rules': [
        {'record': 'a', 'expr': text}]}]}
    world.run('promtool check rules ' + written(world, json.dumps(rules)))


def printed_when(*behaviours):
    """Its lines are what a probe prints of a modem that behaves so."""
    def look(world, text):
        world.sim.behave(*behaviours)
        # Ends sooner than the module says.
        page = world.exporter.probe(world.sim.https, timeout=PATIENCE / 10)
        world.sim.behave()
        lines = page.text.splitlines()
        for line in text.splitlines():
            assert line in lines, '%s\nis not in\n%s' % (line, page.text)
    return look


BLOCKS = {
    '# HELP modem_downstream_power Downstream Power Level (dBmV)':
        printed_when(),
    'modules:': check_modules,
    'probe_success 0': printed_when('dsinfo,hang'),
    'rate(modem_downstream_uncorrectable_codewords_total[5m]) / (':
        check_expression,
    'scrape_configs:': check_jobs,
    'tls_server_config:': check_web_config,
}


def written(world, text):
    path = os.path.join(world.folder, 'block')
    with open(path, 'w', encoding='utf-8') as file:
        file.write(text)
    return path


def all_blocks():
    found = [block for name in DOCUMENTS
             for block in readme.blocks(readme.read(name))]
    found += readme.manual_blocks(readme.read(MANUAL))
    for where, folders, names in os.walk(os.path.join(ROOT, 'contrib')):
        for name in names:
            if name.endswith(('.yml', '.yaml')) or name == 'Dockerfile':
                found += readme.comment_blocks(readme.read(where, name))
    return found


@test
def every_block_is_run():
    found = all_blocks()
    assert len(found) > 30, found
    firsts = {block.text.split('\n')[0] for block in found}
    assert set(BLOCKS) <= firsts, set(BLOCKS) - firsts
    text = readme.read('README.md')
    assert all(name in text for name in COMMANDS), COMMANDS
    with World() as world, Cases() as cases:
        for block in found:
            look = BLOCKS.get(block.text.split('\n')[0])
            if look:
                with cases.row(block.text), skipped(block.text):
                    look(world, block.text)
                continue
            for command in readme.commands(block.text):
                with cases.row(command), skipped(command):
                    look_at_command(world, command, block.around)


@test
@isolated
def quickstart_ends_well():
    with tempfile.TemporaryDirectory() as folder:
        # All is built.
        program(folder, 'meson', 'exit 0')
        env = dict(environment(), BUILD_DIR=build_directory(),
                   PATH=folder + os.pathsep + os.environ['PATH'])
        for arguments, wanted in (('--once', 'probe_success 1'),
                                  ('--once 127.0.0.1:1', 'probe_success 0')):
            done = subprocess.run(
                [os.path.join(ROOT, 'contrib', 'quickstart')] +
                arguments.split(), env=env, stdin=subprocess.DEVNULL,
                capture_output=True, text=True, timeout=PATIENCE)
            if 'installing' in done.stdout or 'missing:' in done.stderr:
                raise Skip('contrib/quickstart would install packages')
            assert '\n%s\n' % wanted in done.stdout, done
            assert done.returncode == (wanted == 'probe_success 0'), done


def exists(path):
    return os.path.exists(os.path.join(ROOT, path))


@functools.lru_cache
def buildoptions():
    need('meson')
    done = subprocess.run(
        ['meson', 'introspect', '--buildoptions', build_directory()],
        capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 0, done.stderr
    return {option['name']: option for option in json.loads(done.stdout)}


class Known:
    """What a sentence can name."""

    def __init__(self, world):
        self.world = world
        _, self.help, _ = call('--help')
        _, metrics, _ = call('--list-metrics')
        self.metrics = set(re.findall(r'^\| `(\w+)`', metrics, re.M))
        world.exporter.ask('/nosuch')
        self.metrics |= set(world.exporter.page('/metrics').families)
        # Its words, and the names of files.
        self.text = readme.read('meson.build')
        for place in ('contrib', 'exporter', 'lib'):
            for where, folders, names in os.walk(os.path.join(ROOT, place)):
                for name in names:
                    self.text += '\n' + name
                    if not name.endswith('.png') and name != 'NEWS.md':
                        self.text += '\n' + readme.read(where, name)

    def look(self, span):
        text = span.text
        first = text.split()[0]
        if ' meson ' in ' %s ' % text and ' pkg' in text:
            return self.look_at_packages(text.split())
        if first in COMMANDS and (len(text.split()) > 1 or '/' in first):
            return look_at_command(self.world, text, span.around)
        for option in re.findall(r'(?<![\w-])--[a-z][\w.-]*', text):
            assert self.has_option(option, span.around), option
        for name in re.findall(r'(?<![\w-])-D(\w+)=', text):
            assert name in buildoptions(), name
        if re.match(r'(modem|probe|coda56_exporter)_\w+$', text):
            assert text in self.metrics, 'no such metric'
        elif text.startswith('/'):
            self.look_at_path(text)
        elif text.startswith('http'):
            self.look_at_url(text)
        elif text.startswith('share/'):
            assert '@datadir@' + text[5:] in readme.read(
                'test', 'deploy', 'installed.list.in')
        elif text.startswith(PLACES) and 'TARGET' not in text:
            assert exists(text), 'no such file'
        elif re.fullmatch(r'\.?[A-Za-z_][\w.-]*', text) and text not in (
                'portN', 'rowN'):
            assert self.has_word(text) or all(
                map(self.has_word, text.split('.'))), 'nobody knows the word'

    def has_word(self, word):
        return re.search(r'(?<!\w)%s(?!\w)' % re.escape(word), self.text,
                         re.I) or exists(word)

    def look_at_packages(self, names):
        """Those of Debian are what contrib/install installs."""
        script = readme.read('contrib', 'install')
        wanted = re.search("^build='(.*?)'", script, re.M | re.S).group(1)
        if 'libc6-dev' in names:
            assert set(names) == set(wanted.split()) - {'curl'}, wanted

    def has_option(self, option, around):
        """Of the exporter, or of a script that is named beside it."""
        if re.search(r'^  %s\b' % re.escape(option), self.help, re.M):
            return True
        scripts = re.findall(r'[\s`/]((?:contrib|test)/[\w/.-]+)', around)
        return any(option in readme.read(script) for script in scripts
                   if os.path.isfile(os.path.join(ROOT, script)))

    def look_at_path(self, text):
        path = re.split(r'[?[]', text)[0]
        if not path.startswith(('/etc/', '/var/', '/run/', '/modems/')):
            assert self.world.exporter.ask(path).status != 404, \
                'no such page'

    def look_at_url(self, text):
        if '127.0.0.1:8000' in text or 'localhost:8000' in text:
            path = self.world.here('/' + text.split('/', 3)[3])
            assert self.world.exporter.ask(path).status == 200, path
        elif 'localhost' in text:
            assert '"127.0.0.1:%s:' % text.rsplit(':')[-1] in self.text


@test
def what_sentences_name_is_there():
    with World() as world:
        known = Known(world)
        with Cases() as cases:
            for name in DOCUMENTS:
                found = set(readme.spans(readme.read(name)))
                assert found, name
                for span in sorted(found):
                    with cases.row('%s: %s' % (name, span.text)), \
                            skipped(span.text):
                        known.look(span)


@test
def links_lead_somewhere():
    with Cases() as cases:
        for name in DOCUMENTS:
            text = readme.FENCED.sub('', readme.read(name))
            headings = re.findall('^#+ (.*)', text, re.M)
            anchors = {re.sub(r'[^\w -]', '', h).replace(' ', '-').lower()
                       for h in headings}
            for link in re.findall(r'\]\(([^)]*)\)', text):
                with cases.row('%s: %s' % (name, link)):
                    if link.startswith('#'):
                        assert link[1:] in anchors, anchors
                    elif not link.startswith('https://'):
                        assert exists(link), 'no such file'


if __name__ == '__main__':
    main()
