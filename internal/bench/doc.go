// Package bench measures endpoints of the Ditto protocol from outside, by WebSocket and HTTP: any of them, as it knows nothing of a
// server but where it is and who may use it.
//
//	Bench        an endpoint, parameters, and what tells of the server's memory and processor time
//	  Scenario   what is done, and over how many lanes
//	    Lane     one connection: operations are sent on it, and their outcomes come back in any order
//	    Load     how much: as fast as the endpoint answers, or at a rate
//	  Record     what came of one run: counts, percentiles, the histogram, failures by what they say
//	Report       all runs, with what is needed to do them again; printed, kept as JSON, compared
//
// A rate is a schedule that is fixed before anything is sent. How long an operation takes counts from when it should have been sent, so
// that an endpoint which stands still is charged for all that it kept waiting (no coordinated omission). As fast as possible, it counts
// from when it was sent.
//
// The clients are as lean as can be, since they most often share a machine with what they measure: they look at answers only to find the
// correlation id and the status, and keep back what they send until they would have to wait.
//
// Invariants:
//
//   - Every operation that was due is counted once: as answered, as failed, as lost when time was over, as not sent in time, or as not
//     sent since its lane had broken.
//   - A lane that breaks is told, makes the run a failure, and is not opened again: a server that has lost connections has not served.
//     Closing one over HTTP in order, or while nothing is asked, is not breaking it. When no lane is left the run ends.
//   - Nothing is waited for without an end, and nothing at all when the context ends.
//   - What the server uses is read when operations begin to count, and when the last is over.
//   - A result says how it was obtained, with everything that is needed to do it again, and nothing that is secret.
//   - What scenarios create has names of its own, and is used again by the next run.
package bench
