// What a scenario has to work with: a gateway, sessions, and names that nobody else uses.

import { randomBytes } from 'node:crypto';

import { AllSubscription, Thing } from '@eclipse-ditto/ditto-javascript-client-node';

import { Connection } from './connection.js';
import { Http } from './http.js';
import { Watch } from './watch.js';

export class World {
  #connections = [];
  #count = 0;

  constructor({ address, user, password }) {
    this.address = address;
    this.credentials = { user, password };
    this.namespace = `org.example.interop.r${randomBytes(6).toString('hex')}`;
  }

  // newId returns the id of a thing that does not exist.
  newId() {
    this.#count++;
    return `${this.namespace}:thing-${this.#count}`;
  }

  // dial opens a session without waiting for it; see Connection for the options.
  dial(options = {}) {
    const connection = new Connection({ address: this.address, ...this.credentials, ...options });
    this.#connections.push(connection);
    return connection;
  }

  // session opens a session. It ends with the scenario.
  async session(options) {
    const connection = this.dial(options);
    await connection.state('connected');
    return connection;
  }

  // http returns a client that makes requests; see Http for the options.
  http(options) {
    return new Http({ address: this.address, ...this.credentials, ...options });
  }

  // watcher opens a session that was confirmed to receive events.
  async watcher(options) {
    const connection = await this.session(options);
    await connection.events.requestEvents();
    return connection;
  }

  // asking opens a session whose request for events was replaced by one with parameters, and confirmed. The client builds
  // filters, but sends none with its own request.
  async asking(parameters) {
    const connection = await this.watcher();
    await connection.control('START-SEND-EVENTS', parameters);
    return connection;
  }

  // application opens a session that sends on the live channel.
  application(options) {
    return this.session({ live: true, ...options });
  }

  // device opens a session that was confirmed to receive messages and commands.
  async device(options) {
    const connection = await this.application(options);
    await Promise.all([connection.messages.requestMessages(), connection.commands.requestCommands()]);
    return connection;
  }

  // label returns the label of an acknowledgement that nobody else uses.
  label(name) {
    return `${this.namespace.split('.').pop()}:${name}`;
  }

  // thing makes a thing with the given members and returns its id.
  async thing(session, members = {}) {
    const id = this.newId();
    await session.things.createThing(Thing.fromObject({ thingId: id, ...members }));
    return id;
  }

  watch(session, subscribe) {
    return new Watch(session.events, subscribe);
  }

  // errors watches the errors that a session is told and that belong to none of its requests.
  errors(session) {
    return new Watch(session.requester, (requester, callback) => requester.subscribe(new AllSubscription(callback, 'errors')));
  }

  // watchedThing makes a thing that another session watches, and returns its id and the watch. The event of the creation
  // is taken.
  async watchedThing(session, watcher, members = {}) {
    const id = this.newId();
    const watch = this.watch(watcher, (events, callback) => events.subscribeToThing(id, callback));
    await session.things.createThing(Thing.fromObject({ thingId: id, ...members }));
    await watch.next();
    return { id, watch };
  }

  // leave closes all sessions.
  async leave() {
    for (const connection of this.#connections.splice(0)) {
      connection.close();
    }
    await new Promise((resolve) => { setTimeout(resolve, 0); });
  }
}

// topicOf returns the topic of an event of the thing.
export function topicOf(thingId, action) {
  return `${thingId.replace(':', '/')}/things/twin/events/${action}`;
}
