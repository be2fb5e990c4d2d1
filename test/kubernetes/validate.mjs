// SPDX-License-Identifier: MIT
//
// Reads Kubernetes resources as a JSON array from stdin, and prints a line for
// each thing in them that the published schemas refuse or do not know.  To be
// run where the packages kubernetes-models and
// @kubernetes-models/prometheus-operator can be imported from.

import fs from 'node:fs';

async function model(resource) {
	const from = resource.apiVersion.startsWith('monitoring.coreos.com/') ?
	    '@kubernetes-models/prometheus-operator' : 'kubernetes-models';
	const module = await import(
	    `${from}/${resource.apiVersion}/${resource.kind}`);
	return module[resource.kind];
}

function complaint(Model, resource) {
	try {
		new Model(resource).validate();
		return null;
	} catch (error) {
		return error.message;
	}
}

// The schemas let unknown keys pass.  A key is known if a value of a kind that
// it cannot have is refused there.
function unknown(Model, resource, node, path) {
	const found = [];
	for (const key of Object.keys(node)) {
		const value = node[key];
		const where = `${path}.${key}`;
		const inner = value !== null && typeof value === 'object';
		node[key] = inner ? 7 : {};
		if (!complaint(Model, resource))
			found.push(`${where} is unknown`);
		node[key] = value;
		if (inner)
			found.push(...unknown(Model, resource, value, where));
	}
	return found;
}

for (const resource of JSON.parse(fs.readFileSync(0, 'utf8'))) {
	const Model = await model(resource);
	const wrong = complaint(Model, resource);
	const found = wrong ? [wrong] :
	    unknown(Model, resource, resource, resource.kind);
	found.forEach(line => console.log(line));
}
