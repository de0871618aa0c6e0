// Package search serves searches of clients: it takes envelopes of the criterion search, and lets package stream send, page by
// page, the things that are found.
//
//	subscribe → created
//	request → Finder.Find → Cursor.Next … → next …, complete | failed        cancel
//
// How things are found, who may see which of them, and what they look like to somebody is the business of a [Finder].
//
// Invariants:
//
//   - Every envelope leads to exactly one Reply or NoReply of its requester.
//   - Nothing is found, and nothing held, before a page was requested; and nothing is fetched that nobody has asked for.
//   - What a search holds is closed when its subscription has ended, or nothing more is to come.
//   - A page has no more things than its size says. It has fewer if they are large, and at the end.
//   - The work for one page is bounded in time. What a client takes to read others is not counted.
package search
