// Package finder finds the things that somebody searches for, in the order that they want, in one view of the store.
//
//	filter → plan: ranges of the index that miss nothing
//
//	by id        the index has what is wanted in that order → row: go along it, and skip from one entry to the other
//	             few keys → look at each; else look at all, in order
//	by property  few keys → gather: look at each, keep what matches, sort
//	             more     → join: go along the entries of the property, and look only at things that the plan leads to
//	             many     → walk: go along the entries, and look at each thing, until enough have matched
//
// Few are so many as a walk would have to look at before a page is full, if what matches is spread evenly: the root of the page's
// size times the number of all things. To pass a key costs a sixteenth of looking at a thing, or less: hence what is few for a
// gathering is a quarter of that, and what a join keeps four times as much. A join that has passed more keys than it would have cost
// to gather does that with the rest. So no way costs much more than another would.
//
// Things that lack the property by which they are sorted come first. Which they are is found out by going through all entries of
// it, once for all searches that wait for that: [Changes] keeps it true.
//
// To look at a thing is to read its record, to take away what the requester may not see, and to evaluate the whole filter on
// the rest. The index never has the last word.
//
// A search that goes on behind a position is another one, which begins there with a seek: nothing is kept for it, and nothing that
// comes before the position is passed, as far as the index has things in the order.
//
// Protocol rules:
//   - Who lacks a value by which things are sorted comes first, or last if the order is descending; and things that are equal in
//     all that is asked for are in the order of their ids.
//   - Of several values in an array the least counts, in descending order the greatest. Long strings are compared by what the
//     index has of them.
//   - Things are sorted by what they are, not by what of it the requester may see.
//
// Invariants:
//   - What is found does not depend on the way that is taken.
//   - Nothing is found twice, and nothing is left out.
//   - What is kept is bounded, and so is the work between two pauses. A search that must keep more than fails.
//   - Without a turn a search takes no more from others, for each page that it is asked for, than to retrieve some things would:
//     [stepsUnasked] steps, each of which is at most one thing of [bytesPerStep] bytes or less, one range that is begun, or as many keys
//     as take as long, 32 of them; and beyond that the rest of one thing, and of its filter as much as 32 evaluations of the usual size.
//     Whoever asks has one connection, or one request, for each page that is looked for at a time. All else waits for a turn.
//     The look behind a page counts for the next one.
//   - Who waits for a turn, or for what others find out, holds no turn. What is found out for all takes turns and room as a user of
//     its own.
//
// It knows neither policies nor sessions: what may be seen is what a function says.
package finder
