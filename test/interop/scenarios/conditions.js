// Entity tags and the options that use them.

import assert from 'node:assert/strict';

import { DefaultFieldsOptions, DefaultMatchOptions, Thing } from '@eclipse-ditto/ditto-javascript-client-node';

import { created, deleted, refused, updated } from '../lib/expect.js';

const match = () => DefaultMatchOptions.getInstance();
const retrieve = () => DefaultFieldsOptions.getInstance();

const failed = (promise) => refused(promise, 412, 'things:precondition.failed');

export default {
  'if-match on a thing': async (world) => {
    const alice = await world.session();
    const id = await world.thing(alice);
    const thing = Thing.fromObject({ thingId: id, policyId: id, attributes: { a: 1 } });
    await failed(alice.things.putThing(thing, match().ifMatch('"rev:2"')));
    const tag = await updated(alice.things.putThing(thing, match().ifMatch('"rev:7"', '"rev:1"')));
    assert.equal(tag, '"rev:2"');
    await failed(alice.things.deleteThing(id, match().ifMatch('"rev:1"')));
    await deleted(alice.things.deleteThing(id, match().ifMatch(tag)));
  },

  'if-match on a part': async (world) => {
    const alice = await world.session();
    const id = await world.thing(alice);
    const first = await created(alice.things.putAttribute(id, 'a', 1), 1);
    const second = await updated(alice.things.putAttribute(id, 'a', 2, match().ifMatch(first)));
    await failed(alice.things.putAttribute(id, 'a', 3, match().ifMatch(first)));
    await failed(alice.things.deleteAttribute(id, 'a', match().ifMatch(first)));
    await deleted(alice.things.deleteAttribute(id, 'a', match().ifMatch(second)));
  },

  'if-match any: only what exists': async (world) => {
    const alice = await world.session();
    const id = await world.thing(alice);
    await failed(alice.things.putAttribute(id, 'a', 1, match().ifMatchAny()));
    await created(alice.things.putAttribute(id, 'a', 1), 1);
    await updated(alice.things.putAttribute(id, 'a', 2, match().ifMatchAny()));
  },

  'if-none-match any: only what does not exist': async (world) => {
    const alice = await world.session();
    const id = world.newId();
    const thing = Thing.fromObject({ thingId: id, policyId: undefined });
    await created(alice.things.putThing(thing, match().ifNoneMatchAny()), { thingId: id, policyId: id });
    await failed(alice.things.putThing(thing, match().ifNoneMatchAny()));
    await created(alice.features(id).putFeatures({}, match().ifNoneMatchAny()), {});
    await failed(alice.features(id).putFeatures({}, match().ifNoneMatchAny()));
  },

  'if-none-match on retrieve: only what is new': async (world) => {
    const alice = await world.session();
    const id = await world.thing(alice, { attributes: { a: 1 } });
    const stale = retrieve().ifNoneMatch('"rev:1"');
    await refused(alice.things.getThing(id, stale), 304, 'things:precondition.notmodified');
    const tag = await updated(alice.things.putAttribute(id, 'a', 2));
    assert.equal((await alice.things.getThing(id, stale)).attributes.a, 2);
    await refused(alice.things.getAttribute(id, 'a', retrieve().ifNoneMatch(tag)), 304, 'things:precondition.notmodified');
  },

  'if-equal skip: only what changes something': async (world) => {
    const alice = await world.session();
    const id = await world.thing(alice, { attributes: { a: { b: 1 } } });
    const skip = () => match().addHeader('if-equal', 'skip');
    await failed(alice.things.putAttribute(id, 'a', { b: 1 }, skip()));
    await failed(alice.things.patchAttributes(id, { a: { b: 1 } }, skip()));
    await updated(alice.things.putAttribute(id, 'a', { b: 2 }, skip()));
    assert.equal((await alice.things.getFields(id, '/', '_revision'))._revision, 2);
  },
};
