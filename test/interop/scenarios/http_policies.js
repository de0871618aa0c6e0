// Policies over HTTP, for which the client has a handle there only.

import assert from 'node:assert/strict';

import {
  AccessRight, DefaultMatchOptions, Entries, Entry, Policy, Resource, Resources, Subject, SubjectId, Subjects, Thing,
} from '@eclipse-ditto/ditto-javascript-client-node';

import { created, plain, updated } from '../lib/expect.js';
import { denied, removed, unmodified } from '../lib/expect_http.js';

const owner = {
  subjects: { 'nginx:ditto': { type: 'a user' } },
  resources: {
    'policy:/': { grant: ['READ', 'WRITE'], revoke: [] },
    'thing:/': { grant: ['READ', 'WRITE'], revoke: [] },
    'message:/': { grant: ['READ', 'WRITE'], revoke: [] },
  },
};
const family = {
  subjects: { 'nginx:ada': { type: 'a user' } },
  resources: { 'thing:/features/lamp': { grant: ['READ'], revoke: [] } },
};

const match = () => DefaultMatchOptions.getInstance();
const subject = (id, type) => new Subject(SubjectId.fromString(id), type);
const plainEntries = (entries) => Entries.toObject(entries);

// A policy that nobody else uses.
async function scene(world, entries = { owner, family }) {
  const { policies, things } = world.http();
  const id = world.newId();
  await policies.putPolicy(Policy.fromObject({ entries }, id));
  return { policies, things, id };
}

export default {
  'put makes a policy and then replaces it': async (world) => {
    const { policies } = world.http();
    const id = world.newId();
    const answer = await policies.putPolicy(Policy.fromObject({ entries: { owner } }, id));
    assert.equal(answer.status, 201);
    assert.deepEqual(plain(answer.body), { entries: { owner } });
    await updated(policies.putPolicy(Policy.fromObject({ entries: { owner, family } }, id)));
    assert.deepEqual(plain(await policies.getPolicy(id)), { entries: { owner, family } });
    await removed(policies.deletePolicy(id));
    await denied(policies.getPolicy(id), 404, 'policies:policy.notfound');
  },

  'what a policy must have': async (world) => {
    const { policies } = world.http();
    await denied(policies.putPolicy(Policy.fromObject({ entries: { family } }, world.newId())), 403, 'policies:policy.notcreatable');
    const { id } = await scene(world);
    await denied(policies.deleteEntry(id, 'owner'), 403, 'policies:entry.modificationinvalid');
    assert.deepEqual(Object.keys(await policies.getEntries(id)), ['owner', 'family']);
  },

  'entries': async (world) => {
    const { policies, id } = await scene(world, { owner });
    await updated(policies.putEntries(id, Entries.fromObject({ owner, family })));
    assert.deepEqual(plainEntries(await policies.getEntries(id)), { owner, family });
    await denied(policies.getEntry(id, 'nobody'), 404, 'policies:entry.notfound');
    const { status, body } = await policies.putEntry(id, Entry.fromObject(family, 'nobody'));
    assert.deepEqual([status, plain(body)], [201, family]);
    await updated(policies.putEntry(id, Entry.fromObject(owner, 'nobody')));
    assert.deepEqual(plain(await policies.getEntry(id, 'nobody')), owner);
    await removed(policies.deleteEntry(id, 'nobody'));
    await denied(policies.deleteEntry(id, 'nobody'), 404, 'policies:entry.notfound');
  },

  'subjects': async (world) => {
    const { policies, id } = await scene(world);
    const two = { 'nginx:ada': { type: 'a user' }, 'nginx:bob': { type: 'another' } };
    await updated(policies.putSubjects(id, 'family', Subjects.fromObject(two)));
    assert.deepEqual(Subjects.toObject(await policies.getSubjects(id, 'family')), two);
    await created(policies.putSubject(id, 'family', subject('nginx:eve', 'a guest')), { type: 'a guest' });
    await updated(policies.putSubject(id, 'family', subject('nginx:eve', 'a friend')));
    const eve = await policies.getSubject(id, 'family', 'nginx:eve');
    assert.deepEqual([eve.id, eve.type], ['nginx:eve', 'a friend']);
    await removed(policies.deleteSubject(id, 'family', 'nginx:eve'));
    await denied(policies.getSubject(id, 'family', 'nginx:eve'), 404, 'policies:subject.notfound');
  },

  'resources': async (world) => {
    const { policies, id } = await scene(world);
    const path = 'thing:/features/lamp/properties/on';
    const rights = { grant: ['READ'], revoke: ['WRITE'] };
    await updated(policies.putResources(id, 'family', Resources.fromObject({ [path]: rights })));
    assert.deepEqual(Resources.toObject(await policies.getResources(id, 'family')), { [path]: rights });
    const all = new Resource('thing:/', [AccessRight.Read], []);
    await created(policies.putResource(id, 'family', all), { grant: ['READ'], revoke: [] });
    await updated(policies.putResource(id, 'family', new Resource('thing:/', [AccessRight.Read, AccessRight.Write], [])));
    assert.deepEqual(plain(await policies.getResource(id, 'family', 'thing:/')), { grant: ['READ', 'WRITE'], revoke: [] });
    assert.deepEqual(plain(await policies.getResource(id, 'family', path)), rights);
    await removed(policies.deleteResource(id, 'family', path));
    await denied(policies.getResource(id, 'family', path), 404, 'policies:resource.notfound');
  },

  'entity tags': async (world) => {
    const { policies, id } = await scene(world);
    const policy = Policy.fromObject({ entries: { owner } }, id);
    await denied(policies.putPolicy(policy, match().ifMatch('"rev:2"')), 412, 'policies:precondition.failed');
    await denied(policies.putPolicy(policy, match().ifNoneMatchAny()), 412, 'policies:precondition.failed');
    await unmodified(policies.getPolicy(id, match().ifNoneMatch('"rev:1"')));
    assert.equal(await updated(policies.putPolicy(policy, match().ifMatch('"rev:1"'))), '"rev:2"');
  },

  'a policy that a thing is under decides at once': async (world) => {
    const { policies, things, id } = await scene(world);
    const thing = world.newId();
    await things.putThing(Thing.fromObject({ thingId: thing, policyId: id, attributes: { a: 1 } }));
    await updated(policies.putResource(id, 'owner', new Resource('thing:/', [AccessRight.Read], [])));
    await denied(things.putAttribute(thing, 'a', 2), 403, 'things:attribute.notmodifiable');
    assert.equal(await things.getAttribute(thing, 'a'), 1);
    await removed(policies.deleteResource(id, 'owner', 'thing:/'));
    await denied(things.getThing(thing), 404, 'things:thing.notfound');
  },
};
