// Acknowledgements. The client can request them, by a header, and shows what came of it as any other answer; it can neither
// declare nor send any.

import assert from 'node:assert/strict';

import { DefaultMatchOptions } from '@eclipse-ditto/ditto-javascript-client-node';

import { acknowledge, respond } from '../lib/answers.js';
import { Watch } from '../lib/watch.js';

const json = 'application/json';

// requesting makes the options of a command or message that requests acknowledgements.
function requesting(labels, timeout) {
  const options = DefaultMatchOptions.getInstance().addHeader('requested-acks', labels);
  return timeout === undefined ? options : options.addHeader('timeout', timeout);
}

// A thing, who made it, an application, and a device that declares labels and watches the thing's messages and events.
async function scene(world, ...labels) {
  const [owner, alice, device] = await Promise.all([
    world.session(), world.application(), world.device({ declares: labels }),
  ]);
  const id = await world.thing(owner, { attributes: { a: 1 } });
  const watch = new Watch(device.messages, (messages, callback) => messages.subscribeToThing(id, callback));
  return { owner, alice, device, id, watch };
}

// A session that declares labels and watches the events of a thing.
async function observer(world, id, ...labels) {
  const session = await world.watcher({ declares: labels });
  const watch = world.watch(session, (events, callback) => events.subscribeToThing(id, callback));
  return { session, watch };
}

const modify = (session, id, value, options) => session.things.request('modify', id, '/attributes/a', value, options);

