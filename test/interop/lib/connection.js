// One WebSocket connection of the official client.

import {
  DittoNodeClient, NodeWebSocketBasicAuth,
} from '@eclipse-ditto/ditto-javascript-client-node';

import { DesiredFeatures, SelectingThings } from './handles.js';
import { Queue } from './wait.js';

// Connection wraps a client and what it tells about its state.
//
// Options: address (ws://host:port), user, password; buffer: how many requests the client keeps while it is not
// connected, none if undefined; reconnect: whether the client comes back by itself.
export class Connection {
  #states = new Queue();
  #open = false;

  constructor({ address, user, password, buffer, reconnect = false }) {
    const { host, protocol } = new URL(address);
    const transport = DittoNodeClient.newWebSocketClient({ ignoreProxyFromEnv: true });
    const step = (protocol === 'wss:' ? transport.withTls() : transport.withoutTls())
      .withDomain(host)
      .withAuthProvider(NodeWebSocketBasicAuth.newInstance(user, password))
      .withReconnect(reconnect);
    this.client = (buffer === undefined ? step.withoutBuffer() : step.withBuffer(buffer))
      .twinChannel()
      .withStateHandler(this.#stateHandler())
      .withCustomThingsHandle((requests) => new SelectingThings(requests.buildInstance('things')))
      .withCustomFeaturesHandle((requests, thingId) => new DesiredFeatures(requests.buildInstance('things'), thingId))
      .build();
  }

  #stateHandler() {
    const note = (state) => () => {
      this.#open = state !== 'disconnected';
      this.#states.put(state);
    };
    const states = ['connected', 'buffering', 'backPressure', 'reconnecting', 'bufferFull', 'disconnected'];
    return Object.fromEntries(states.map((state) => [state, note(state)]));
  }

  // state waits until the client tells that it is in the state.
  async state(wanted) {
    for (;;) {
      const state = await this.#states.take(`state ${wanted} of the client`);
      if (state === wanted) {
        return;
      }
      if (state === 'disconnected') {
        throw new Error(`the client disconnected instead of being ${wanted}`);
      }
    }
  }

  get things() {
    return this.client.getThingsHandle();
  }

  features(thingId) {
    return this.client.getFeaturesHandle(thingId);
  }

  // events returns the one handle of this connection; a handle knows by itself whether it asked for events.
  get events() {
    this.eventsHandle ??= this.client.getEventsHandle();
    return this.eventsHandle;
  }

  close() {
    if (this.#open) {
      this.#open = false;
      this.client.close(1000, 'bye');
    }
  }
}
