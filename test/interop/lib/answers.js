// What a device says, for which the client has no words: it receives messages and commands, but answers none, acknowledges
// nothing, and tells of no event.

const json = 'application/json';

// respond answers a message or command as it was received.
export function respond(device, { topic, path, headers }, status, value, contentType = json) {
  return device.send({ topic, headers: told(headers, contentType), path, value, status });
}

// refuse answers a command with an error.
export function refuse(device, { topic, headers }, status, error) {
  const value = { status, error, message: 'The device cannot do that.' };
  return device.send({ topic: `${live(topic)}/errors`, headers: told(headers, json), path: '/', value, status });
}

// acknowledge acknowledges a signal as it was received.
export function acknowledge(device, { topic, headers }, label, status, value) {
  const [namespace, name, group, channel] = topic.split('/');
  const acks = [namespace, name, group, channel, 'acks', label].join('/');
  return device.send({ topic: acks, headers: told(headers, json), path: '/', value, status });
}

// tell publishes a live event.
export function tell(device, thingId, action, path, value, members = { revision: 1 }) {
  const topic = `${thingId.replace(':', '/')}/things/live/events/${action}`;
  return device.send({ topic, headers: { 'content-type': json }, path, value, ...members });
}

// answering makes a device answer the next signal that it watches with what answer makes of it, { status, value, contentType }.
export async function answering(device, watch, answer) {
  const signal = await watch.take();
  const { status, value, contentType } = answer(signal);
  await respond(device, signal, status, value, contentType);
  return signal;
}

function told(headers, contentType) {
  return { 'correlation-id': headers['correlation-id'], 'content-type': contentType };
}

// live returns what topics about the same thing begin with.
function live(topic) {
  return topic.split('/').slice(0, 4).join('/');
}
