// Package conformance plays readable protocol scenarios against a real listener, by WebSocket and by HTTP.
//
// The files under testdata are the specification: they were written from the rules of the protocol, and what a server
// answers is never recorded into them. Every scenario has its own sessions and its own namespace, so that all of them
// run side by side on one gateway, also on one that other clients use.
//
// # Text form
//
// A file holds comments (# in the first column) and scenarios. A scenario is a title and steps; an indented line
// continues the step above it:
//
//	== modify of an attribute that does not exist creates it
//	thing t {"attributes":{"b":2}}
//	connect alice
//	watch bob
//	alice> {"topic":"<ns>/t/things/twin/commands/modify", "headers":{"correlation-id":"c"},
//	    "path":"/attributes/a", "value":1}
//	alice< {"topic":"<ns>/t/things/twin/commands/modify", "path":"/attributes/a", "value":1, "status":201,
//	    "headers":{"correlation-id":"c","response-required":false,"ditto-originator":"nginx:ditto","etag":"<etag>",
//	    "entity-revision":2,"content-type":"application/json"}}
//	bob< {"topic":"<ns>/t/things/twin/events/created", ...}
//
// Steps:
//
//	connect NAME [/PATH] [?QUERY] [as USER:PASSWORD | for SUBJECT,… | anonymous]   opens a session; indented
//	                          "Name: value" lines are headers of the handshake
//	watch NAME                subscribes the session, opened if need be, for the twin events of the scenario's namespace
//	thing NAME [JSON]         makes the thing <ns>:NAME; what this causes on other sessions is ignored
//	policy NAME JSON          makes the policy <ns>:NAME, in full or in the short form below
//	NAME> TEXT                sends one JSON object or one control message
//	NAME sends text "…"       sends any text, quoted as in Go
//	NAME sends binary "…"     sends a binary frame, quoted as in Go
//	NAME< JSON                the next frame has to be this envelope
//	NAME< TEXT                the next frame has to be exactly this text
//	NAME<* …                  adjacent lines of one session: these frames come next, in any order
//	NAME< nothing             no frame comes
//	NAME refused STATUS JSON  the handshake was refused with this HTTP status and body
//	NAME closes [CODE]        the server closes the session, with this code
//	NAME leaves               the client closes the session
//
// Events of twins, messages, live commands and live events of other namespaces, and events of what the steps thing and policy
// make, are ignored.
//
// At the end of a scenario every open session has to have "nothing", so an answer too many is a failure everywhere.
// "nothing" needs no waiting: the session sends a retrieve of the entity addressed last and its reply has to come next,
// since commands of one session on one entity are answered in order.
//
// What waits on the live channel is found by its correlation id alone. One that another scenario uses at the same time would be
// delivered with a suffix, so ids of that channel contain the namespace, as in "<ns>-c".
//
// # HTTP
//
// Requests are steps, too. Whoever sends one need not have a session; who has, or was named by the step client, sends it on behalf of
// the same subjects:
//
//	client carol for pre:carol
//	watch bob
//	carol> PUT /api/2/things/<ns>:t/attributes/a 1
//	    correlation-id: c
//	    if-match: "rev:1"
//	bob< {"topic":"<ns>/t/things/twin/events/created", ...}
//	carol< 201 1
//	    location: /api/2/things/<ns>:t/attributes/a
//	    etag: <etag>
//	    entity-revision: 2
//
// Steps:
//
//	client NAME [as USER:PASSWORD | for SUBJECT,… | anonymous]   says who somebody without a session is
//	NAME> METHOD /PATH [BODY]   sends a request; what others do meanwhile may be what its answer needs
//	NAME< STATUS [BODY]         is answered like that; must be said before NAME sends another one
//
// Headers are indented lines "name: value" behind the body, or before it if it is indented as well; an answer may have others where
// the last line is "...". A path is sent as it stands, and so is the body: JSON, or bytes "…", quoted as in Go. JSON is sent as
// application/json, or as a merge patch by PATCH, unless there is a header content-type, which sends none if it is empty. A body that is
// expected is JSON, bytes "…", the code of an error, or any.
//
// Every header of an answer counts but for those of the connection, response-required and ditto-originator: the correlation id must be
// that of the request, the type of JSON application/json, and there must be no others than those that are named.
//
// # Twins
//
// Scenario.Twin makes the HTTP twin of a scenario: each command of a session that a request can say becomes one, and its answer has
// to be what the envelope says: status, value, error, headers. Events go on coming to sessions. What a request cannot say remains an
// envelope, and is counted with a reason.
//
// # Who may do what
//
// Sessions have names, not rights: whatever their name, they act for the target's user, whose one subject is
// nginx:ditto, unless they are opened for others. So do the steps thing and policy. A thing that is made without any
// policy gets one for nginx:ditto only; scenarios in which nobody else acts need no policy. Where somebody else does,
//
//	policy p
//	    owner nginx:ditto +RW thing:/ policy:/ message:/
//	    guest pre:bob,pre:eve explicit in <ns>,<ns>.* +R thing:/ -R thing:/attributes/secret -RW policy:/
//	    other - adds subjects,resources like guest,<ns>:base/operator +W thing:/attributes/a
//	    import <ns>:base operator auditor via <ns>:ground
//	thing t {"policyId":"<ns>:p"}
//	connect bob for pre:bob
//
// makes a policy of three entries and an import. An entry has a label, subjects (of type "test", - for none) and options:
// how it can be imported, the namespaces it is for (in), allowedAdditions (adds; "nothing" for none), references (like).
// Then follow, for each group of resources, what is granted (+) or revoked (-), R, W, X for READ, WRITE, EXECUTE, and the
// resources. An import has an id, labels and, behind via, transitiveImports.
//
// # Expectations
//
// JSON is compared by structure, and everything counts: each member of the envelope, its headers, the type and the
// spelling of each number. Members have no order, arrays do. In an object "..." stands for any further members. Strings
// may hold placeholders:
//
//	<ns>           the namespace of the scenario
//	<label:X>      the label of an acknowledgement that ends in :X and is the scenario's own
//	<text>         any text but the empty one
//	<id>           any text without slash
//	<time>         an ISO-8601 instant in UTC
//	<etag>         the entity tag of a part of a thing: "hash:…" with its quotes
//	<rev>          a JSON number, the whole value, that is a revision
//	<fill:N:C>     N times the character C (x when it is left out)
//
// With a name, as in <etag:e>, the placeholder keeps what it met: the next use has to be equal, and what is sent may
// use it, too.
package conformance
