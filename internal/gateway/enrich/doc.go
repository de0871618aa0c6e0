// Package enrich reads which fields of a thing a subscription adds to its signals, and selects them:
//
//	attributes/location,features/*/properties/on,_policy,features/{{feature:id}}/properties(value,unit)
//
// [Parse] makes [Fields] of text, which select from a [Thing] what is added to a [Signal]. Fields may have placeholders, which
// are resolved for each signal: an entry that a placeholder leaves without a name is dropped, one with several values becomes
// several entries. What is no field of a thing selects nothing, whatever a placeholder stands for.
//
// Invariants:
//   - Fields do not change and may be shared.
//   - No input makes a function panic. The number of entries, also after placeholders are resolved, and the size of what is
//     selected are bounded. So is the work that it takes, if the Signal says how much there may be.
//   - What is selected is canonical JSON, an object rooted at the thing, and nothing of it was not shown by the Thing.
//
// The package knows no permissions: a Thing is what one reader may see. It does no I/O and has no clock.
package enrich
