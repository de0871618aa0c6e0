// Package placeholder is the expression language in which configuration and entities refer to what is known only later:
// text with expressions in it,
//
//	{{ jwt:sub }}/{{ jwt:scp | fn:split(' ') | fn:filter('like','ditto:*') }}@{{ jwt:client_id | fn:default('nobody') }}
//
// A template is parsed once with [Parse] and resolved any number of times against a [Source], which knows what the
// placeholders stand for.
//
// An expression is a placeholder, prefix:name, followed by functions, each of which takes what the one before it gives.
// At every step there is either a list of texts, or nothing (the expression is unresolved), or the wish to delete what the
// template stands for. Parameters of functions are constants in single or double quotes, without escape sequences, or
// placeholders without braces. Where a function needs one text and its parameter is a placeholder with several, it takes
// the first.
//
// Functions that look at one text are applied to each, and texts for which they have no answer are left out. If none is
// left, the expression is unresolved. With nothing to begin with, all functions but fn:default and fn:delete leave it at
// that.
//
// An expression may begin with a function that needs no text: fn:default and fn:delete, and fn:filter if it says what it
// tests; that gives "true" when the condition holds.
//
// Invariants:
//   - A template does not change and may be resolved concurrently.
//   - No input makes a function panic.
//   - The size of a template, the number of its expressions, functions and results, and the amount of text that resolving
//     it makes are bounded, whatever the source answers.
//   - Errors name placeholders and functions as they stand in the template, and never what a source answered.
//
// The package knows no placeholders, and does no I/O.
package placeholder
