// What every request has in common: who asks, what is answered beside the body, and what is refused.

import assert from 'node:assert/strict';

import { DefaultMatchOptions, Thing } from '@eclipse-ditto/ditto-javascript-client-node';

import { denied } from '../lib/expect_http.js';

const options = (headers = {}, parameters = {}) => {
  const all = DefaultMatchOptions.getInstance();
  Object.entries(headers).forEach(([name, value]) => all.addHeader(name, value));
  Object.entries(parameters).forEach(([name, value]) => all.addRequestParameter(name, encodeURIComponent(value)));
  return all;
};

async function scene(world) {
  const http = world.http();
  const id = world.newId();
  await http.things.putThing(Thing.fromObject({ thingId: id, attributes: { n: 1 } }));
  return { ...http, things: http.things, id };
}

export default {
  'wrong credentials': async (world) => {
    const { id } = await scene(world);
    const { things } = world.http({ password: 'wrong' });
    const { headers } = await denied(things.getThing(id), 401, 'gateway:authentication.failed');
    assert.match(headers.get('www-authenticate'), /^Basic /);
    await denied(world.http({ user: 'nobody' }).things.putAttribute(id, 'n', 2), 401, 'gateway:authentication.failed');
  },

  'headers of answers': async (world) => {
    const { things, id } = await scene(world);
    const { headers } = await things.putAttribute(id, 'n', 2, options({ 'correlation-id': 'mine' }));
    assert.equal(headers.get('correlation-id'), 'mine');
    assert.match(headers.get('etag'), /^"hash:.+"$/);
    const made = await things.putAttribute(id, 'm', 1);
    assert.equal(made.headers.get('location'), `/api/2/things/${id}/attributes/m`);
    assert.notEqual(made.headers.get('correlation-id'), undefined);
  },

  'a condition, as a header and as a parameter': async (world) => {
    const { things, id } = await scene(world);
    const condition = 'eq(attributes/n,2)';
    await denied(things.putAttribute(id, 'n', 3, options({ condition })), 412, 'things:condition.failed');
    await denied(things.putAttribute(id, 'n', 3, options({}, { condition })), 412, 'things:condition.failed');
    const { status } = await things.putAttribute(id, 'n', 3, options({}, { condition: 'eq(attributes/n,1)' }));
    assert.equal(status, 204);
  },

  'acknowledgements that nobody gives': async (world) => {
    const { things, id } = await scene(world);
    const label = world.label('done');
    const asked = options({}, { 'requested-acks': `twin-persisted,${label}`, timeout: '1s' });
    let answer;
    await things.putAttribute(id, 'n', 2, asked).catch((rejected) => { answer = rejected; });
    assert.equal(answer.status, 424);
    assert.deepEqual([answer.body['twin-persisted'].status, answer.body[label].status], [204, 408]);
    assert.equal(await things.getAttribute(id, 'n'), 2);
  },

  'a modification that wants no response': async (world) => {
    const { things, id } = await scene(world);
    const bob = await world.watcher();
    const watch = world.watch(bob, (events, callback) => events.subscribeToThing(id, callback));
    // The client takes 202 for a mistake.
    await assert.rejects(() => Promise.resolve(things.putAttribute(id, 'n', 2, options({ 'response-required': false }))
      .catch((reason) => { throw new Error(reason); })), /202/);
    assert.equal((await watch.next()).value, 2);
  },

  'ids and paths that are not allowed': async (world) => {
    const { things, id } = await scene(world);
    await denied(things.getThing('no..dots:x'), 400, 'things:id.invalid');
    await denied(things.putThing(Thing.fromObject({ thingId: 'nocolon' })), 400, 'things:id.invalid');
    await denied(things.getAttribute(id, 'a//b'), 400, 'json.pointer.invalid');
  },

  'many requests at once': async (world) => {
    const { things, id } = await scene(world);
    const all = Array.from({ length: 100 }, (_, n) => n);
    await Promise.all(all.map((n) => things.putAttribute(id, `k${n}`, n)));
    assert.deepEqual(await Promise.all(all.map((n) => things.getAttribute(id, `k${n}`))), all);
  },
};
