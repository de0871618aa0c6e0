// Messages to and from things, and what becomes of them.
//
// The client resolves a message with whatever answers it, errors too. It sends no timeout of its own over WebSocket, where
// withTimeout has no effect: the header says it. A message "without response" is one whose answer the client does not wait
// for: it has neither a correlation id nor says that no response is required, unless the caller does.

import assert from 'node:assert/strict';

import { DefaultMatchOptions } from '@eclipse-ditto/ditto-javascript-client-node';

import { answering, respond } from '../lib/answers.js';
import { Watch } from '../lib/watch.js';

const json = 'application/json';
const text = 'text/plain';
const binary = 'application/octet-stream';

// headers makes the options of a message.
function headers(more) {
  const options = DefaultMatchOptions.getInstance();
  Object.entries(more).forEach(([name, value]) => options.addHeader(name, value));
  return options;
}

const silent = headers({ 'response-required': false });

// A thing, an application that sends, and a device that watches the thing's messages.
async function scene(world, subscribe = (messages, id, callback) => messages.subscribeToThing(id, callback)) {
  const [owner, alice, device] = await Promise.all([world.session(), world.application(), world.device()]);
  const id = await world.thing(owner, { attributes: { kind: 'lamp' }, features: { f: {} } });
  const watch = new Watch(device.messages, (messages, callback) => subscribe(messages, id, callback));
  return { owner, alice, device, id, watch };
}

// contentType finds it in the headers of a message.
const contentType = (h) => h['Content-Type'] ?? h['content-type'];

// echo answers the next message with its own value.
const echo = (device, watch) => answering(device, watch, ({ value, headers: h }) => (
  { status: 200, value, contentType: contentType(h) }));

