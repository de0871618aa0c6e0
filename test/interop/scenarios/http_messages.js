// Messages by requests, and sessions of devices that answer them.

import assert from 'node:assert/strict';

import { DefaultMessagesOptions, Thing } from '@eclipse-ditto/ditto-javascript-client-node';

import { answering, respond } from '../lib/answers.js';
import { denied, rejected } from '../lib/expect_http.js';
import { Watch } from '../lib/watch.js';

const json = 'application/json';
const options = (seconds) => DefaultMessagesOptions.getInstance().withTimeout(seconds);
const contentType = (h) => h['Content-Type'] ?? h['content-type'];

// A thing, a client that sends requests, and a device that watches the thing's messages.
async function scene(world) {
  const [http, device] = [world.http(), await world.device()];
  const id = world.newId();
  await http.things.putThing(Thing.fromObject({ thingId: id, features: { f: {} } }));
  const watch = new Watch(device.messages, (messages, callback) => messages.subscribeToThing(id, callback));
  return { http, messages: http.messages, device, id, watch };
}

export default {
  'to and from a thing and a feature, with their answers': async (world) => {
    const { messages, device, id, watch } = await scene(world);
    const exchange = async (sent, subject, path, direction) => {
      const received = await answering(device, watch, () => ({ status: 200, value: { done: subject } }));
      assert.equal(received.topic, `${id.replace(':', '/')}/things/live/messages/${subject}`);
      assert.deepEqual([received.path, received.value], [path, { n: 1 }]);
      assert.equal(received.headers['ditto-message-direction'], direction);
      assert.equal(received.headers['ditto-message-subject'], subject);
      const { status, body, headers } = await sent;
      assert.deepEqual([status, body, headers.get('content-type')], [200, { done: subject }, json]);
    };
    await exchange(messages.messageToThing(id, 'a', { n: 1 }), 'a', '/inbox/messages/a', 'TO');
    await exchange(messages.messageFromThing(id, 'b/c', { n: 1 }), 'b/c', '/outbox/messages/b/c', 'FROM');
    await exchange(messages.messageToFeature(id, 'f', 'd', { n: 1 }), 'd', '/features/f/inbox/messages/d', 'TO');
    await exchange(messages.messageFromFeature(id, 'f', 'e', { n: 1 }), 'e', '/features/f/outbox/messages/e', 'FROM');
  },

  // The client writes everything as JSON, whatever it says that it is.
  'content and status of answers are those of the device': async (world) => {
    const { messages, device, id, watch } = await scene(world);
    for (const [status, value, type] of [
      [200, { deep: [1, 2.5, 'ü', null, true] }, json], [201, 7, json], [299, 'first line\nsecond line', 'text/plain'], [204, undefined, json],
    ]) {
      const sent = messages.messageToThing(id, 'content', value ?? 'none');
      await answering(device, watch, () => ({ status, value, contentType: type }));
      const answer = await sent;
      assert.deepEqual([answer.status, answer.body], [status, value ?? {}]);
    }
    const sent = rejected(messages.messageToThing(id, 'refused', 1));
    await answering(device, watch, () => ({ status: 423, value: { because: 'locked' } }));
    const { status, body } = await sent;
    assert.deepEqual([status, body], [423, { because: 'locked' }]);
  },

  'text arrives as text': async (world) => {
    const { messages, device, id, watch } = await scene(world);
    const sent = messages.messageToThing(id, 'text', 'hello', 'text/plain');
    const received = await answering(device, watch, ({ value, headers }) => ({ status: 200, value, contentType: contentType(headers) }));
    assert.deepEqual([received.value, contentType(received.headers)], ['"hello"', 'text/plain']);
    assert.equal((await sent).body, 'hello'); // the client reads everything as JSON, too
  },

  'a claim': async (world) => {
    const { messages, device, id, watch } = await scene(world);
    const sent = messages.claim(id, { code: 17 });
    const received = await answering(device, watch, () => ({ status: 200, value: { owner: 'alice' } }));
    assert.deepEqual([received.action, received.path, received.value], ['claim', '/inbox/messages/claim', { code: 17 }]);
    assert.deepEqual((await sent).body, { owner: 'alice' });
  },

  'nobody waits for an answer': async (world) => {
    const { messages, id, watch } = await scene(world);
    const { status } = await messages.messageToThing(id, 'silent', { n: 1 }, json, options(0));
    assert.equal(status, 202);
    const received = await watch.take();
    assert.deepEqual([received.value, received.headers['response-required']], [{ n: 1 }, false]);
  },

  'nobody answers in time': async (world) => {
    const { messages, id, watch } = await scene(world);
    await denied(messages.messageToThing(id, 'late', 1, json, options(1)), 408, 'command.timeout');
    assert.equal((await watch.take()).value, 1);
  },

  'an answer that comes too late changes nothing': async (world) => {
    const { messages, device, id, watch } = await scene(world);
    await rejected(messages.messageToThing(id, 'late', 1, json, options(1)));
    await respond(device, await watch.take(), 200, 'late');
    const sent = messages.messageToThing(id, 'next', 2);
    await answering(device, watch, () => ({ status: 200, value: 'in time' }));
    assert.equal((await sent).body, 'in time');
  },

  'what is refused': async (world) => {
    const { messages, id } = await scene(world);
    await denied(messages.messageToThing(id, 'a', 1, json, options(61)), 400, 'gateway:timeout.invalid');
    await denied(messages.messageToThing(id, 'a', 1, json, DefaultMessagesOptions.getInstance().withTimeout('soon')), 400, 'gateway:timeout.invalid');
    await denied(messages.messageToThing(`${world.namespace}:nowhere`, 'a', 1), 404, 'things:thing.notfound');
  },
};
