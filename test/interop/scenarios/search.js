// Searches over all things.

import assert from 'node:assert/strict';

import {
  And, DefaultSearchOptions, Eq, Exists, Gt, ILike, In, Like, Lt, Ne, Not, Or, Thing,
} from '@eclipse-ditto/ditto-javascript-client-node';

import { refused } from '../lib/expect.js';
import { Search, found } from '../lib/search.js';

let scenes = 0;

// Things in a namespace of their own, of which the n-th has the attribute n, and an application.
async function scene(world, count = 5) {
  const alice = await world.session();
  const namespace = `${world.namespace}.search${++scenes}`;
  const ids = [];
  for (let n = 0; n < count; n++) {
    const lamp = { properties: { on: n % 2 === 0 } };
    const thing = { thingId: `${namespace}:thing-${n}`, attributes: { n, room: `room ${n}` }, features: n < 3 ? { lamp } : {} };
    await alice.things.createThing(Thing.fromObject(thing));
    ids.push(thing.thingId);
  }
  return { alice, ids, options: () => DefaultSearchOptions.getInstance().withNamespaces(namespace) };
}

const numbers = (pages) => pages.flat().map((thing) => thing.attributes.n);

export default {
  'filters that the client builds': async (world) => {
    const { alice, options } = await scene(world);
    for (const [filter, want] of [
      [Eq('attributes/n', 3), [3]],
      [Ne('attributes/n', 3), [0, 1, 2, 4]],
      [And(Gt('attributes/n', 1), Lt('attributes/n', 4)), [2, 3]],
      [Or(Eq('attributes/n', 0), Eq('attributes/room', 'room 4')), [0, 4]],
      [In('attributes/n', 4, 2, 7), [2, 4]],
      [Like('attributes/room', '*om 1'), [1]],
      [ILike('attributes/room', 'ROOM ?'), [0, 1, 2, 3, 4]],
      [Exists('features/*/properties/on'), [0, 1, 2]],
      [And(Eq('features/lamp/properties/on', true), Not(Eq('attributes/n', 0))), [2]],
      [Eq('attributes/n', '3'), []],
    ]) {
      const pages = await found(alice, options().withFilter(filter).withSort('+attributes/n'));
      assert.deepEqual(numbers(pages), want, filter.toString());
    }
  },

  'sort, size and fields': async (world) => {
    const { alice, ids, options } = await scene(world);
    const asked = options().withSort('-attributes/n').withPageSize(2).withFields('thingId', 'attributes/n');
    const thing = (n) => ({ thingId: ids[n], attributes: { n } });
    assert.deepEqual(await found(alice, asked), [[thing(4), thing(3)], [thing(2), thing(1)], [thing(0)]]);
  },

  'without fields whole things are found, as they are now': async (world) => {
    const { alice, ids, options } = await scene(world, 2);
    const search = await Search.begin(alice, options().withPageSize(1));
    assert.equal((await search.page())[0].thingId, ids[0]);
    await alice.things.putAttribute(ids[1], 'room', 'another');
    assert.deepEqual(await search.page(), [{ thingId: ids[1], policyId: ids[1], attributes: { n: 1, room: 'another' }, features: { lamp: { properties: { on: false } } } }]);
  },

  'no more pages come than are asked for': async (world) => {
    const { alice, options } = await scene(world);
    const search = await Search.begin(alice, options().withPageSize(1).withSort('+attributes/n'));
    await search.request(2, 'first');
    for (const n of [0, 1]) {
      const { action, items, correlationId } = await search.take();
      assert.deepEqual([action, numbers([items]), correlationId], ['next', [n], 'first']);
    }
    await alice.things.getThing('no:where').catch(() => {}); // whatever was sent before has come
    assert.equal(search.pending, 0);
    await search.request(1);
    await search.request(7, 'last');
    for (const n of [2, 3, 4]) {
      assert.deepEqual(numbers([(await search.take()).items]), [n]);
    }
    const { action, correlationId } = await search.take();
    assert.deepEqual([action, correlationId], ['complete', 'last']);
  },

  'what is acknowledged is found, and what is deleted is not': async (world) => {
    const { alice, ids, options } = await scene(world, 1);
    const bob = await world.session();
    for (let n = 10; n < 30; n++) {
      await alice.things.putAttribute(ids[0], 'n', n);
      assert.deepEqual(numbers(await found(bob, options().withFilter(Eq('attributes/n', n)))), [n]);
      assert.deepEqual(await found(bob, options().withFilter(Eq('attributes/n', n - 1))), []);
    }
    await alice.things.deleteThing(ids[0]);
    assert.deepEqual(await found(bob, options()), []);
  },

  'a search that is cancelled is over': async (world) => {
    const { alice, options } = await scene(world);
    const search = await Search.begin(alice, options().withPageSize(1));
    assert.equal((await search.page()).length, 1);
    await search.cancel();
    await search.request(1);
    const { action, error } = await search.take();
    assert.deepEqual([action, error.status, error.error], ['failed', 400, 'thing-search:subscription.protocol.error']);
  },

  'several searches of a session have ids of their own': async (world) => {
    const { alice, options } = await scene(world);
    const [a, b] = [await Search.begin(alice, options().withPageSize(4)), await Search.begin(alice, options().withPageSize(1))];
    assert.notEqual(a.id, b.id);
    assert.deepEqual([(await a.page()).length, (await b.page()).length, (await a.page()).length], [4, 1, 1]);
    assert.equal(b.pending, 0);
  },

  'what is wrong is told when a page is requested': async (world) => {
    const { alice, options } = await scene(world, 1);
    for (const [asked, code] of [
      [options().withRawFilter('eq(attributes/n'), 'rql.expression.invalid'],
      [options().withSort('attributes/n'), 'thing-search:search.option.invalid'],
      [options().withPageSize(201), 'thing-search:search.option.invalid'],
      [options().withLimit(0, 10), 'thing-search:search.option.invalid'],
      [DefaultSearchOptions.getInstance().withNamespaces('no namespace'), 'thing-search:search.namespaces.invalid'],
    ]) {
      await refused(found(alice, asked), 400, code);
    }
  },

  'a demand for nothing, and a search that there is not': async (world) => {
    const { alice, options } = await scene(world, 1);
    const search = await Search.begin(alice, options());
    await search.request(0);
    const { action, error } = await search.take();
    assert.deepEqual([action, error.status, error.error], ['failed', 400, 'thing-search:subscription.protocol.error']);
    search.id = 'unknown';
    await search.request(1);
    const unknown = await search.take();
    assert.deepEqual([unknown.action, unknown.error.status, unknown.error.error], ['failed', 404, 'thing-search:subscription.not.found']);
  },
};
