// Plays every scenario against the gateway at TWINWAY_URL (ws://host:port) as TWINWAY_USER with TWINWAY_PASSWORD, both
// "ditto" by default. Arguments select scenarios by a part of their name. Prints a summary; the exit code is 0 if all
// scenarios passed, 1 if one failed, 2 if it cannot run.

import { play } from './lib/play.js';
import { World } from './lib/world.js';
import attributes from './scenarios/attributes.js';
import conditions from './scenarios/conditions.js';
import errors from './scenarios/errors.js';
import events from './scenarios/events.js';
import features from './scenarios/features.js';
import handshake from './scenarios/handshake.js';
import httpMessages from './scenarios/http_messages.js';
import httpPolicies from './scenarios/http_policies.js';
import httpRequests from './scenarios/http_requests.js';
import httpSearch from './scenarios/http_search.js';
import httpThings from './scenarios/http_things.js';
import liveAcks from './scenarios/live_acks.js';
import liveCommands from './scenarios/live_commands.js';
import liveEvents from './scenarios/live_events.js';
import messages from './scenarios/messages.js';
import parallel from './scenarios/parallel.js';
import reconnect from './scenarios/reconnect.js';
import search from './scenarios/search.js';
import things from './scenarios/things.js';

const areas = {
  handshake, things, attributes, features, conditions, errors, events, parallel, reconnect,
  messages, 'live commands': liveCommands, 'live events': liveEvents, acknowledgements: liveAcks,
  search, 'http requests': httpRequests, 'http things': httpThings, 'http policies': httpPolicies, 'http search': httpSearch,
  'http messages': httpMessages,
};

const address = process.env.TWINWAY_URL;
if (!address) {
  console.error('TWINWAY_URL is not set; it is the address of a gateway, such as ws://127.0.0.1:8080');
  process.exit(2);
}

const user = process.env.TWINWAY_USER ?? 'ditto';
const world = new World({ address, user, password: process.env.TWINWAY_PASSWORD ?? 'ditto' });
const failed = await play(areas, world, process.argv.slice(2));
process.exit(failed ? 1 : 0);
