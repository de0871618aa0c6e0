// The client's own resilience, with a gateway that goes away and comes back.

import assert from 'node:assert/strict';

import { Relay } from '../lib/relay.js';

async function withRelay(world, scenario) {
  const relay = new Relay(world.address);
  await relay.up();
  try {
    await scenario(relay);
  } finally {
    await world.leave();
    await relay.down();
  }
}

export default {
  'requests before the connection is there are kept': async (world) => {
    const alice = await world.session();
    const id = await world.thing(alice);
    const early = world.dial({ buffer: 10 });
    assert.equal((await early.things.getThing(id)).thingId, id);
  },

  'a client comes back after the gateway did': (world) => withRelay(world, async (relay) => {
    const alice = await world.session();
    const bob = await world.watcher({ address: relay.address, buffer: 10, reconnect: true });
    const { id, watch } = await world.watchedThing(alice, bob);
    await alice.things.putAttribute(id, 'n', 1);
    assert.equal((await watch.next()).value, 1);

    await relay.down();
    await bob.state('reconnecting');
    await relay.up();
    await bob.state('connected');

    assert.equal(await bob.things.getAttribute(id, 'n'), 1);
    // A new session has no subscriptions, and the client does not renew them by itself.
    await bob.events.stopEvents();
    await bob.events.requestEvents();
    await alice.things.putAttribute(id, 'n', 2);
    assert.equal((await watch.next()).value, 2);
  }),

  'a client without buffer comes back too': (world) => withRelay(world, async (relay) => {
    const alice = await world.session();
    const id = await world.thing(alice, { attributes: { n: 0 } });
    const bob = await world.session({ address: relay.address, reconnect: true });
    await relay.down();
    await bob.state('reconnecting');
    await assert.rejects(bob.things.getThing(id), { error: 'connection.unavailable' });
    await relay.up();
    await bob.state('connected');
    assert.equal(await bob.things.getAttribute(id, 'n'), 0);
  }),
};
