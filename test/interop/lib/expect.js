// Expectations about answers.

import assert from 'node:assert/strict';

// refused expects the promise to be rejected with the protocol's error of this status and code.
export async function refused(promise, status, code) {
  let answer;
  try {
    answer = await promise;
  } catch (error) {
    if (error instanceof Error) {
      throw error;
    }
    assert.deepEqual({ status: error.status, error: error.error }, { status, error: code });
    assert.equal(typeof error.message, 'string', 'an error has a message');
    assert.notEqual(error.message, '');
    return;
  }
  assert.fail(`expected ${status} ${code}, got ${JSON.stringify(answer?.body ?? answer)}`);
}

// created expects a put to have made the resource, and returns its entity tag.
export async function created(promise, value) {
  const answer = await promise;
  assert.equal(answer.status, 201);
  assert.deepEqual(plain(answer.body), value);
  return answer.headers.get('etag');
}

// updated expects a put or patch to have changed a resource that existed, and returns its entity tag.
export async function updated(promise) {
  const answer = await promise;
  assert.equal(answer.status, 204);
  assert.equal(answer.body, null);
  return answer.headers.get('etag');
}

// deleted expects a delete to have worked.
export async function deleted(promise) {
  const answer = await promise;
  assert.equal(answer.status, 204);
  assert.equal(answer.body, undefined);
}

// plain turns the client's model objects into JSON values.
export function plain(model) {
  return model && typeof model === 'object' && typeof model.toObject === 'function' ? model.toObject() : model;
}
