// What other sessions see.

import assert from 'node:assert/strict';

import {
  And, Eq, Exists, Gt, Like, Not, Or, Thing,
} from '@eclipse-ditto/ditto-javascript-client-node';

import { topicOf } from '../lib/world.js';

// A session that acts, and one that watches.
async function pair(world) {
  return { alice: await world.session(), bob: await world.watcher() };
}

const all = (id) => (events, callback) => events.subscribeToThing(id, callback);

export default {
  'every change is one event, in order': async (world) => {
    const { alice, bob } = await pair(world);
    const id = world.newId();
    const watch = world.watch(bob, all(id));
    const expect = async (action, path, value) => {
      assert.deepEqual(await watch.next(), { topic: topicOf(id, action), action, path, value });
    };
    const { things } = alice;
    const features = alice.features(id);

    await things.createThing(Thing.fromObject({ thingId: id, attributes: { a: 1 } }));
    await expect('created', '/', { thingId: id, policyId: id, attributes: { a: 1 } });
    await things.putAttribute(id, 'b', 2);
    await expect('created', '/attributes/b', 2);
    await things.putAttribute(id, 'b', null);
    await expect('modified', '/attributes/b', null);
    await things.deleteAttribute(id, 'b');
    await expect('deleted', '/attributes/b', undefined);
    await things.patchAttributes(id, { a: null, c: { d: 3 } });
    await expect('merged', '/attributes', { a: null, c: { d: 3 } });
    await things.putDefinition(id, 'org.example:lamp:1.0.0');
    await expect('created', '/definition', 'org.example:lamp:1.0.0');
    await features.patchProperty('lamp', 'on', true);
    await expect('merged', '/features/lamp/properties/on', true);
    await features.putProperty('lamp', 'on', false);
    await expect('modified', '/features/lamp/properties/on', false);
    await features.putDesired('lamp', '', { on: true });
    await expect('created', '/features/lamp/desiredProperties', { on: true });
    await features.deleteFeature('lamp');
    await expect('deleted', '/features/lamp', undefined);
    await things.putThing(Thing.fromObject({ thingId: id, policyId: id, attributes: {} }));
    await expect('modified', '/', { thingId: id, policyId: id, attributes: {} });
    await things.deleteThing(id);
    await expect('deleted', '/', undefined);
    assert.equal(watch.pending, 0);
  },

  'what fails or only reads is no event': async (world) => {
    const { alice, bob } = await pair(world);
    const { id, watch } = await world.watchedThing(alice, bob);
    await alice.things.getThing(id);
    await assert.rejects(alice.things.deleteAttribute(id, 'missing'), () => true);
    await alice.things.putAttribute(id, 'last', 1);
    assert.equal((await watch.next()).path, '/attributes/last');
  },

  'a session does not see its own changes': async (world) => {
    const alice = await world.watcher();
    const bob = await world.session();
    const id = await world.thing(alice);
    const watch = world.watch(alice, all(id));
    await alice.things.putAttribute(id, 'own', 1);
    await bob.things.putAttribute(id, 'other', 2);
    assert.equal((await watch.next()).path, '/attributes/other');
    assert.equal(watch.pending, 0);
  },

  'subscriptions to a thing, a path and an action': async (world) => {
    const { alice, bob } = await pair(world);
    const { id, watch: everything } = await world.watchedThing(alice, bob, { features: { f: { properties: { p: 0 } } } });
    const { id: other, watch: elsewhere } = await world.watchedThing(alice, bob);
    const paths = async (subscribe) => {
      const watch = world.watch(bob, subscribe);
      await alice.things.putAttribute(other, 'x', 1);
      await alice.things.putAttribute(id, 'x', 1);
      await alice.things.putAttribute(id, 'x/y', 2);
      await alice.features(id).putProperty('f', 'p', 3);
      await alice.things.deleteAttribute(id, 'x');
      const expected = [];
      for (let i = 0; i < 4; i++) {
        expected.push((await everything.next()).path);
      }
      await elsewhere.next();
      assert.deepEqual(expected, ['/attributes/x', '/attributes/x/y', '/features/f/properties/p', '/attributes/x']);
      const got = [];
      while (watch.pending > 0) {
        got.push((await watch.next()).path);
      }
      watch.end();
      return got;
    };
    const x = '/attributes/x';
    const p = '/features/f/properties/p';
    assert.deepEqual(await paths((e, cb) => e.subscribeToAttributes(id, cb)), [x, `${x}/y`, x]);
    assert.deepEqual(await paths((e, cb) => e.subscribeToAttribute(id, 'x', cb, undefined, false)), [x, x]);
    assert.deepEqual(await paths((e, cb) => e.subscribeToAttribute(id, 'x', cb, 'deleted')), [x]);
    assert.deepEqual(await paths((e, cb) => e.subscribeToFeatures(id, cb)), [p]);
    assert.deepEqual(await paths((e, cb) => e.subscribeToFeature(id, 'f', cb)), [p]);
    assert.deepEqual(await paths((e, cb) => e.subscribeToProperty(id, 'f', 'p', cb, 'modified')), [p]);
    assert.deepEqual(await paths((e, cb) => e.subscribeToThing(other, cb)), [x]);
  },

  'all events, of all things': async (world) => {
    const { alice, bob } = await pair(world);
    const seen = [];
    const ours = `${world.namespace}/`;
    bob.events.subscribeToAllEvents((event) => event.topic.startsWith(ours) && seen.push(event.topic));
    const one = await world.watchedThing(alice, bob);
    const two = await world.watchedThing(alice, bob);
    await alice.things.deleteThing(one.id);
    await one.watch.next();
    await alice.things.deleteThing(two.id);
    await two.watch.next();
    assert.deepEqual(seen, [
      topicOf(one.id, 'created'), topicOf(two.id, 'created'), topicOf(one.id, 'deleted'), topicOf(two.id, 'deleted'),
    ]);
  },

  'stop, and start again': async (world) => {
    const { alice, bob } = await pair(world);
    const { id, watch } = await world.watchedThing(alice, bob);
    await bob.events.stopEvents();
    await alice.things.putAttribute(id, 'unseen', 1);
    await bob.events.requestEvents();
    await alice.things.putAttribute(id, 'seen', 1);
    assert.equal((await watch.next()).path, '/attributes/seen');
  },

  'twenty watchers see the same': async (world) => {
    const alice = await world.session();
    const bobs = await Promise.all(Array.from({ length: 20 }, () => world.watcher()));
    const id = world.newId();
    const watches = bobs.map((bob) => world.watch(bob, all(id)));
    await alice.things.createThing(Thing.fromObject({ thingId: id, attributes: { n: -1 } }));
    await Promise.all(watches.map((watch) => watch.next()));
    for (let i = 0; i < 50; i++) {
      await alice.things.putAttribute(id, 'n', i);
    }
    for (const watch of watches) {
      for (let i = 0; i < 50; i++) {
        const { action, value } = await watch.next();
        assert.deepEqual({ action, value }, { action: 'modified', value: i });
      }
    }
  },

  'filters as the client builds them, encoded and not': async (world) => {
    const alice = await world.session();
    const filter = And(Gt('attributes/a', 5), Not(Like('thingId', '*:none')), Or(Exists('attributes/a'), Eq('attributes/a', 'x y'))).toString();
    for (const written of [filter, encodeURIComponent(filter)]) {
      const bob = await world.asking(`filter=${written}&extraFields=attributes(a,b)&namespaces=${world.namespace}`);
      const id = await world.thing(alice, { attributes: { a: 1, b: 2 } });
      const watch = world.watch(bob, all(id));
      for (const value of [3, 6, 4, 8]) {
        await alice.things.putAttribute(id, 'a', value);
      }
      assert.equal((await watch.next()).value, 6);
      assert.equal((await watch.next()).value, 8);
      assert.equal(watch.pending, 0);
    }
  },
};
