// A search of the client. Over WebSocket it has no handle for one, but builds what is searched for, and passes on what comes.

import { DefaultDittoProtocolEnvelope, StandardSubscription } from '@eclipse-ditto/ditto-javascript-client-node';

import { Queue } from './wait.js';

const topic = '_/_/things/twin/search';

// option returns what the client has made of a parameter; it makes them for URLs.
function option(options, name) {
  const text = options.getOptions().get(name);
  return text === undefined ? undefined : decodeURIComponent(text);
}

export class Search {
  #requester;
  #messages = new Queue();
  #subscription;

  // begin subscribes to what the client's search options ask for, nothing for everything, and waits until that is confirmed.
  static async begin(session, options) {
    const search = new Search();
    search.#requester = session.requester;
    search.#subscription = session.requester.subscribe(new StandardSubscription((m) => search.#take(m), topic, '/', false));
    search.id = await search.#subscribe(options);
    return search;
  }

  // Only what is about this search: a session may have several.
  #take({ action, value, headers }) {
    if (value.subscriptionId === this.id) {
      this.#messages.put({ action, ...value, correlationId: headers['correlation-id'] });
    }
  }

  async #subscribe(options) {
    const value = options === undefined ? {} : {
      filter: option(options, 'filter'),
      options: option(options, 'option'),
      namespaces: option(options, 'namespaces')?.split(','),
    };
    const correlationId = `search-${Math.random()}`;
    const { body } = await new Promise((resolve, reject) => {
      this.#requester.requests.set(correlationId, { resolve, reject });
      const headers = { 'correlation-id': correlationId };
      const fields = options && option(options, 'fields');
      const envelope = new DefaultDittoProtocolEnvelope(`${topic}/subscribe`, headers, '/', value, fields);
      this.#requester.resilienceHandler.sendRequest(correlationId, envelope);
    });
    return body.subscriptionId;
  }

  // request asks for pages.
  request(demand, correlationId = 'request') {
    return this.#send('request', { subscriptionId: this.id, demand }, correlationId);
  }

  cancel() {
    return this.#send('cancel', { subscriptionId: this.id }, 'cancel');
  }

  #send(action, value, correlationId) {
    return this.#requester.sendMessage(`${topic}/${action}`, '/', value, { 'correlation-id': correlationId });
  }

  // take waits for what comes next: { action, subscriptionId, items or error, correlationId }.
  take() {
    return this.#messages.take(`something of search ${this.id}`);
  }

  // pending is how much is there already.
  get pending() {
    return this.#messages.size;
  }

  // page requests a page and returns the things in it, undefined if there are none any more.
  async page() {
    await this.request(1);
    const { action, items } = await this.take();
    return action === 'next' ? items : undefined;
  }

  end() {
    this.#requester.deleteSubscription(this.#subscription);
  }
}

// found returns all that is found, in pages.
export async function found(session, options) {
  const search = await Search.begin(session, options);
  await search.request(1000);
  const pages = [];
  for (;;) {
    const message = await search.take();
    if (message.action === 'complete') {
      search.end();
      return pages;
    }
    if (message.action === 'failed') {
      throw message.error;
    }
    pages.push(message.items);
  }
}
