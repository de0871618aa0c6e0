// What the client's own handles do not offer over WebSocket, added the way the client is meant to be extended.

import {
  DefaultDittoProtocolEnvelope, DefaultFeaturesHandle, DefaultThingsHandle, HttpVerb,
} from '@eclipse-ditto/ditto-javascript-client-node';

// SelectingThings retrieves with a field selector: the client's envelope has the member, none of its handles sets it.
// It also sends to paths that no handle knows.
export class SelectingThings extends DefaultThingsHandle {
  async getFields(thingId, path, fields) {
    const { requester } = this.requestFactory;
    const topic = `${thingId.replace(':', '/')}/things/twin/commands/retrieve`;
    const correlationId = `fields-${Math.random()}`;
    const { status, body } = await new Promise((resolve, reject) => {
      requester.requests.set(correlationId, { resolve, reject });
      const headers = { 'correlation-id': correlationId };
      const envelope = new DefaultDittoProtocolEnvelope(topic, headers, path, undefined, fields);
      requester.resilienceHandler.sendRequest(correlationId, envelope);
    });
    if (status !== 200) {
      throw body;
    }
    return body;
  }

  // request sends a command with any action to any path.
  request(action, thingId, path, payload, requestOptions) {
    return this.requestFactory.fetchRequest({ verb: action, id: thingId, path, payload, requestOptions });
  }
}

// DesiredFeatures reaches the desired properties.
export class DesiredFeatures extends DefaultFeaturesHandle {
  getDesired(featureId, path = '', options) {
    return this.requestFactory.fetchJsonRequest({ ...this.#target(HttpVerb.GET, featureId, path, options) });
  }

  putDesired(featureId, path, value, options) {
    return this.requestFactory.fetchPutRequest({
      ...this.#target(HttpVerb.PUT, featureId, path, options), payload: value,
    });
  }

  deleteDesired(featureId, path = '', options) {
    return this.requestFactory.fetchRequest(this.#target(HttpVerb.DELETE, featureId, path, options));
  }

  #target(verb, featureId, path, requestOptions) {
    const below = path === '' ? '' : `/${path}`;
    return {
      verb, parser: (o) => o, id: this.thingId, path: `features/${featureId}/desiredProperties${below}`, requestOptions,
    };
  }
}
