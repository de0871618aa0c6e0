// Package rest serves the HTTP API: each request becomes the envelope that a session would have sent, goes the way of all
// envelopes, and the answer becomes a response.
//
//	request → who (entrance) → endpoint (routes) → envelope → Handler → call: waits for the answer → response
//
// What an endpoint says of a resource is what the protocol says of it: there is no second implementation of anything. Searches,
// which the protocol streams, are answered page by page; signals, which it sends as envelopes, are sent as events.
//
//	routes.go        what there is, by path and method
//	path.go          paths, segment by segment
//	request.go       what every request says: who, headers, parameters, body
//	things.go …      the endpoints, by resource
//	call.go          the requester of one command: waits for its answer
//	sse_stream.go    server-sent events: an answer that goes on, until the client, its token or the gateway goes
//	sse_*.go         what is told so: events, messages, history, what a search finds
//	answer.go        what an answer is in HTTP
//	outside.go       what there is beside the API, for everybody
//	openapi.go …     the description of all of it
//
// Protocol rules:
//   - Headers and query parameters of the same name are one thing; given twice, they must agree.
//   - A request has an answer even if its command wants no response: what is wrong with it, or 202.
//
// Invariants:
//   - Nobody gets further in the API than authentication without an identity, not even to learn which paths there are. They are
//     described in public; what exists at them is not.
//   - What a request takes is bounded: its body, the time for it, and what is kept for its answer.
//   - A client that goes away is waited for by nothing.
//   - A stream of events has no goroutine but that of its request, misses nothing between its header and its end, and is told
//     nothing that it may not read. What waits for it is bounded: who does not read is disconnected.
package rest
