// Package telling is how a signal about a thing looks to those who want something of it: which pass their filter, and what is
// added to them.
//
// A signal has a plain view for an audience who wants it as it is: [Whole], or [Reduced] to what they may read of it. Bodies
// find that out themselves, by what their signals require. For who wants something of it, a [Telling] makes of the plain view
// what they are told: fields of the thing are added first, then the filter is evaluated on both, all of it as far as the
// audience may read it. What that comes to is found out once for all who want the same and may read the same. [Open] takes apart
// what came of it.
//
// What a filter is about depends on the signal. Of an event it is what has happened to the thing, with what is added. Other
// signals, as messages and commands on their way to a device, tell nothing of the thing: there it is only what is added. What is
// known of topic, path and entity can be asked of all.
//
// Invariants:
//
//   - Neither what is added to a signal nor whether a filter matches tells a subscriber anything that it may not read. Who may
//     read nothing of a thing is added nothing of it, though the signal itself is told to them.
//   - What a signal takes for all that the sessions of one user want is bounded, however many there are, since those who cause it
//     wait for it. What the bound comes to depends on nothing that may not be read.
//   - A signal to which the parameters of a subscription cannot be applied is not lost without a word: an error is told in its
//     place. Who is told that was not given the signal.
//   - A Telling is for one signal while it is published, and for one goroutine at a time. It is made when somebody wants
//     something: signals that are wanted as they are cost nothing here.
package telling
