// The HTTP half of the official client.

import { DittoNodeClient, NodeHttpBasicAuth } from '@eclipse-ditto/ditto-javascript-client-node';

import { DesiredFeatures } from './handles.js';

// Http wraps a client that makes requests.
//
// Options: address (ws://host:port, where the sessions are), user, password.
export class Http {
  constructor({ address, user, password }) {
    const { host, protocol } = new URL(address);
    const transport = DittoNodeClient.newHttpClient({ ignoreProxyFromEnv: true });
    this.client = (protocol === 'wss:' ? transport.withTls() : transport.withoutTls())
      .withDomain(host)
      .withAuthProvider(NodeHttpBasicAuth.newInstance(user, password))
      .withCustomFeaturesHandle((requests, thingId) => new DesiredFeatures(requests.buildInstance('things'), thingId))
      .build();
  }

  get things() {
    return this.client.getThingsHandle();
  }

  features(thingId) {
    return this.client.getFeaturesHandle(thingId);
  }

  get policies() {
    return this.client.getPoliciesHandle();
  }

  get search() {
    return this.client.getSearchHandle();
  }

  get messages() {
    return this.client.getMessagesHandle();
  }
}