export default {
  'to and from a thing and a feature, with their answers': async (world) => {
    const { alice, device, id, watch } = await scene(world);
    const { messages } = alice;
    const topic = (subject) => `${id.replace(':', '/')}/things/live/messages/${subject}`;
    const exchange = async (sent, subject, path, direction) => {
      const received = await answering(device, watch, () => ({ status: 201, value: { done: subject } }));
      assert.equal(received.topic, topic(subject));
      assert.equal(received.path, path);
      assert.deepEqual(received.value, { n: 1 });
      assert.equal(received.headers['ditto-message-direction'], direction);
      assert.equal(received.headers['ditto-message-subject'], subject);
      assert.equal(received.headers['ditto-message-thing-id'], id);
      assert.equal(received.headers['response-required'], true);
      const answer = await sent;
      assert.equal(answer.status, 201);
      assert.deepEqual(answer.body, { done: subject });
      assert.equal(answer.headers.get('content-type'), json);
    };
    await exchange(messages.messageToThing(id, 'a', { n: 1 }, json), 'a', '/inbox/messages/a', 'TO');
    await exchange(messages.messageFromThing(id, 'b', { n: 1 }, json), 'b', '/outbox/messages/b', 'FROM');
    await exchange(messages.messageToFeature(id, 'f', 'c', { n: 1 }, json), 'c', '/features/f/inbox/messages/c', 'TO');
    await exchange(messages.messageFromFeature(id, 'f', 'd', { n: 1 }, json), 'd', '/features/f/outbox/messages/d', 'FROM');
  },

  'content of every type arrives as it was sent, and so do answers': async (world) => {
    const { alice, device, id, watch } = await scene(world);
    for (const [type, value] of [
      [json, { deep: [1, 2.5, 'ü', null, true] }], [json, 'a text'], [json, 7], [json, null],
      ['application/vnd.example+json', { a: 1 }],
      [text, 'first line\nsecond line'], ['text/html', '<b>ü</b>'],
      [binary, Buffer.from([0, 1, 254, 255]).toString('base64')], ['image/png', 'iVBORw0KGgo='],
    ]) {
      const sent = alice.messages.messageToThing(id, 'content', value, type);
      const received = await echo(device, watch);
      assert.deepEqual(received.value, value, type);
      assert.equal(contentType(received.headers), type);
      const answer = await sent;
      assert.deepEqual(answer.body, value, `answer of ${type}`);
      assert.equal(answer.headers.get('content-type'), type);
    }
  },

  'a claim': async (world) => {
    const { alice, device, id, watch } = await scene(world);
    const sent = alice.messages.claim(id, 'a code');
    const received = await answering(device, watch, () => ({ status: 200, value: { owner: 'alice' } }));
    assert.deepEqual([received.action, received.path, received.value], ['claim', '/inbox/messages/claim', 'a code']);
    assert.deepEqual((await sent).body, { owner: 'alice' });
  },

  'fire and forget': async (world) => {
    const { alice, device, id, watch } = await scene(world);
    const errors = world.errors(alice);
    await alice.messages.messageToThingWithoutResponse(id, 'forget', { n: 1 }, json, silent);
    const received = await watch.take();
    assert.equal(received.headers['response-required'], false);
    await respond(device, received, 200, 'nobody asked');
    const sent = alice.messages.messageToThing(id, 'remember', { n: 2 }, json);
    await echo(device, watch);
    assert.deepEqual((await sent).body, { n: 2 });
    assert.equal(errors.pending, 0);
  },

  'an answer that the client did not wait for comes as a message': async (world) => {
    const { alice, device, id, watch } = await scene(world);
    await alice.messages.requestMessages();
    const own = new Watch(alice.messages, (messages, callback) => messages.subscribeToThing(id, callback));
    await alice.messages.messageFromThingWithoutResponse(id, 'unasked', 'text', text);
    const received = await answering(device, watch, () => ({ status: 200, value: 'answer', contentType: text }));
    assert.equal(received.headers['response-required'], true);
    assert.equal((await own.next()).value, 'answer');
  },

  'the first answer counts, whoever gives it': async (world) => {
    const { alice, device, id, watch } = await scene(world);
    const other = await world.application();
    const sent = alice.messages.messageToThing(id, 'who', 'question', text);
    const received = await watch.take();
    await respond(other, received, 200, 'the other', text);
    assert.equal((await sent).body, 'the other');
    await respond(device, received, 200, 'the device', text);
    await respond(device, received, 200, 'the device again', text);
    const next = alice.messages.messageToThing(id, 'who', 'again', text);
    await echo(device, watch);
    assert.equal((await next).body, 'again');
  },

  'an answer with the status of an error is an answer': async (world) => {
    const { alice, device, id, watch } = await scene(world);
    const sent = alice.messages.messageToThing(id, 'brew', 'tea', text);
    await answering(device, watch, () => ({ status: 418, value: { short: true } }));
    const { status, body } = await sent;
    assert.deepEqual({ status, body }, { status: 418, body: { short: true } });
  },

  'nobody answers in time': async (world) => {
    const { alice, device, id, watch } = await scene(world);
    const sent = alice.messages.messageToThing(id, 'late', 'question', text, headers({ timeout: '1s' }));
    const received = await watch.take();
    const { status, body } = await sent;
    assert.deepEqual([status, body.error], [408, 'command.timeout']);
    await respond(device, received, 200, 'too late', text);
    const next = alice.messages.messageToThing(id, 'late', 'in time', text);
    await echo(device, watch);
    assert.equal((await next).body, 'in time');
  },

  'what cannot be sent': async (world) => {
    const { alice, id, watch } = await scene(world);
    const refused = async (sent, status, error) => {
      const answer = await sent;
      assert.deepEqual([answer.status, answer.body.error], [status, error]);
    };
    const { messages } = alice;
    await refused(messages.messageToThing(world.newId(), 'a', 1, json), 404, 'things:thing.notfound');
    await refused(messages.messageToThing(id, 'a', 'x'.repeat(257_000), text), 413, 'messages:payload.toolarge');
    await refused(messages.messageToThing(id, 'a', 1, json, headers({ condition: 'eq(attributes/kind,"door")' })), 412, 'things:condition.failed');
    await refused(messages.messageToThing(id, 'a', 1, json, headers({ timeout: 'soon' })), 400, 'timeout.invalid');
    assert.equal(watch.pending, 0);
  },

  'a session does not receive its own': async (world) => {
    const { device, id, watch } = await scene(world);
    const other = await world.device();
    const elsewhere = new Watch(other.messages, (messages, callback) => messages.subscribeToThing(id, callback));
    const sent = device.messages.messageFromThing(id, 'own', 'question', text);
    await echo(other, elsewhere);
    assert.equal((await sent).body, 'question');
    assert.equal(watch.pending, 0);
  },

  'subscriptions to subjects, directions and features': async (world) => {
    const { alice, device, id, watch: everything } = await scene(world);
    const { messages } = alice;
    const subjects = async (subscribe) => {
      const watch = new Watch(device.messages, subscribe);
      for (const send of [
        () => messages.messageToThingWithoutResponse(id, 'a', 1, json, silent),
        () => messages.messageFromThingWithoutResponse(id, 'b', 1, json, silent),
        () => messages.messageToFeatureWithoutResponse(id, 'f', 'c', 1, json, silent),
        () => messages.messageFromFeatureWithoutResponse(id, 'f', 'd', 1, json, silent),
      ]) {
        await send();
        await everything.take();
      }
      const got = [];
      while (watch.pending > 0) {
        got.push((await watch.next()).action);
      }
      watch.end();
      return got;
    };
    assert.deepEqual(await subjects((m, cb) => m.subscribeToThing(id, cb)), ['a', 'b', 'c', 'd']);
    assert.deepEqual(await subjects((m, cb) => m.subscribeToThing(id, cb, 'b')), ['b']);
    assert.deepEqual(await subjects((m, cb) => m.subscribeToThing(id, cb, undefined, 'inbox')), ['a']);
    assert.deepEqual(await subjects((m, cb) => m.subscribeToFeature(id, 'f', cb)), ['c', 'd']);
    assert.deepEqual(await subjects((m, cb) => m.subscribeToFeature(id, 'f', cb, 'd', 'outbox')), ['d']);
    assert.deepEqual(await subjects((m, cb) => m.subscribeToThing(world.newId(), cb)), []);
  },

  'namespaces, filter and extra fields': async (world) => {
    const { alice, device, id, watch } = await scene(world);
    const ask = (parameters) => device.control('START-SEND-MESSAGES', parameters);
    const sees = async (subject) => {
      await alice.messages.messageToThingWithoutResponse(id, subject, 1, json, silent);
      await alice.messages.messageToThingWithoutResponse(id, 'wanted', 1, json, silent);
      const first = await watch.next();
      if (first.action === 'wanted') {
        return false;
      }
      assert.deepEqual([first.action, (await watch.next()).action], [subject, 'wanted']);
      return true;
    };
    const encoded = encodeURIComponent;
    await ask(`filter=${encoded('eq(resource:path,"/inbox/messages/wanted")')}`);
    assert.equal(await sees('other'), false);
    await ask(`extraFields=attributes&filter=${encoded('and(eq(attributes/kind,"lamp"),like(topic:subject,"w*"))')}`);
    assert.equal(await sees('other'), false);
    await ask(`namespaces=${world.namespace},org.example.elsewhere`);
    assert.equal(await sees('other'), true);
    await ask('namespaces=org.example.elsewhere');
    const unseen = await alice.messages.messageToThing(id, 'unseen', 1, json, headers({ timeout: '100ms' }));
    assert.equal(unseen.status, 408);
    await ask('');
    assert.equal(await sees('other'), true);
  },

  'stop, and start again': async (world) => {
    const { alice, device, id, watch } = await scene(world);
    await device.messages.stopMessages();
    const unseen = await alice.messages.messageToThing(id, 'unseen', 1, json, headers({ timeout: '100ms' }));
    assert.equal(unseen.status, 408);
    await device.messages.requestMessages();
    const sent = alice.messages.messageToThing(id, 'seen', 1, json);
    assert.equal((await echo(device, watch)).action, 'seen');
    assert.equal((await sent).status, 200);
  },

  'many at once: each answer belongs to its message': async (world) => {
    const { alice, device, id } = await scene(world);
    const bob = await world.application();
    device.messages.subscribeToThing(id, (message) => respond(device, message, 200, message.value * 2));
    const numbers = Array.from({ length: 200 }, (_, i) => i);
    const answers = await Promise.all(numbers.map((n) => (
      (n % 2 === 0 ? alice : bob).messages.messageToThing(id, 'double', n, json))));
    assert.deepEqual(answers.map(({ body }) => body), numbers.map((n) => 2 * n));
  },
};
