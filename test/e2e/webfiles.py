# SPDX-License-Identifier: MIT
"""Web configurations, and certificates of both sides, in a directory of their
own."""

import base64
import contextlib
import os
import shutil
import ssl
import subprocess
import tempfile

from harness import PATIENCE, Skip

# By libxcrypt: crypt('PASSWORD', '$2y$04$...'); cheap, but for the costly.
USERS = {
    'alice': ('wonderland',
              '$2y$04$Ue0FMmYmQmnMbOpGxbs8FepcmLFHTBV3YNAOqpMY7YowPcN8.baXi'),
    'costly': ('looking-glass',
               '$2b$09$kLW0u3fXHlXWqYfC5i4TfeJtNLkxHwbFrgAh6v4/ajI4iAiGfYluy'),
    'older': ('tulgey',
              '$2a$12$M9dFv1kzBw0XCaLVEaQ2kulrZoimkjAVPGkwnlfE4gAG94o7mIoNq'),
    'k\u00f6nig': (
        'p\u00e4ssw\u00f6rd:with colon',
        '$2y$04$Zb0FMmYmQmnMbOpGxbs8Fe/VIQpcQ19doO0Q0d/X72nMV.W7eC85.'),
}
# Of the password `new`.
NEW_HASH = '$2y$04$Qb0FMmYmQmnMbOpGxbs8Fe2J9PPE.eHo4PFYFg3dR52O36a3vSNAK'


def authorization(user, password):
    raw = ('%s:%s' % (user, password)).encode()
    return {'Authorization': 'Basic ' + base64.b64encode(raw).decode()}


def right(user):
    return authorization(user, USERS[user][0])


def users(*names):
    return 'basic_auth_users:\n' + ''.join(
        '  %s: %s\n' % (name, USERS[name][1]) for name in names)


class Directory:
    """Files for a web configuration; they are replaced, never rewritten."""

    def __enter__(self):
        self._directory = tempfile.TemporaryDirectory()
        return self

    def __exit__(self, kind, error, trace):
        self._directory.cleanup()

    def path(self, name):
        return os.path.join(self._directory.name, name)

    def read(self, name):
        with open(self.path(name)) as file:
            return file.read()

    def write(self, name, text):
        with open(self.path(name + '.new'), 'w', encoding='utf-8') as file:
            file.write(text)
        os.replace(file.name, self.path(name))

    def config(self, text):
        """The configuration is this from now on; gives the option."""
        self.write('web.yml', text)
        return '--web.config.file=' + self.path('web.yml')

    def certificate(self, name, issuer=None, san='DNS:localhost,IP:127.0.0.1',
                    authority=False, days=2):
        """Writes NAME.crt and NAME.key; without issuer it signs itself."""
        request = ['-newkey', 'ec', '-pkeyopt',
                   'ec_paramgen_curve:prime256v1', '-nodes', '-keyout',
                   self.path(name + '.key.new'), '-subj', '/CN=' + name]
        extensions = ['basicConstraints=critical,CA:' +
                      ('TRUE' if authority else 'FALSE')]
        if san:
            extensions.append('subjectAltName=' + san)
        out = ['-out', self.path(name + '.crt.new')]
        if issuer:
            self.openssl('req', '-new', *request, '-out', self.path('csr'))
            self.write('ext', '\n'.join(extensions))
            self.openssl('x509', '-req', '-in', self.path('csr'), '-days',
                         str(days), '-CA', self.path(issuer + '.crt'),
                         '-CAkey', self.path(issuer + '.key'),
                         '-CAcreateserial', '-extfile', self.path('ext'),
                         *out)
        else:
            self.openssl('req', '-x509', '-days', str(days), *request, *out,
                         *(word for e in extensions
                           for word in ('-addext', e)))
        for kind in ('.key', '.crt'):
            os.replace(self.path(name + kind + '.new'),
                       self.path(name + kind))

    def modem(self, name, *args, **more):
        """A modem's certificate, with its key in one file; gives its path."""
        self.certificate(name, *args, **more)
        self.write(name, self.read(name + '.crt') + self.read(name + '.key'))
        return self.path(name)

    def openssl(self, *args):
        if not shutil.which('openssl'):
            raise Skip('needs the command openssl')
        done = subprocess.run(['openssl'] + list(args), capture_output=True,
                              text=True, timeout=PATIENCE)
        assert done.returncode == 0, done.stderr

    def client(self, trusted='server', certificate=None):
        """A client's context; `certificate`: the name of its own."""
        context = ssl.create_default_context(
            cafile=self.path(trusted + '.crt'))
        if certificate:
            context.load_cert_chain(self.path(certificate + '.crt'),
                                    self.path(certificate + '.key'))
        return context


@contextlib.contextmanager
def certified():
    """Files with the certificate of a server, as TLS wants them."""
    with Directory() as files:
        files.certificate('server')
        yield files


TLS = 'tls_server_config:\n  cert_file: server.crt\n  key_file: server.key\n'
