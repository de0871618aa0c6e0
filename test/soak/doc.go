// Package soak lets a thousand devices and fifty applications use a gateway for as long as one likes, while they come and go as
// they please, and then looks into its books.
//
// Every device is a session with a thing and an acknowledgement of its own. Applications send messages and live commands,
// modify twins and request acknowledgements; each request tells the device what to do with it: answer, answer twice, in part,
// too late, wrongly, by way of another session, not at all, or leave while it owes the answer. Applications leave as well, with
// requests open. Seekers change things of their own and search, in full, half way, or on behalf of a guest who may see little.
//
// What must hold, whatever the machine is doing:
//   - Every request of an application that stays has exactly one outcome, and none has two.
//   - An outcome is what the device has said to that request, or says that nobody has answered. What a device is known to have
//     said in time is never missing: the gateway had read it before the time was over.
//   - Nobody receives what was not meant for them, or finds or is shown what they may not see.
//   - As soon as a modification is acknowledged, in whatever way, the thing is found by what it is, and not by what it was.
//   - A search for what is there all the time finds it, all of it and once, whatever happens to it meanwhile.
//   - When everybody has their outcomes, nothing is waited for any more and nobody owes anything, although some of those who
//     left were ready to wait for much longer. When everybody has left, there is no session, subscription, search or goroutine more
//     than before, and no memory that grows with the number of requests.
//
// No test fails because something took long; there are only guards against what never ends.
//
//	make soak SOAK=10m        or: go test -v ./test/soak -soak.for 10m -soak.seed 1
package soak
