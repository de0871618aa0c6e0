// Attributes, all and one.

import assert from 'node:assert/strict';

import { created, deleted, refused, updated } from '../lib/expect.js';

export default {
  'all attributes': async (world) => {
    const alice = await world.session();
    const id = await world.thing(alice);
    await refused(alice.things.getAttributes(id), 404, 'things:attributes.notfound');
    await created(alice.things.putAttributes(id, { a: 1, b: { c: 2 } }), { a: 1, b: { c: 2 } });
    await updated(alice.things.putAttributes(id, { b: { c: 3, d: 4 } }));
    await updated(alice.things.patchAttributes(id, { b: { d: null }, e: [1, 2] }));
    assert.deepEqual(await alice.things.getAttributes(id), { b: { c: 3 }, e: [1, 2] });
    assert.deepEqual((await alice.things.getThing(id)).attributes, { b: { c: 3 }, e: [1, 2] });
    await deleted(alice.things.deleteAttributes(id));
    await refused(alice.things.deleteAttributes(id), 404, 'things:attributes.notfound');
    assert.equal((await alice.things.getThing(id)).attributes, undefined);
  },

  'one attribute': async (world) => {
    const alice = await world.session();
    const id = await world.thing(alice);
    await refused(alice.things.getAttribute(id, 'a'), 404, 'things:attribute.notfound');
    const first = await created(alice.things.putAttribute(id, 'a', 'x'), 'x');
    const second = await updated(alice.things.putAttribute(id, 'a', 'y'));
    assert.match(first, /^"hash:.+"$/);
    assert.notEqual(first, second);
    await updated(alice.things.patchAttribute(id, 'a', { b: 1 }));
    await updated(alice.things.patchAttribute(id, 'a', { c: 2 }));
    assert.deepEqual(await alice.things.getAttribute(id, 'a'), { b: 1, c: 2 });
    await deleted(alice.things.deleteAttribute(id, 'a'));
    await refused(alice.things.deleteAttribute(id, 'a'), 404, 'things:attribute.notfound');
  },

  'an attribute inside others makes them': async (world) => {
    const alice = await world.session();
    const id = await world.thing(alice);
    await created(alice.things.putAttribute(id, 'a/b/c', true), true);
    assert.deepEqual(await alice.things.getAttributes(id), { a: { b: { c: true } } });
    await deleted(alice.things.deleteAttribute(id, 'a/b'));
    assert.deepEqual(await alice.things.getAttributes(id), { a: {} });
  },

  'values of every type come back as they were': async (world) => {
    const alice = await world.session();
    const id = await world.thing(alice);
    const values = {
      zero: 0, negative: -1, fraction: 0.1, large: 9007199254740991, small: 5e-324, no: false, empty: '', none: null,
      list: [1, 'two', [3], { four: null }, []], object: { nested: { deep: {} } },
      text: 'quotes " and \\, tab \t, line\nbreak, ümläut, 漢字, 😀, \u0001, <b>&amp;</b>',
      'key with space': 1, 'ключ': 2, 'a.b-c_d': 3, 'x:y': 4,
    };
    for (const [name, value] of Object.entries(values)) {
      const answer = await alice.things.putAttribute(id, name, value);
      assert.equal(answer.status, 201, name);
      assert.deepEqual(answer.body, value, name);
      assert.deepEqual(await alice.things.getAttribute(id, name), value, name);
    }
    assert.deepEqual(await alice.things.getAttributes(id), values);
  },
};
