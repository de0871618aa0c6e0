// What devices tell of themselves. The client receives live events, but has no way to send one.

import assert from 'node:assert/strict';

import { tell } from '../lib/answers.js';

// A thing, a device that tells, and a session that was confirmed to receive live events.
async function scene(world, members = { attributes: { a: 1 } }) {
  const [owner, device, bob] = await Promise.all([world.session(), world.application(), world.application()]);
  await bob.events.requestEvents();
  const id = await world.thing(owner, members);
  const watch = world.watch(bob, (events, callback) => events.subscribeToThing(id, callback));
  return { owner, device, bob, id, watch };
}

export default {
  'every kind reaches who asked, and the twin stays as it is': async (world) => {
    const { owner, device, id, watch } = await scene(world);
    const topic = (action) => `${id.replace(':', '/')}/things/live/events/${action}`;
    for (const [action, path, value] of [
      ['created', '/features/f/properties/p', 1],
      ['modified', '/attributes/a', { deep: [1, null] }],
      ['merged', '/attributes', { a: null, b: 2 }],
      ['deleted', '/attributes/a', undefined],
      ['modified', '/', { thingId: id, attributes: { a: 5 } }],
    ]) {
      await tell(device, id, action, path, value, { revision: 7 });
      const event = await watch.take();
      assert.deepEqual([event.topic, event.path, event.value], [topic(action), path, value]);
      assert.equal(event.headers['response-required'], false);
    }
    assert.deepEqual(await owner.things.getAttributes(id), { a: 1 });
  },

  'an event without a revision, or that is none, is refused': async (world) => {
    const { device, id, watch } = await scene(world);
    const errors = world.errors(device);
    const refusal = async () => {
      const { value } = await errors.take();
      return [value.status, value.error];
    };
    await tell(device, id, 'modified', '/attributes/a', 1, {});
    assert.deepEqual(await refusal(), [400, 'json.field.missing']);
    await tell(device, world.newId(), 'modified', '/attributes/a', 1);
    assert.deepEqual(await refusal(), [404, 'things:thing.notfound']);
    await tell(device, id, 'modified', '/attributes/a', 'last');
    assert.equal((await watch.next()).value, 'last');
    assert.equal(errors.pending, 0);
  },

  'live events are not events of the twin, nor the other way round': async (world) => {
    const { owner, device, id, watch } = await scene(world);
    const carol = await world.watcher();
    const twin = world.watch(carol, (events, callback) => events.subscribeToThing(id, callback));
    await tell(device, id, 'modified', '/attributes/live', 1);
    await owner.things.putAttribute(id, 'twin', 1);
    assert.equal((await twin.next()).path, '/attributes/twin');
    assert.equal((await watch.next()).path, '/attributes/live');
    await tell(device, id, 'modified', '/attributes/last', 1);
    assert.equal((await watch.next()).path, '/attributes/last');
    assert.equal(twin.pending, 0);
  },

  'a session does not receive its own': async (world) => {
    const { device, bob, id, watch } = await scene(world);
    await tell(bob, id, 'modified', '/attributes/own', 1);
    await bob.events.stopEvents();
    await bob.events.requestEvents();
    await tell(device, id, 'modified', '/attributes/other', 1);
    assert.equal((await watch.next()).path, '/attributes/other');
  },

  'subscriptions to paths and actions': async (world) => {
    const { device, bob, id, watch: everything } = await scene(world);
    const seen = async (subscribe) => {
      const watch = world.watch(bob, subscribe);
      for (const [action, path] of [['modified', '/attributes/a'], ['created', '/attributes/a/b'], ['modified', '/features/f']]) {
        await tell(device, id, action, path, {});
        await everything.take();
      }
      const got = [];
      while (watch.pending > 0) {
        got.push((await watch.next()).path);
      }
      watch.end();
      return got;
    };
    const [a, b, f] = ['/attributes/a', '/attributes/a/b', '/features/f'];
    assert.deepEqual(await seen((e, cb) => e.subscribeToAllEvents(cb)), [a, b, f]);
    assert.deepEqual(await seen((e, cb) => e.subscribeToAttribute(id, 'a', cb, undefined, false)), [a]);
    assert.deepEqual(await seen((e, cb) => e.subscribeToAttributes(id, cb, 'created')), [b]);
    assert.deepEqual(await seen((e, cb) => e.subscribeToFeatures(id, cb)), [f]);
  },

  'filter, extra fields and namespaces': async (world) => {
    const { device, bob, id, watch } = await scene(world, { attributes: { kind: 'lamp' } });
    const ask = (parameters) => bob.control('START-SEND-LIVE-EVENTS', parameters);
    const values = async (...sent) => {
      for (const value of sent) {
        await tell(device, id, 'modified', '/attributes/a', value);
      }
      return watch.next().then(({ value }) => value);
    };
    const filter = (text) => `filter=${encodeURIComponent(text)}`;
    await ask(filter('gt(attributes/a,5)'));
    assert.equal(await values(3, 6), 6);
    await ask(`extraFields=attributes/kind&${filter('and(eq(attributes/kind,"lamp"),lt(attributes/a,5))')}`);
    assert.equal(await values(7, 4), 4);
    await ask(`namespaces=${world.namespace}`);
    assert.equal(await values(9), 9);
    assert.equal(watch.pending, 0);
  },
};
