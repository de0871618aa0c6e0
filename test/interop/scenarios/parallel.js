// Many commands at once: each answer belongs to its command.

import assert from 'node:assert/strict';

const range = (n) => Array.from({ length: n }, (_, i) => i);

export default {
  'commands on many things': async (world) => {
    const alice = await world.session();
    const ids = await Promise.all(range(100).map((i) => world.thing(alice, { attributes: { i } })));
    assert.equal(new Set(ids).size, 100);
    const answers = await Promise.all(ids.flatMap((id, i) => [
      alice.things.getAttribute(id, 'i'),
      alice.things.putAttribute(id, 'twice', 2 * i).then((answer) => answer.body),
      alice.things.getAttribute(id, 'missing').catch((error) => error.status),
    ]));
    assert.deepEqual(answers, range(100).flatMap((i) => [i, 2 * i, 404]));
  },

  'commands on one thing happen in order': async (world) => {
    const alice = await world.session();
    const bob = await world.watcher();
    const { id, watch } = await world.watchedThing(alice, bob, { attributes: { n: -1 } });
    const answers = await Promise.all(range(90).flatMap((i) => [
      alice.things.putAttribute(id, 'n', i).then((answer) => answer.status),
      alice.things.getAttribute(id, 'n'),
    ]));
    assert.deepEqual(answers, range(90).flatMap((i) => [204, i]));
    for (const i of range(90)) {
      assert.equal((await watch.next()).value, i);
    }
  },

  'sessions side by side': async (world) => {
    const sessions = await Promise.all(range(10).map(() => world.session()));
    const id = await world.thing(sessions[0]);
    await Promise.all(sessions.flatMap((s, i) => range(9).map((j) => s.things.putAttribute(id, `s${i}/n${j}`, 10 * i + j))));
    const attributes = await sessions[0].things.getAttributes(id);
    assert.deepEqual(range(10).map((i) => range(9).map((j) => attributes[`s${i}`][`n${j}`])),
      range(10).map((i) => range(9).map((j) => 10 * i + j)));
    assert.equal((await sessions[0].things.getFields(id, '/', '_revision'))._revision, 91);
  },
};
