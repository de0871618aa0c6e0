// Commands that a device answers in place of the twin, and retrieves that may go either way.

import assert from 'node:assert/strict';

import { DefaultMatchOptions, Thing } from '@eclipse-ditto/ditto-javascript-client-node';

import { answering, refuse, respond } from '../lib/answers.js';
import { created, deleted, plain, refused, updated } from '../lib/expect.js';
import { Watch } from '../lib/watch.js';

function headers(more) {
  const options = DefaultMatchOptions.getInstance();
  Object.entries(more).forEach(([name, value]) => options.addHeader(name, value));
  return options;
}

// A thing, who made it, an application on the live channel, and a device that watches its commands.
async function scene(world) {
  const [owner, alice, device] = await Promise.all([world.session(), world.application(), world.device()]);
  const id = await world.thing(owner, { attributes: { a: 1 }, features: { f: { properties: { p: 1 } } } });
  const watch = new Watch(device.commands, (commands, callback) => commands.subscribeToThing(id, callback));
  return { owner, alice, device, id, watch };
}

export default {
  'every command is the device\'s to answer': async (world) => {
    const { owner, alice, device, id, watch } = await scene(world);
    const { things } = alice;
    const features = alice.features(id);
    const topic = `${id.replace(':', '/')}/things/live/commands`;
    const does = async (action, path, value, status, answer) => {
      const got = await answering(device, watch, () => ({ status, value: answer }));
      assert.deepEqual([got.topic, got.path, got.value], [`${topic}/${action}`, path, value]);
      assert.equal(got.headers['response-required'], true);
    };
    const both = async (sent, ...what) => (await Promise.all([sent, does(...what)]))[0];

    const state = { thingId: id, attributes: { live: true } };
    assert.deepEqual(plain(await both(things.getThing(id), 'retrieve', '/', undefined, 200, state)), state);
    assert.equal(await both(things.getAttribute(id, 'a'), 'retrieve', '/attributes/a', undefined, 200, 7), 7);
    assert.deepEqual(await both(features.getProperties('f'), 'retrieve', '/features/f/properties', undefined, 200, { p: 2 }), { p: 2 });
    await created(both(things.putAttribute(id, 'b', 2), 'modify', '/attributes/b', 2, 201, 2), 2);
    const put = await both(things.putAttribute(id, 'a', 3), 'modify', '/attributes/a', 3, 204);
    assert.equal(put.status, 204);
    const patch = await both(things.patchAttributes(id, { a: null }), 'merge', '/attributes', { a: null }, 204);
    assert.equal(patch.status, 204);
    await deleted(both(features.deleteProperty('f', 'p'), 'delete', '/features/f/properties/p', undefined, 204));
    const whole = { thingId: id, policyId: id, attributes: {} };
    assert.equal((await both(things.putThing(Thing.fromObject(whole)), 'modify', '/', whole, 204)).status, 204);

    assert.deepEqual(await owner.things.getAttributes(id), { a: 1 }, 'the twin stays as it is');
    assert.deepEqual(await owner.features(id).getProperties('f'), { p: 1 });
  },

  'what the device refuses': async (world) => {
    const { alice, device, id, watch } = await scene(world);
    const sent = refused(alice.things.putAttribute(id, 'a', 2), 409, 'lamp:broken');
    await refuse(device, await watch.take(), 409, 'lamp:broken');
    await sent;
  },

  'what the gateway refuses, without the device': async (world) => {
    const { alice, id, watch } = await scene(world);
    await refused(alice.things.getThing(world.newId()), 404, 'things:thing.notfound');
    await refused(alice.things.putAttributes(id, 'text'), 400, 'json.format.invalid');
    await refused(alice.things.putAttribute(id, 'a', 2, headers({ condition: 'gt(attributes/a,5)' })), 412, 'things:condition.failed');
    assert.equal(watch.pending, 0);
  },

  'nobody answers in time': async (world) => {
    const { alice, device, id, watch } = await scene(world);
    const options = headers({ timeout: '1s' });
    await refused(alice.things.putAttribute(id, 'a', 2, options), 408, 'command.timeout');
    await respond(device, await watch.take(), 204);
    const sent = alice.things.getAttribute(id, 'a');
    await answering(device, watch, () => ({ status: 200, value: 'next' }));
    assert.equal(await sent, 'next');
  },

  'an answer to something else is ignored, and the timeout says so': async (world) => {
    const { alice, device, id, watch } = await scene(world);
    const sent = alice.things.getAttribute(id, 'a', headers({ timeout: '2s' }));
    const received = await watch.take();
    await respond(device, { ...received, path: '/attributes/b' }, 200, 2);
    await assert.rejects(sent, ({ status, error, description }) => {
      assert.deepEqual([status, error], [408, 'command.timeout']);
      return /attributes\/b/.test(description);
    });
  },

  'an answer that is none is refused, and another may follow': async (world) => {
    const { alice, device, id, watch } = await scene(world);
    const errors = world.errors(device);
    const sent = alice.things.getAttribute(id, 'a');
    const received = await watch.take();
    await respond(device, received, 204);
    const { value } = await errors.take();
    assert.deepEqual([value.status, value.error], [422, 'protocoladapter:illegal.adaptable']);
    await respond(device, received, 200, 'better');
    assert.equal(await sent, 'better');
  },

  'subscriptions to paths and actions': async (world) => {
    const { alice, device, id, watch: everything } = await scene(world);
    device.commands.subscribeToThing(id, (command) => respond(device, command, 204));
    const seen = async (subscribe) => {
      const watch = new Watch(device.commands, subscribe);
      await updated(alice.things.putAttribute(id, 'a', 1).then(emptied));
      await updated(alice.things.patchAttribute(id, 'a/b', 2).then(emptied));
      await deleted(alice.things.deleteAttribute(id, 'a'));
      await updated(alice.features(id).putProperty('f', 'p', 3).then(emptied));
      for (let i = 0; i < 4; i++) {
        await everything.take();
      }
      const got = [];
      while (watch.pending > 0) {
        const { action, path } = await watch.next();
        got.push(`${action} ${path}`);
      }
      watch.end();
      return got;
    };
    const [put, patch, remove] = ['modify /attributes/a', 'merge /attributes/a/b', 'delete /attributes/a'];
    const property = 'modify /features/f/properties/p';
    assert.deepEqual(await seen((c, cb) => c.subscribeToAllCommands(cb)), [put, patch, remove, property]);
    assert.deepEqual(await seen((c, cb) => c.subscribeToAttributes(id, cb)), [put, patch, remove]);
    assert.deepEqual(await seen((c, cb) => c.subscribeToAttribute(id, 'a', cb, undefined, false)), [put, remove]);
    assert.deepEqual(await seen((c, cb) => c.subscribeToThing(id, cb, 'modify')), [put, property]);
    assert.deepEqual(await seen((c, cb) => c.subscribeToFeature(id, 'f', cb)), [property]);
    assert.deepEqual(await seen((c, cb) => c.subscribeToProperty(id, 'f', 'p', cb, 'delete')), []);
  },

  'filter and namespaces': async (world) => {
    const { alice, device, id, watch } = await scene(world);
    await device.control('START-SEND-LIVE-COMMANDS', `filter=${encodeURIComponent('eq(topic:action,"retrieve")')}&namespaces=${world.namespace}`);
    await refused(alice.things.putAttribute(id, 'a', 2, headers({ timeout: '100ms' })), 408, 'command.timeout');
    const sent = alice.things.getAttribute(id, 'a');
    await answering(device, watch, () => ({ status: 200, value: 1 }));
    assert.equal(await sent, 1);
    assert.equal(watch.pending, 0);
  },

  'nobody who stopped is asked': async (world) => {
    const { alice, device, id, watch } = await scene(world);
    await device.commands.stopCommands();
    await refused(alice.things.getAttribute(id, 'a', headers({ timeout: '100ms' })), 408, 'command.timeout');
    assert.equal(watch.pending, 0);
  },

  'a retrieve goes to the device if the twin says so': async (world) => {
    const { owner, device, id, watch } = await scene(world);
    const retrieve = (more) => owner.things.request('retrieve', id, '/attributes/a', undefined, headers(more));
    const live = retrieve({ 'live-channel-condition': 'eq(attributes/a,1)' });
    const received = await answering(device, watch, () => ({ status: 200, value: 'live' }));
    assert.equal(received.path, '/attributes/a');
    const { body, headers: told } = await live;
    assert.deepEqual([body, told.get('channel'), told.get('live-channel-condition-matched')], ['live', 'live', true]);

    const twin = await retrieve({ 'live-channel-condition': 'eq(attributes/a,2)' });
    assert.deepEqual([twin.body, twin.headers.get('channel'), twin.headers.get('live-channel-condition-matched')], [1, 'twin', false]);
    assert.equal(watch.pending, 0);
  },

  'the twin answers for a device that does not': async (world) => {
    const { owner, alice, id, watch } = await scene(world);
    const patience = { timeout: '1s', 'live-channel-condition': 'exists(attributes/a)' };
    const instead = { ...patience, 'live-channel-timeout-strategy': 'use-twin' };
    const answer = await owner.things.request('retrieve', id, '/attributes/a', undefined, headers(instead));
    assert.deepEqual([answer.body, answer.headers.get('channel')], [1, 'twin']);
    await watch.take();
    await refused(owner.things.getAttribute(id, 'a', headers(patience)), 408, 'command.timeout');
    await watch.take();
    const live = headers({ timeout: '1s', 'live-channel-timeout-strategy': 'use-twin' });
    assert.equal(await alice.things.getAttribute(id, 'a', live), 1);
  },
};

// emptied returns the answer to a modification as the client has it of the twin: without a body it is null.
function emptied(answer) {
  return { ...answer, status: answer.status, headers: answer.headers, body: answer.body ?? null };
}