export default {
  'a message with its answer and an acknowledgement': async (world) => {
    const label = world.label('received');
    const { alice, device, id, watch } = await scene(world, label);
    const sent = alice.messages.messageToThing(id, 'ask', 'question', 'text/plain', requesting(['live-response', label]));
    const received = await watch.take();
    assert.deepEqual(received.headers['requested-acks'], [label]);
    await respond(device, received, 200, { n: 1 });
    await acknowledge(device, received, label, 202, { at: 'once' });
    const { status, body, headers } = await sent;
    assert.equal(status, 200);
    assert.equal(headers.get('content-type'), json);
    assert.deepEqual(Object.keys(body).sort(), [label, 'live-response'].sort());
    assert.deepEqual([body['live-response'].status, body['live-response'].payload], [200, { n: 1 }]);
    assert.deepEqual([body[label].status, body[label].payload], [202, { at: 'once' }]);
  },

  'a modification and who has seen it': async (world) => {
    const label = world.label('seen');
    const { owner, id } = await scene(world);
    const { session, watch } = await observer(world, id, label);
    const sent = modify(owner, id, 2, requesting(['twin-persisted', label]));
    const event = await watch.take();
    assert.deepEqual([event.path, event.value, event.headers['requested-acks']], ['/attributes/a', 2, [label]]);
    await acknowledge(session, event, label, 200);
    const { status, body } = await sent;
    assert.equal(status, 200);
    assert.equal(body['twin-persisted'].status, 204);
    assert.equal(body[label].status, 200);
  },

  'a label alone stands for nothing else': async (world) => {
    const label = world.label('alone');
    const { owner, id } = await scene(world);
    const { session, watch } = await observer(world, id, label);
    const sent = modify(owner, id, 2, requesting([label]));
    await acknowledge(session, await watch.take(), label, 201, 'done');
    const { status, body } = await sent;
    assert.equal(status, 201);
    assert.deepEqual(Object.keys(body), [label]);
    assert.equal(body[label].payload, 'done');
  },

  'labels of several sessions, answered in any order': async (world) => {
    const labels = ['one', 'two', 'three'].map((name) => world.label(name));
    const { owner, id } = await scene(world);
    const observers = await Promise.all(labels.map((label) => observer(world, id, label)));
    const sent = modify(owner, id, 2, requesting(labels));
    const events = await Promise.all(observers.map(({ watch }) => watch.take()));
    for (const i of [2, 0, 1]) {
      assert.deepEqual(events[i].headers['requested-acks'], [labels[i]]);
      await acknowledge(observers[i].session, events[i], labels[i], 200, i);
    }
    const { status, body } = await sent;
    assert.equal(status, 200);
    assert.deepEqual(labels.map((label) => body[label].payload), [0, 1, 2]);
  },

  // The client rejects with the value of whatever has no status of success: here the acknowledgements.
  'one that failed, and one that nobody gave': async (world) => {
    const [failed, missing] = [world.label('failed'), world.label('missing')];
    const { owner, id } = await scene(world);
    const { session, watch } = await observer(world, id, failed);
    const sent = modify(owner, id, 2, requesting(['twin-persisted', failed, missing], '1s'));
    await acknowledge(session, await watch.take(), failed, 507, { full: true });
    await assert.rejects(sent, (acks) => {
      assert.deepEqual([acks['twin-persisted'].status, acks[failed].status, acks[missing].status], [204, 507, 408]);
      assert.deepEqual(acks[failed].payload, { full: true });
      assert.equal(acks[missing].payload.error, 'acknowledgement:request.timeout');
      return true;
    });
    assert.equal(await owner.things.getAttribute(id, 'a'), 2, 'the modification has happened');
  },

  'who is connected and not concerned is not waited for': async (world) => {
    const label = world.label('elsewhere');
    const { owner, alice, device, id, watch } = await scene(world);
    const bystander = await world.session({ declares: [label] });
    const weak = ({ status, headers }) => {
      assert.deepEqual([status, headers['ditto-weak-ack']], [200, true]);
    };
    const changed = await modify(owner, id, 2, requesting(['twin-persisted', label]));
    assert.equal(changed.status, 200);
    weak(changed.body[label]);
    const sent = alice.messages.messageToThing(id, 'ask', 1, json, requesting(['live-response', label]));
    const received = await watch.take();
    await respond(device, received, 200, 2);
    const { body } = await sent;
    assert.equal(body['live-response'].payload, 2);
    weak(body[label]);
    assert.equal(await bystander.things.getAttribute(id, 'a'), 2);
  },

  'what went wrong ends the wait': async (world) => {
    const label = world.label('never');
    const { owner, alice } = await scene(world, label);
    const id = world.newId();
    await assert.rejects(modify(owner, id, 2, requesting(['twin-persisted', label])), { error: 'things:thing.notfound' });
    const { status, body } = await alice.messages.messageToThing(id, 'ask', 1, json, requesting([label]));
    assert.deepEqual([status, body.error], [404, 'things:thing.notfound']);
  },

  'only who declared a label gives its acknowledgement, once': async (world) => {
    const [label, other] = [world.label('mine'), world.label('other')];
    const { alice, device, id, watch } = await scene(world, label);
    const thief = await world.device({ declares: [other] });
    const errors = world.errors(thief);
    const sent = alice.messages.messageToThing(id, 'ask', 1, json, requesting([label]));
    const received = await watch.take();
    await acknowledge(thief, received, label, 200, 'stolen');
    const { value } = await errors.take();
    assert.deepEqual([value.status, value.error], [400, 'acknowledgement:label.not.declared']);
    await acknowledge(thief, received, 'live-response', 200, 'stolen');
    assert.equal((await errors.take()).value.error, 'acknowledgement:ditto.acklabel.forbidden');
    await acknowledge(device, received, label, 200, 'first');
    await acknowledge(device, received, label, 500, 'second');
    await respond(device, received, 200, 'answer');
    const { status, body } = await sent;
    assert.equal(status, 200);
    assert.equal(body[label].payload, 'first');
  },

  'a label belongs to one session at a time': async (world) => {
    const label = world.label('unique');
    const first = await world.session({ declares: [label] });
    const second = world.dial({ declares: [label] });
    await second.state('reconnecting'); // closed by the gateway
    await first.things.getThing(await world.thing(first));
    first.close();
    await first.state('disconnected');
    const id = await world.thing(await world.session());
    const { watch, session } = await observer(world, id, label);
    const sent = modify(await world.session(), id, 2, requesting([label]));
    await acknowledge(session, await watch.take(), label, 200);
    assert.equal((await sent).status, 200);
  },

  'a session that dies owes nothing any more, and the wait ends': async (world) => {
    const label = world.label('dying');
    const { alice, device, id, watch } = await scene(world, label);
    const sent = alice.messages.messageToThing(id, 'ask', 1, json, requesting(['live-response', label], '1s'));
    await watch.take();
    device.close();
    const { status, body } = await sent;
    assert.deepEqual([status, body['live-response'].status, body[label].status], [424, 408, 408]);
  },
};
