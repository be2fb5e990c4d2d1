#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""usage: check.py SOURCE-ROOT NODE-PROJECT

What contrib/kubernetes has: the published schemas accept it (skipped where
their npm packages are not installed in NODE-PROJECT), the parts fit together,
and the container may do no more than it must.
"""

import json
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import tap

try:
    import yaml
except ImportError:
    yaml = None

root, node_project = sys.argv[1:]
here = os.path.join(root, 'contrib', 'kubernetes')
PACKAGES = ('kubernetes-models', '@kubernetes-models/prometheus-operator')
PATIENCE = 60 * float(os.environ.get('TEST_TIMEOUT_FACTOR', '1'))


def load(name):
    if not yaml:
        raise tap.Skip('PyYAML is missing (package python3-yaml)')
    with open(os.path.join(here, name), encoding='utf-8') as file:
        return list(yaml.safe_load_all(file))


def resources():
    """By kind; there is one of each."""
    found = [resource for name in load('kustomization.yaml')[0]['resources']
             for resource in load(name)]
    kinds = {resource['kind']: resource for resource in found}
    assert len(kinds) == len(found), found
    return kinds


def all_files_are_used():
    names = set(load('kustomization.yaml')[0]['resources'])
    assert names | {'kustomization.yaml'} == set(os.listdir(here)), names
    assert set(resources()) == {
        'Deployment', 'Service', 'NetworkPolicy', 'Probe', 'ServiceMonitor'}


def schemas_accept_them():
    kinds = resources()
    if not shutil.which('node'):
        raise tap.Skip('node is missing (package nodejs)')
    for package in PACKAGES:
        if not os.path.isdir(os.path.join(node_project, 'node_modules',
                                          package)):
            raise tap.Skip('npm install --prefix %s %s' % (
                node_project, ' '.join(PACKAGES)))
    # Imports are looked for from where the program is, or is said to be.
    with open(os.path.join(root, 'test', 'kubernetes', 'validate.mjs'),
              encoding='utf-8') as file:
        program = file.read()
    done = subprocess.run(
        ['node', '--input-type=module', '--eval', program], cwd=node_project,
        input=json.dumps(list(kinds.values())), capture_output=True, text=True,
        timeout=PATIENCE)
    assert done.returncode == 0 and not done.stdout, done.stdout + done.stderr


def container_may_do_little():
    pod = resources()['Deployment']['spec']['template']['spec']
    container, = pod['containers']
    assert container['image'] == 'coda56-exporter:1.0.0', container['image']
    assert pod['automountServiceAccountToken'] is False, pod
    assert pod['securityContext'] == {
        'runAsNonRoot': True, 'runAsUser': 65532, 'runAsGroup': 65532,
        'seccompProfile': {'type': 'RuntimeDefault'}}, pod['securityContext']
    assert container['securityContext'] == {
        'allowPrivilegeEscalation': False, 'readOnlyRootFilesystem': True,
        'capabilities': {'drop': ['ALL']}}, container['securityContext']
    assert set(container['resources']) == {'requests', 'limits'}, container
    for probe, path in (('livenessProbe', '/-/healthy'),
                        ('readinessProbe', '/-/ready')):
        assert container[probe]['httpGet'] == {
            'path': path, 'port': container['ports'][0]['name']}, probe


def parts_fit_together():
    kinds = resources()
    deployment, service = kinds['Deployment']['spec'], kinds['Service']
    policy = kinds['NetworkPolicy']['spec']
    labels = deployment['template']['metadata']['labels']
    for selector in (deployment['selector']['matchLabels'],
                     service['spec']['selector'],
                     policy['podSelector']['matchLabels']):
        assert selector == labels, selector
    monitor = kinds['ServiceMonitor']['spec']
    assert monitor['selector']['matchLabels'] == \
        service['metadata']['labels'], monitor
    port, = deployment['template']['spec']['containers'][0]['ports']
    offered, = service['spec']['ports']
    assert offered['targetPort'] == port['name'], offered
    assert monitor['endpoints'][0]['port'] == offered['name'], monitor
    prober = kinds['Probe']['spec']['prober']
    assert prober == {'path': '/probe', 'url': '%s.%s.svc:%d' % (
        service['metadata']['name'],
        load('kustomization.yaml')[0]['namespace'], offered['port'])}, prober


def network_is_the_modems_alone():
    kinds = resources()
    policy = kinds['NetworkPolicy']['spec']
    assert policy['policyTypes'] == ['Ingress', 'Egress'], policy
    container = kinds['Deployment']['spec']['template']['spec'][
        'containers'][0]
    incoming, = policy['ingress']
    assert incoming == {
        'from': [{'namespaceSelector': {'matchLabels': {
            'kubernetes.io/metadata.name': 'monitoring'}}}],
        'ports': [{'port': container['ports'][0]['name'],
                   'protocol': 'TCP'}]}, incoming
    modems, names = policy['egress']
    network, = modems['to']
    assert '--target.allow=' + network['ipBlock']['cidr'] in \
        container['args'], network
    assert {p['port'] for p in names['ports']} == {53}, names


tap.run((
    all_files_are_used,
    schemas_accept_them,
    container_may_do_little,
    parts_fit_together,
    network_is_the_modems_alone,
))
