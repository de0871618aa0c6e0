// Package rql reads expressions of the Resource Query Language, with which subscriptions and conditions say what they are
// about:
//
//	and(gt(attributes/temperature,20), or(exists(features/lamp), in(thingId,"a:1","a:2")), not(like(definition,"x:*")))
//
// [Parse] makes an [Expression] of text. White space counts: blanks are allowed before the expression, after a value, and
// after the comma between two expressions, and nowhere else; in the name of a property they belong to the name.
// [CheckSignal] tells whether all properties are ones that a signal can have.
//
// Invariants:
//   - An expression does not change and may be shared.
//   - No input makes a function panic. The length of the text and the depth of the expression are bounded.
//   - Errors say where in the text something is wrong.
//
// The package evaluates nothing and knows no documents.
package rql
