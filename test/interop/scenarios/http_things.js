// Things and their parts over HTTP, and what a session sees of that.

import assert from 'node:assert/strict';

import {
  DefaultFieldsOptions, DefaultGetThingsOptions, DefaultMatchOptions, Feature, Features, Thing,
} from '@eclipse-ditto/ditto-javascript-client-node';

import { created, plain, updated } from '../lib/expect.js';
import { denied, removed, unmodified } from '../lib/expect_http.js';
import { topicOf } from '../lib/world.js';

const coffee = {
  definition: 'org.eclipse.ditto:coffeebrewer:0.1.0',
  attributes: { location: 'test location', model: 'Speaking coffee machine' },
  features: { 'coffee-brewer': { definition: ['org.example:brewer:1.0.0'], properties: { 'brewed-coffees': 0 } } },
};

const match = () => DefaultMatchOptions.getInstance();
const retrieve = () => DefaultFieldsOptions.getInstance();
const fields = (...names) => retrieve().withFields(...names);
const feature = (id, members) => Feature.fromObject(members, id);

// A thing, made over HTTP, and the client that made it.
async function scene(world, members = {}) {
  const http = world.http();
  const id = world.newId();
  await http.things.putThing(Thing.fromObject({ thingId: id, ...members }));
  return { http, id, things: http.things, features: http.features(id) };
}

