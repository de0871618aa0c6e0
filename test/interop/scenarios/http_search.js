// Searches over HTTP: page by page, and how many there are.

import assert from 'node:assert/strict';

import {
  And, DefaultCountOptions, DefaultSearchOptions, Eq, Exists, Gt, ILike, In, Like, Lt, Ne, Not, Or, Thing,
} from '@eclipse-ditto/ditto-javascript-client-node';

import { plain } from '../lib/expect.js';
import { denied } from '../lib/expect_http.js';

let scenes = 0;

// Things in a namespace of their own, of which the n-th has the attribute n.
async function scene(world, count = 5) {
  const { things, search } = world.http();
  const namespace = `${world.namespace}.httpsearch${++scenes}`;
  const ids = [];
  for (let n = 0; n < count; n++) {
    const lamp = { properties: { on: n % 2 === 0 } };
    const thing = { thingId: `${namespace}:thing-${n}`, attributes: { n, room: `room ${n}; & more` }, features: n < 3 ? { lamp } : {} };
    await things.putThing(Thing.fromObject(thing));
    ids.push(thing.thingId);
  }
  return {
    things, search, ids, namespace,
    options: () => DefaultSearchOptions.getInstance().withNamespaces(namespace),
    counting: () => DefaultCountOptions.getInstance().withNamespaces(namespace),
  };
}

const numbers = ({ items }) => items.map((thing) => thing.attributes.n);

const filters = [
  [Eq('attributes/n', 3), [3]],
  [Ne('attributes/n', 3), [0, 1, 2, 4]],
  [And(Gt('attributes/n', 1), Lt('attributes/n', 4)), [2, 3]],
  [Or(Eq('attributes/n', 0), Eq('attributes/room', 'room 4; & more')), [0, 4]],
  [In('attributes/n', 4, 2, 7), [2, 4]],
  [Like('attributes/room', '*om 1*'), [1]],
  [ILike('attributes/room', 'ROOM ?; & MORE'), [0, 1, 2, 3, 4]],
  [Exists('features/*/properties/on'), [0, 1, 2]],
  [And(Eq('features/lamp/properties/on', true), Not(Eq('attributes/n', 0))), [2]],
  [Eq('attributes/n', '3'), []],
];

export default {
  'filters that the client builds, in a query and in a form': async (world) => {
    const { search, options, counting } = await scene(world);
    for (const [filter, want] of filters) {
      const asked = options().withFilter(filter).withSort('+attributes/n');
      assert.deepEqual(numbers(await search.search(asked)), want, filter.toString());
      assert.deepEqual(numbers(await search.postSearch(asked)), want, `form ${filter.toString()}`);
      assert.equal(await search.count(counting().withFilter(filter)), want.length, `count ${filter.toString()}`);
      assert.equal(await search.postCount(counting().withFilter(filter)), want.length, `form, count ${filter.toString()}`);
    }
  },

  'several filters and namespaces': async (world) => {
    const { search, namespace } = await scene(world, 2);
    const { namespace: other } = await scene(world, 3);
    const of = (...namespaces) => DefaultCountOptions.getInstance().withNamespaces(...namespaces);
    assert.equal(await search.count(of(namespace, other)), 5);
    assert.equal(await search.count(of(namespace, other).withRawFilter('gt(attributes/n,0)')), 3);
    assert.equal(await search.count(of(`${namespace}.none`)), 0);
  },

  'sort and fields': async (world) => {
    const { search, ids, options } = await scene(world, 3);
    const { items } = await search.search(options().withSort('-attributes/n').withFields('thingId', 'attributes/n'));
    assert.deepEqual(items.map(plain), [2, 1, 0].map((n) => ({ thingId: ids[n], attributes: { n } })));
  },

  'pages by cursor': async (world) => {
    const { search, options } = await scene(world);
    const pages = [];
    let page = await search.search(options().withSort('-attributes/n').withPageSize(2));
    for (;;) {
      pages.push(numbers(page));
      if (page.cursor === '') {
        break;
      }
      page = await search.search(options().withCursor(page.cursor).withPageSize(2));
    }
    assert.deepEqual(pages, [[4, 3], [2, 1], [0]]);
  },

  'pages by cursor in a form': async (world) => {
    const { search, options } = await scene(world, 3);
    const first = await search.postSearch(options().withSort('+attributes/n').withPageSize(2));
    const second = await search.postSearch(options().withCursor(first.cursor));
    assert.deepEqual([numbers(first), numbers(second), second.cursor], [[0, 1], [2], '']);
  },

  'pages by limit': async (world) => {
    const { search, options } = await scene(world);
    const first = await search.search(options().withSort('+attributes/n').withLimit(0, 3));
    assert.deepEqual([numbers(first), first.nextPageOffset], [[0, 1, 2], 3]);
    const last = await search.search(options().withSort('+attributes/n').withLimit(first.nextPageOffset, 3));
    assert.deepEqual([numbers(last), plain(last).nextPageOffset], [[3, 4], 0]);
  },

  'what is acknowledged is found, and what is deleted is not': async (world) => {
    const { things, search, ids, options, counting } = await scene(world, 1);
    for (let n = 10; n < 30; n++) {
      await things.putAttribute(ids[0], 'n', n);
      assert.deepEqual(numbers(await search.search(options().withFilter(Eq('attributes/n', n)))), [n]);
      assert.equal(await search.count(counting().withFilter(Eq('attributes/n', n - 1))), 0);
    }
    await things.deleteThing(ids[0]);
    assert.deepEqual((await search.search(options())).items, []);
  },

  'what is wrong': async (world) => {
    const { search, options, counting } = await scene(world, 1);
    for (const [asked, code] of [
      [options().withRawFilter('eq(attributes/n'), 'rql.expression.invalid'],
      [options().withSort('attributes/n'), 'thing-search:search.option.invalid'],
      [options().withPageSize(201), 'thing-search:search.option.invalid'],
      [options().withLimit(0, 201), 'thing-search:search.option.invalid'],
      [options().withCursor('none'), 'thing-search:search.option.invalid'],
      [DefaultSearchOptions.getInstance().withNamespaces('no namespace'), 'thing-search:search.namespaces.invalid'],
    ]) {
      await denied(search.search(asked), 400, code);
      await denied(search.postSearch(asked), 400, code);
    }
    await denied(search.count(counting().withRawFilter('eq(attributes/n')), 400, 'rql.expression.invalid');
  },
};
