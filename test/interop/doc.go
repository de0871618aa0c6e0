// Package interop lets foreign clients use the gateway, as they come from their makers.
//
// main.js drives it with the official JavaScript client of Eclipse Ditto, in the version that package.json pins. It needs
// Node 18 or later and, to install the client once, npm. The scenarios know the gateway only through the client, so what
// they expect is what an application sees; what the client does not show, such as single headers or the order of members,
// belongs to the conformance scenarios.
//
// By hand, against any gateway with a user "ditto" whose password is "ditto":
//
//	npm ci && TWINWAY_URL=ws://127.0.0.1:8080 node main.js [PART OF A SCENARIO'S NAME...]
//
// The client has two halves, sessions and requests. Scenarios whose names begin with http have requests made by the one, and watch
// and answer by the other. What the requests of the client cannot do is what it has no options for, such as conditions and
// acknowledgements, which scenarios add as headers and parameters; it knows nothing of server-sent events.
//
// What the client cannot do over WebSocket, and what scenarios therefore do by its requester, beside its handles: filters,
// namespaces and extra fields of a subscription (it only ever sends the bare control message and filters by itself); answers
// to messages and live commands, acknowledgements and their declaration, and live events (it only receives them); searches,
// for which it has a handle over HTTP only (filters and options are its own, and so is what brings the pages). The same goes for
// policies. It does not renew subscriptions after it reconnected: the application has to.
package interop
