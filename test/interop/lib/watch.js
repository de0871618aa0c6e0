// A subscription of the client and the events that came for it.

import { Queue } from './wait.js';

export class Watch {
  #events = new Queue();
  #handle;
  #id;

  // subscribe gets the events handle and a callback, and returns the id of the subscription.
  constructor(handle, subscribe) {
    this.#handle = handle;
    this.#id = subscribe(handle, (event) => this.#events.put(event));
  }

  // next waits for an event and returns what counts of it.
  async next() {
    const { topic, action, path, value } = await this.#events.take('an event');
    return { topic, action, path, value };
  }

  // pending is how many events are there already.
  get pending() {
    return this.#events.size;
  }

  end() {
    this.#handle.deleteSubscription(this.#id);
  }
}
