# SPDX-License-Identifier: MIT
"""A real Prometheus, for tests of what it makes of the exporter."""

import contextlib
import http.client
import json
import os
import re
import shutil
import socket
import tempfile
import urllib.parse

from harness import PATIENCE, Program, Skip, wait_until


class Prometheus(Program):
    """With this configuration, on a port that was free a moment ago."""

    def __init__(self, directory, text):
        config = os.path.join(directory, 'prometheus.yml')
        with open(config, 'w') as file:
            file.write(text)
        with socket.create_server(('127.0.0.1', 0)) as taken:
            self._address = taken.getsockname()
        super().__init__([
            'prometheus', '--config.file=' + config,
            '--storage.tsdb.path=' + os.path.join(directory, 'data'),
            '--web.listen-address=%s:%d' % self._address])

    def get(self, path):
        """The answer's body; None if there is none, or one for waiting."""
        connection = http.client.HTTPConnection(*self._address,
                                                timeout=PATIENCE)
        try:
            connection.request('GET', path)
            answer = connection.getresponse()
            return answer.read() if answer.status == 200 else None
        except ConnectionError:
            return None
        finally:
            connection.close()

    def is_ready(self):
        """False if somebody else took the port."""
        wait_until(lambda: self.process.poll() is not None or
                   self.get('/-/ready'), 'Prometheus is ready')
        return self.process.poll() is None

    def ask(self, path, **parameters):
        """The data that its API answers."""
        found = self.get('/api/v1/%s?%s' % (
            path, urllib.parse.urlencode(parameters)))
        assert found, 'refused: %s %s' % (path, parameters)
        return json.loads(found)['data']

    def query(self, expression):
        """The labels and the value of each series."""
        return [(row['metric'], row['value'][1])
                for row in self.ask('query', query=expression)['result']]

    def by(self, label, expression):
        return {metric[label]: value
                for metric, value in self.query(expression)}

    def rules(self):
        """All rules, as the page of rules has them."""
        return [rule for group in self.ask('rules')['groups']
                for rule in group['rules']]

    def errors(self):
        """Why scrapes failed, by job."""
        return {t['labels']['job']: t['lastError']
                for t in self.ask('targets')['activeTargets']}


@contextlib.contextmanager
def prometheus(text, beside=()):
    """`text`: its configuration; `beside`: files that lie in the same
    directory."""
    if not shutil.which('prometheus'):
        raise Skip('prometheus is missing (package prometheus)')
    for attempt in range(5):
        with tempfile.TemporaryDirectory() as directory:
            for name in beside:
                shutil.copy(name, directory)
            program = Prometheus(directory, text)
            program.start()
            failed = True
            try:
                if not program.is_ready():
                    assert 'address already in use' in program.report(), \
                        program.report()
                    program.expected = program.process.poll()
                    failed = False
                    continue
                yield program
                failed = False
            finally:
                program.finish(program.process.terminate, failed)
            # Whatever was refused on the way stands in its log.
            complaints = [line for line in program.lines('stderr')
                          if re.search('level=(warn|error)', line) and
                          'SIGTERM' not in line]
            assert not complaints, complaints
            return
    raise Skip('no port stays free')
