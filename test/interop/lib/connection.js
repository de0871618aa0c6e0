// One WebSocket connection of the official client.

import {
  DittoNodeClient, NodeWebSocketBasicAuth,
} from '@eclipse-ditto/ditto-javascript-client-node';

import { Declaring } from './declaring.js';
import { DesiredFeatures, SelectingThings } from './handles.js';
import { Queue } from './wait.js';

// Connection wraps a client and what it tells about its state.
//
// Options: address (ws://host:port), user, password; buffer: how many requests the client keeps while it is not
// connected, none if undefined; reconnect: whether the client comes back by itself; live: whether its commands, events and
// messages are those of the live channel; declares: the labels of the acknowledgements that it will send.
export class Connection {
  #states = new Queue();
  #open = false;

  constructor({ address, user, password, buffer, reconnect = false, live = false, declares = [] }) {
    const { host, protocol } = new URL(address);
    const transport = DittoNodeClient.newWebSocketClient({ ignoreProxyFromEnv: true });
    const step = (protocol === 'wss:' ? transport.withTls() : transport.withoutTls())
      .withDomain(host)
      .withAuthProvider(NodeWebSocketBasicAuth.newInstance(user, password), new Declaring(declares))
      .withReconnect(reconnect);
    const buffered = buffer === undefined ? step.withoutBuffer() : step.withBuffer(buffer);
    this.client = (live ? buffered.liveChannel() : buffered.twinChannel())
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

  // messages returns the one handle of this connection, which must be live: on the twin channel the client sends messages to a
  // topic that does not exist.
  get messages() {
    this.messagesHandle ??= this.client.getMessagesHandle();
    return this.messagesHandle;
  }

  // commands returns the one handle of this connection for commands to devices.
  get commands() {
    this.commandsHandle ??= this.client.getCommandsHandle();
    return this.commandsHandle;
  }

  // requester is what all handles of the client send by.
  get requester() {
    return this.events.requester;
  }

  // send sends an envelope that no handle of the client makes.
  send(envelope) {
    return this.requester.resilienceHandler.send(JSON.stringify(envelope));
  }

  // control sends a control message with parameters, and waits until it is confirmed. The client's own have none.
  control(name, parameters) {
    const handler = this.requester.resilienceHandler;
    return new Promise((resolve, reject) => {
      handler.protocolMessages.set(name, { resolve, reject });
      handler.send(`${name}?${parameters}`).catch(reject);
    });
  }

  close() {
    if (this.#open) {
      this.#open = false;
      this.client.close(1000, 'bye');
    }
  }
}
