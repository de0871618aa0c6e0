// Who gets in.

import assert from 'node:assert/strict';

import { strays } from '../lib/strays.js';

async function isRefused(world, options) {
  strays.expect(/Unexpected server response: 401/);
  await world.dial(options).state('disconnected');
}

export default {
  'user and password are let in': async (world) => {
    const alice = await world.session();
    const id = await world.thing(alice);
    assert.equal((await alice.things.getThing(id)).thingId, id);
  },

  'a wrong password is refused': (world) => isRefused(world, { password: 'wrong' }),

  'an unknown user is refused': (world) => isRefused(world, { user: 'nobody' }),

  'fifty sessions of one user at once': async (world) => {
    const sessions = await Promise.all(Array.from({ length: 50 }, () => world.session()));
    const id = await world.thing(sessions[0]);
    await Promise.all(sessions.map((s) => s.things.getThing(id)));
  },
};
