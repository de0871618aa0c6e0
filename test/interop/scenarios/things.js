// Whole things, their definition and the id of their policy.

import assert from 'node:assert/strict';

import { Thing } from '@eclipse-ditto/ditto-javascript-client-node';

import { created, deleted, plain, refused, updated } from '../lib/expect.js';

const coffee = {
  definition: 'org.eclipse.ditto:coffeebrewer:0.1.0',
  attributes: { location: 'test location', model: 'Speaking coffee machine' },
  features: { 'coffee-brewer': { properties: { 'brewed-coffees': 0 } } },
};

export default {
  'create answers the thing, with a policy of the same id': async (world) => {
    const alice = await world.session();
    const id = world.newId();
    const thing = { thingId: id, ...coffee };
    const tag = await created(alice.things.createThing(Thing.fromObject(thing)), { ...thing, policyId: id });
    assert.equal(tag, '"rev:1"');
    assert.deepEqual(plain(await alice.things.getThing(id)), { ...thing, policyId: id });
    assert.equal(await alice.things.getPolicyId(id), id);
  },

  'create of a thing that exists is a conflict': async (world) => {
    const alice = await world.session();
    const id = await world.thing(alice, { attributes: { a: 1 } });
    const other = Thing.fromObject({ thingId: id, policyId: id, attributes: { a: 2 } });
    await refused(alice.things.createThing(other), 409, 'things:thing.conflict');
    assert.equal(await alice.things.getAttribute(id, 'a'), 1);
  },

  'put makes a thing and then replaces it': async (world) => {
    const alice = await world.session();
    const id = world.newId();
    const first = { thingId: id, attributes: { a: 1, b: 2 } };
    await created(alice.things.putThing(Thing.fromObject(first)), { ...first, policyId: id });
    const second = { thingId: id, policyId: id, attributes: { a: 3 } };
    assert.equal(await updated(alice.things.putThing(Thing.fromObject(second))), '"rev:2"');
    assert.deepEqual(plain(await alice.things.getThing(id)), second);
  },

  'patch merges, and null removes': async (world) => {
    const alice = await world.session();
    const id = await world.thing(alice, coffee);
    const patch = Thing.fromObject({ thingId: id, attributes: { model: null, colour: 'red' } });
    assert.equal(await updated(alice.things.patchThing(patch)), '"rev:2"');
    const expected = { thingId: id, policyId: id, ...coffee, attributes: { location: 'test location', colour: 'red' } };
    assert.deepEqual(plain(await alice.things.getThing(id)), expected);
  },

  'patch makes a thing that does not exist': async (world) => {
    const alice = await world.session();
    const id = world.newId();
    const patch = { thingId: id, attributes: { a: 1 } };
    await created(alice.things.patchThing(Thing.fromObject(patch)), { ...patch, policyId: id });
  },

  'retrieve with fields': async (world) => {
    const alice = await world.session();
    const id = await world.thing(alice, coffee);
    const fields = (selector, path = '/') => alice.things.getFields(id, path, selector);
    assert.deepEqual(await fields('thingId,attributes(model)'), { thingId: id, attributes: { model: coffee.attributes.model } });
    assert.deepEqual(await fields('_revision,/features/coffee-brewer/properties'), { _revision: 1, features: coffee.features });
    assert.deepEqual(await fields('attributes/missing'), {});
    assert.deepEqual(await fields('location', '/attributes'), { location: 'test location' });
    assert.match((await fields('_modified'))._modified, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
    await refused(fields('attributes(model'), 400, 'json.fieldselector.invalid');
  },

  'delete, and the revision goes on': async (world) => {
    const alice = await world.session();
    const id = await world.thing(alice);
    await deleted(alice.things.deleteThing(id));
    await refused(alice.things.getThing(id), 404, 'things:thing.notfound');
    await refused(alice.things.deleteThing(id), 404, 'things:thing.notfound');
    // The policy outlives its thing, so the new thing names it.
    const again = { thingId: id, policyId: id };
    assert.equal(await created(alice.things.putThing(Thing.fromObject(again)), again), '"rev:3"');
  },

  'definition': async (world) => {
    const alice = await world.session();
    const id = await world.thing(alice);
    await refused(alice.things.getDefinition(id), 404, 'things:definition.notfound');
    await created(alice.things.putDefinition(id, 'org.example:lamp:1.0.0'), 'org.example:lamp:1.0.0');
    await updated(alice.things.putDefinition(id, 'org.example:lamp:1.1.0'));
    assert.equal(await alice.things.getDefinition(id), 'org.example:lamp:1.1.0');
    await updated(alice.things.patchDefinition(id, 'org.example:lamp:2.0.0'));
    assert.equal((await alice.things.getThing(id)).definition, 'org.example:lamp:2.0.0');
    await deleted(alice.things.deleteDefinition(id));
    await refused(alice.things.deleteDefinition(id), 404, 'things:definition.notfound');
  },
};
