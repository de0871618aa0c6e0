// What is refused, and that the session goes on.

import assert from 'node:assert/strict';

import { Thing } from '@eclipse-ditto/ditto-javascript-client-node';

import { refused } from '../lib/expect.js';

export default {
  'nothing works on a thing that does not exist': async (world) => {
    const alice = await world.session();
    const id = world.newId();
    const missing = (promise) => refused(promise, 404, 'things:thing.notfound');
    await missing(alice.things.getThing(id));
    await missing(alice.things.getAttributes(id));
    await missing(alice.things.putAttribute(id, 'a', 1));
    await missing(alice.things.patchAttribute(id, 'a', 1));
    await missing(alice.things.deleteThing(id));
    await missing(alice.features(id).putProperty('f', 'p', 1));
    await missing(alice.features(id).deleteFeatures());
  },

  'ids that are not allowed': async (world) => {
    const alice = await world.session();
    for (const id of [`${world.namespace}:a§b`, '1digit:x', 'no..dots:x']) {
      await refused(alice.things.createThing(Thing.fromObject({ thingId: id })), 400, 'things:id.invalid');
    }
  },

  'paths that do not exist': async (world) => {
    const alice = await world.session();
    const id = await world.thing(alice);
    const request = (action, path, value) => alice.things.request(action, id, path, value);
    await refused(request('retrieve', '/nowhere'), 400, 'protocoladapter:unknown.path');
    await refused(request('retrieve', '/features/f/nowhere'), 400, 'protocoladapter:unknown.path');
    await refused(request('create', '/attributes', {}), 400, 'protocoladapter:unknown.topicpath');
    await refused(request('delete', '/policyId'), 400, 'protocoladapter:unknown.topicpath');
    await refused(alice.things.getAttribute(id, 'a//b'), 400, 'json.pointer.invalid');
  },

  'values of the wrong kind': async (world) => {
    const alice = await world.session();
    const id = await world.thing(alice, { features: { f: {} } });
    await refused(alice.things.putAttributes(id, 'text'), 400, 'json.format.invalid');
    await refused(alice.things.putAttributes(id, undefined), 400, 'json.invalid');
    await refused(alice.things.putDefinition(id, 'no definition'), 400, 'things:definition.identifier.invalid');
    await refused(alice.features(id).putDefinition('f', []), 400, 'things:feature.definition.empty');
    await refused(alice.things.putAttribute(id, 'a', 'nul \u0000'), 400, 'json.invalid');
    await refused(alice.things.request('merge', id, '/attributes', {}), 415, 'mediatype.unsupported');
    assert.deepEqual((await alice.things.getFields(id, '/', '_revision'))._revision, 1, 'nothing happened');
  },

  'a thing that would become too large': async (world) => {
    const alice = await world.session();
    const id = await world.thing(alice);
    const large = 'x'.repeat(100 * 1024);
    await refused(alice.things.putAttribute(id, 'a', large), 413, 'things:thing.toolarge');
    await refused(alice.things.getAttributes(id), 404, 'things:attributes.notfound');
  },

  'a session survives a hundred errors': async (world) => {
    const alice = await world.session();
    const id = await world.thing(alice);
    await Promise.all(Array.from({ length: 100 }, () => refused(
      alice.things.request('retrieve', id, '/nowhere'), 400, 'protocoladapter:unknown.path')));
    assert.equal((await alice.things.getThing(id)).thingId, id);
  },
};
