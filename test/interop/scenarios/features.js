// Features with their definition, properties and desired properties.

import assert from 'node:assert/strict';

import { Feature, Features } from '@eclipse-ditto/ditto-javascript-client-node';

import { created, deleted, plain, refused, updated } from '../lib/expect.js';

const feature = (id, members) => Feature.fromObject(members, id);

async function features(world, members) {
  const alice = await world.session();
  const id = await world.thing(alice, members);
  return { handle: alice.features(id), alice, id };
}

export default {
  'all features': async (world) => {
    const { handle } = await features(world);
    await refused(handle.getFeatures(), 404, 'things:features.notfound');
    const lamp = { properties: { on: true } };
    const answer = await handle.putFeatures(Features.fromObject({ lamp, fan: {} }));
    assert.equal(answer.status, 201);
    assert.deepEqual(Features.toObject(answer.body), { lamp, fan: {} });
    await updated(handle.putFeatures(Features.fromObject({ lamp })));
    await updated(handle.patchFeatures(Features.fromObject({ fan: { properties: { speed: 3 } } })));
    assert.deepEqual(Features.toObject(await handle.getFeatures()), { lamp, fan: { properties: { speed: 3 } } });
    await deleted(handle.deleteFeatures());
    await refused(handle.deleteFeatures(), 404, 'things:features.notfound');
  },

  'one feature': async (world) => {
    const { handle } = await features(world);
    await refused(handle.getFeature('lamp'), 404, 'things:feature.notfound');
    const lamp = { definition: ['org.example:lamp:1.0.0'], properties: { on: true } };
    await created(handle.putFeature(feature('lamp', lamp)), lamp);
    await updated(handle.putFeature(feature('lamp', { properties: { on: false } })));
    await updated(handle.patchFeature(feature('lamp', { properties: { dim: 5 } })));
    assert.deepEqual(plain(await handle.getFeature('lamp')), { properties: { on: false, dim: 5 } });
    await updated(handle.patchFeature(feature('made-by-patch', { properties: { x: 1 } })));
    await deleted(handle.deleteFeature('lamp'));
    await refused(handle.deleteFeature('lamp'), 404, 'things:feature.notfound');
    assert.deepEqual(plain(await handle.getFeature('made-by-patch')), { properties: { x: 1 } });
  },

  'definition': async (world) => {
    const { handle } = await features(world, { features: { lamp: {} } });
    await refused(handle.getDefinition('lamp'), 404, 'things:feature.definition.notfound');
    await refused(handle.putDefinition('none', ['org.example:lamp:1.0.0']), 404, 'things:feature.notfound');
    await created(handle.putDefinition('lamp', ['org.example:lamp:1.0.0']), ['org.example:lamp:1.0.0']);
    await updated(handle.putDefinition('lamp', ['org.example:lamp:1.0.0', 'org.example:light:2.0.0']));
    assert.deepEqual(await handle.getDefinition('lamp'), ['org.example:lamp:1.0.0', 'org.example:light:2.0.0']);
    await updated(handle.patchDefinition('lamp', ['org.example:lamp:3.0.0']));
    assert.deepEqual(await handle.getDefinition('lamp'), ['org.example:lamp:3.0.0']);
    await deleted(handle.deleteDefinition('lamp'));
    await refused(handle.deleteDefinition('lamp'), 404, 'things:feature.definition.notfound');
  },

  'properties': async (world) => {
    const { handle } = await features(world, { features: { lamp: {} } });
    await refused(handle.getProperties('lamp'), 404, 'things:feature.properties.notfound');
    await refused(handle.putProperties('none', {}), 404, 'things:feature.notfound');
    await created(handle.putProperties('lamp', { a: 1, b: 2 }), { a: 1, b: 2 });
    await updated(handle.putProperties('lamp', { a: 3 }));
    await updated(handle.patchProperties('lamp', { a: null, c: { d: 4 } }));
    assert.deepEqual(await handle.getProperties('lamp'), { c: { d: 4 } });
    await deleted(handle.deleteProperties('lamp'));
    await refused(handle.deleteProperties('lamp'), 404, 'things:feature.properties.notfound');
  },

  'one property': async (world) => {
    const { handle } = await features(world, { features: { lamp: { properties: { on: true } } } });
    await refused(handle.getProperty('lamp', 'dim'), 404, 'things:feature.property.notfound');
    await refused(handle.getProperty('none', 'dim'), 404, 'things:feature.notfound');
    await refused(handle.putProperty('none', 'dim', 1), 404, 'things:feature.notfound');
    await created(handle.putProperty('lamp', 'dim/level', 5), 5);
    await updated(handle.putProperty('lamp', 'dim/level', 6));
    await updated(handle.patchProperty('lamp', 'dim', { unit: '%' }));
    assert.deepEqual(await handle.getProperty('lamp', 'dim'), { level: 6, unit: '%' });
    assert.equal(await handle.getProperty('lamp', 'dim/level'), 6);
    await deleted(handle.deleteProperty('lamp', 'dim/unit'));
    await refused(handle.deleteProperty('lamp', 'dim/unit'), 404, 'things:feature.property.notfound');
    assert.deepEqual(await handle.getProperties('lamp'), { on: true, dim: { level: 6 } });
  },

  'desired properties': async (world) => {
    const { handle } = await features(world, { features: { lamp: { properties: { on: true } } } });
    await refused(handle.getDesired('lamp'), 404, 'things:feature.desiredProperties.notfound');
    await refused(handle.putDesired('none', '', {}), 404, 'things:feature.notfound');
    await created(handle.putDesired('lamp', '', { on: false }), { on: false });
    await updated(handle.putDesired('lamp', '', { on: false, dim: 1 }));
    await updated(handle.putDesired('lamp', 'dim', 2));
    await created(handle.putDesired('lamp', 'hue', 120), 120);
    assert.deepEqual(await handle.getDesired('lamp'), { on: false, dim: 2, hue: 120 });
    assert.equal(await handle.getDesired('lamp', 'dim'), 2);
    await deleted(handle.deleteDesired('lamp', 'dim'));
    await refused(handle.getDesired('lamp', 'dim'), 404, 'things:feature.desiredProperty.notfound');
    await deleted(handle.deleteDesired('lamp'));
    assert.deepEqual(await handle.getProperties('lamp'), { on: true }, 'the properties are not the desired ones');
  },
};
