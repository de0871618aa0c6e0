// Expectations about answers to requests. Other than over WebSocket, the client rejects with the whole answer, whose body is the
// protocol's error, and resolves a delete with an empty body that it made itself.

import assert from 'node:assert/strict';

// denied expects the request to be answered with the protocol's error of this status and code, and returns the answer.
export async function denied(promise, status, code) {
  const answer = await rejected(promise);
  const { status: told, error, message } = answer.body;
  assert.deepEqual({ status: answer.status, told, error }, { status, told: status, error: code });
  assert.equal(typeof message, 'string', 'an error has a message');
  assert.notEqual(message, '');
  return answer;
}

// unmodified expects the answer that what the client knows is still true.
export async function unmodified(promise) {
  const answer = await rejected(promise);
  assert.deepEqual([answer.status, answer.body], [304, {}]);
  return answer;
}

// rejected expects an answer that the client takes for a failure, and returns it.
export async function rejected(promise) {
  let answer;
  try {
    answer = await promise;
  } catch (failure) {
    if (failure instanceof Error) {
      throw failure;
    }
    return failure;
  }
  return assert.fail(`expected a failure, got ${JSON.stringify(answer?.body ?? answer)}`);
}

// removed expects a delete to have worked.
export async function removed(promise) {
  const { status, body } = await promise;
  assert.deepEqual([status, body], [204, {}]);
}