export default {
  'put makes a thing and then replaces it': async (world) => {
    const { things } = world.http();
    const id = world.newId();
    const tag = await created(things.putThing(Thing.fromObject({ thingId: id, ...coffee })), { thingId: id, policyId: id, ...coffee });
    assert.equal(tag, '"rev:1"');
    assert.deepEqual(plain(await things.getThing(id)), { thingId: id, policyId: id, ...coffee });
    const second = { thingId: id, policyId: id, attributes: { a: 3 } };
    assert.equal(await updated(things.putThing(Thing.fromObject(second))), '"rev:2"');
    assert.deepEqual(plain(await things.getThing(id)), second);
    await removed(things.deleteThing(id));
    await denied(things.getThing(id), 404, 'things:thing.notfound');
  },

  'post makes a thing with an id of its own': async (world) => {
    const { things } = world.http();
    const thing = await things.postThing({ attributes: { a: 1 } });
    assert.match(thing.thingId, /^.+:[0-9a-f-]{36}$/);
    assert.deepEqual([thing.policyId, thing.attributes], [thing.thingId, { a: 1 }]);
    assert.deepEqual(plain(await things.getThing(thing.thingId)), plain(thing));
    await denied(things.postThing({ thingId: world.newId() }), 400, 'things:id.notsettable');
    await removed(things.deleteThing(thing.thingId));
  },

  'patch merges, and null removes': async (world) => {
    const { things, id } = await scene(world, coffee);
    assert.equal(await updated(things.patchThing(Thing.fromObject({ thingId: id, attributes: { model: null, colour: 'red' } }))), '"rev:2"');
    assert.deepEqual((await things.getThing(id)).attributes, { location: 'test location', colour: 'red' });
  },

  'several things by their ids, in that order, as far as they are there': async (world) => {
    const { things, id } = await scene(world, coffee);
    const { id: other } = await scene(world, { attributes: { n: 2 } });
    const all = await things.getThings([other, `${world.namespace}:nowhere`, id]);
    assert.deepEqual(all.map(plain), [{ thingId: other, policyId: other, attributes: { n: 2 } }, { thingId: id, policyId: id, ...coffee }]);
    const some = await things.getThings([id, other], DefaultGetThingsOptions.getInstance().withFields('thingId', 'attributes/n'));
    assert.deepEqual(some.map(plain), [{ thingId: id }, { thingId: other, attributes: { n: 2 } }]);
  },

  'fields': async (world) => {
    const { things, id } = await scene(world, coffee);
    assert.deepEqual(plain(await things.getThing(id, fields('thingId', 'attributes(model)'))), { thingId: id, attributes: { model: coffee.attributes.model } });
    assert.deepEqual(await things.getAttributes(id, fields('location')), { location: 'test location' });
    await denied(things.getThing(id, fields('attributes(')), 400, 'json.fieldselector.invalid');
  },

  'the definition': async (world) => {
    const { things, id } = await scene(world);
    await denied(things.getDefinition(id), 404, 'things:definition.notfound');
    await created(things.putDefinition(id, 'org.example:lamp:1.0.0'), 'org.example:lamp:1.0.0');
    await updated(things.putDefinition(id, 'org.example:lamp:1.1.0'));
    await updated(things.patchDefinition(id, 'org.example:lamp:2.0.0'));
    assert.equal(await things.getDefinition(id), 'org.example:lamp:2.0.0');
    await removed(things.deleteDefinition(id));
    await denied(things.putDefinition(id, 'no definition'), 400, 'things:definition.identifier.invalid');
  },

  'the id of the policy': async (world) => {
    const { things, id } = await scene(world);
    const { id: other } = await scene(world);
    assert.equal(await things.getPolicyId(id), id);
    await updated(things.putPolicyId(id, other));
    assert.equal(await things.getPolicyId(id), other);
    await updated(things.patchPolicyId(id, id));
    assert.equal(await things.getPolicyId(id), id);
  },

  'all attributes': async (world) => {
    const { things, id } = await scene(world);
    await denied(things.getAttributes(id), 404, 'things:attributes.notfound');
    await created(things.putAttributes(id, { a: 1, b: { c: 2 } }), { a: 1, b: { c: 2 } });
    await updated(things.putAttributes(id, { b: { c: 3, d: 4 } }));
    await updated(things.patchAttributes(id, { b: { d: null }, e: [1, 2] }));
    assert.deepEqual(await things.getAttributes(id), { b: { c: 3 }, e: [1, 2] });
    await removed(things.deleteAttributes(id));
    await denied(things.deleteAttributes(id), 404, 'things:attributes.notfound');
  },

  'one attribute, and one inside others': async (world) => {
    const { things, id } = await scene(world);
    const first = await created(things.putAttribute(id, 'a', 'x'), 'x');
    const second = await updated(things.putAttribute(id, 'a', 'y'));
    assert.match(first, /^"hash:.+"$/);
    assert.notEqual(first, second);
    await updated(things.patchAttribute(id, 'a', { b: 1 }));
    await updated(things.patchAttribute(id, 'a', { c: 2 }));
    assert.deepEqual(await things.getAttribute(id, 'a'), { b: 1, c: 2 });
    await created(things.putAttribute(id, 'd/e/f', true), true);
    assert.deepEqual(await things.getAttribute(id, 'd'), { e: { f: true } });
    await removed(things.deleteAttribute(id, 'a'));
    await denied(things.deleteAttribute(id, 'a'), 404, 'things:attribute.notfound');
  },

  'values of every type come back as they were': async (world) => {
    const { things, id } = await scene(world);
    const values = {
      zero: 0, negative: -1, fraction: 0.1, large: 9007199254740991, small: 5e-324, no: false, empty: '', none: null,
      list: [1, 'two', [3], { four: null }, []], object: { nested: { deep: {} } },
      text: 'quotes " and \\, tab \t, line\nbreak, ümläut, 漢字, 😀, \u0001, <b>&amp;</b>',
      'key with space': 1, 'ключ': 2, 'a.b-c_d': 3, 'x:y': 4, 'a;b,c=d&e': 5,
    };
    for (const [name, value] of Object.entries(values)) {
      const answer = await things.putAttribute(id, name, value);
      assert.deepEqual([answer.status, answer.body], [201, value], name);
      assert.deepEqual(await things.getAttribute(id, name), value, name);
    }
    assert.deepEqual(await things.getAttributes(id), values);
  },

  'all features': async (world) => {
    const { features } = await scene(world);
    await denied(features.getFeatures(), 404, 'things:features.notfound');
    const lamp = { properties: { on: true } };
    const answer = await features.putFeatures(Features.fromObject({ lamp, fan: {} }));
    assert.deepEqual([answer.status, Features.toObject(answer.body)], [201, { lamp, fan: {} }]);
    await updated(features.putFeatures(Features.fromObject({ lamp })));
    await updated(features.patchFeatures(Features.fromObject({ fan: { properties: { speed: 3 } } })));
    assert.deepEqual(Features.toObject(await features.getFeatures()), { lamp, fan: { properties: { speed: 3 } } });
    await removed(features.deleteFeatures());
    await denied(features.deleteFeatures(), 404, 'things:features.notfound');
  },

  'one feature': async (world) => {
    const { features } = await scene(world);
    await denied(features.getFeature('lamp'), 404, 'things:feature.notfound');
    const lamp = { definition: ['org.example:lamp:1.0.0'], properties: { on: true } };
    await created(features.putFeature(feature('lamp', lamp)), lamp);
    await updated(features.putFeature(feature('lamp', { properties: { on: false } })));
    await updated(features.patchFeature(feature('lamp', { properties: { dim: 5 } })));
    assert.deepEqual(plain(await features.getFeature('lamp')), { properties: { on: false, dim: 5 } });
    await removed(features.deleteFeature('lamp'));
    await denied(features.deleteFeature('lamp'), 404, 'things:feature.notfound');
  },

  'the definition of a feature': async (world) => {
    const { features } = await scene(world, { features: { lamp: {} } });
    const [first, second] = ['org.example:lamp:1.0.0', 'org.example:switch:2.0.0'];
    await denied(features.getDefinition('lamp'), 404, 'things:feature.definition.notfound');
    await created(features.putDefinition('lamp', [first]), [first]);
    await updated(features.putDefinition('lamp', [first, second]));
    await updated(features.patchDefinition('lamp', [second]));
    assert.deepEqual(await features.getDefinition('lamp'), [second]);
    await removed(features.deleteDefinition('lamp'));
  },

  'properties': async (world) => {
    const { features } = await scene(world, { features: { lamp: {} } });
    await denied(features.getProperties('lamp'), 404, 'things:feature.properties.notfound');
    await created(features.putProperties('lamp', { on: true }), { on: true });
    await updated(features.putProperties('lamp', { on: false, dim: { level: 1 } }));
    await updated(features.patchProperties('lamp', { dim: { level: 2 } }));
    assert.deepEqual(await features.getProperties('lamp'), { on: false, dim: { level: 2 } });
    await created(features.putProperty('lamp', 'dim/step', 5), 5);
    await updated(features.patchProperty('lamp', 'dim', { level: null }));
    assert.deepEqual(await features.getProperty('lamp', 'dim'), { step: 5 });
    await removed(features.deleteProperty('lamp', 'dim/step'));
    await denied(features.getProperty('lamp', 'dim/step'), 404, 'things:feature.property.notfound');
    await removed(features.deleteProperties('lamp'));
  },

  'desired properties': async (world) => {
    const { features } = await scene(world, { features: { lamp: {} } });
    await denied(features.getDesired('lamp'), 404, 'things:feature.desiredProperties.notfound');
    await created(features.putDesired('lamp', '', { on: true }), { on: true });
    await created(features.putDesired('lamp', 'dim', 3), 3);
    await updated(features.putDesired('lamp', 'dim', 4));
    assert.deepEqual(await features.getDesired('lamp'), { on: true, dim: 4 });
    await removed(features.deleteDesired('lamp', 'dim'));
    await removed(features.deleteDesired('lamp'));
  },

  'if-match and if-none-match': async (world) => {
    const { things, id } = await scene(world);
    const failed = (promise) => denied(promise, 412, 'things:precondition.failed');
    const thing = Thing.fromObject({ thingId: id, policyId: id, attributes: { a: 1 } });
    await failed(things.putThing(thing, match().ifNoneMatchAny()));
    await failed(things.putThing(thing, match().ifMatch('"rev:2"')));
    assert.equal(await updated(things.putThing(thing, match().ifMatch('"rev:7"', '"rev:1"'))), '"rev:2"');
    await failed(things.putAttribute(id, 'b', 1, match().ifMatchAny()));
    const tag = await created(things.putAttribute(id, 'b', 1, match().ifNoneMatchAny()), 1);
    await unmodified(things.getAttribute(id, 'b', retrieve().ifNoneMatch(tag)));
    await unmodified(things.getThing(id, retrieve().ifNoneMatch('"rev:3"')));
    assert.equal((await things.getThing(id, retrieve().ifNoneMatch('"rev:2"'))).attributes.b, 1);
    await failed(things.deleteThing(id, match().ifMatch('"rev:1"')));
    await removed(things.deleteThing(id, match().ifMatchAny()));
  },

  'every change is an event of a session': async (world) => {
    const bob = await world.watcher();
    const id = world.newId();
    const watch = world.watch(bob, (events, callback) => events.subscribeToThing(id, callback));
    const expect = async (action, path, value) => {
      assert.deepEqual(await watch.next(), { topic: topicOf(id, action), action, path, value });
    };
    const http = world.http();
    const { things } = http;
    const features = http.features(id);
    await things.putThing(Thing.fromObject({ thingId: id, attributes: { a: 1 } }));
    await expect('created', '/', { thingId: id, policyId: id, attributes: { a: 1 } });
    await things.putAttribute(id, 'b', 2);
    await expect('created', '/attributes/b', 2);
    await things.deleteAttribute(id, 'b');
    await expect('deleted', '/attributes/b', undefined);
    await things.patchAttributes(id, { a: null, c: { d: 3 } });
    await expect('merged', '/attributes', { a: null, c: { d: 3 } });
    await features.putFeature(feature('lamp', { properties: { on: true } }));
    await expect('created', '/features/lamp', { properties: { on: true } });
    await features.putProperty('lamp', 'on', false);
    await expect('modified', '/features/lamp/properties/on', false);
    await things.deleteThing(id);
    await expect('deleted', '/', undefined);
    assert.equal(watch.pending, 0);
  },

  'what one half does the other one sees at once': async (world) => {
    const { http, id } = await scene(world);
    const alice = await world.session();
    for (let n = 0; n < 20; n++) {
      await http.things.putAttribute(id, 'n', n);
      assert.equal(await alice.things.getAttribute(id, 'n'), n);
      await alice.things.putAttribute(id, 'm', n);
      assert.equal(await http.things.getAttribute(id, 'm'), n);
    }
  },
};
