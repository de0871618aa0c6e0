// Package rql reads and evaluates expressions of the Resource Query Language, with which subscriptions and conditions say
// what they are about:
//
//	and(gt(attributes/temperature,20), or(exists(features/lamp), in(thingId,"a:1","a:2")), not(like(definition,"x:*")))
//
// [Parse] makes an [Expression] of text. White space counts: blanks are allowed before the expression, after a value, and
// after the comma between two expressions, and nowhere else; in the name of a property they belong to the name.
// [CheckSignal] and [CheckThing] tell whether all properties are ones that a signal, or a thing, can have.
//
// [Compile] makes a [Predicate] of an expression, which is evaluated any number of times on the raw JSON of a [Subject]. All
// properties are one tree of names, so that a document is read once, and only where somebody asks; a document that cannot
// change the answer is not read at all.
//
// What a comparison means:
//   - A property in an array is one of each element, and an array is what is in it, at any depth: one value that compares is
//     enough. Objects never do. exists and empty are about the value itself: an array with elements is not empty, whatever they
//     are. Of several values below an array, empty asks that none has content.
//   - Numbers are decimals, compared exactly; a string and a number are compared as numbers if the string stands for one
//     (with an exponent of at most 10 digits), else as text; so are a boolean and anything else. The text of a number is what
//     stands in the document. Strings are ordered by UTF-16 code units.
//   - Null equals null and nothing else; it is in no order, and has no text that a pattern could match.
//   - Not equal is the negation of equal, and holds for what is missing.
//   - In patterns * and ? stand for characters that do not end a line, and there is no escape for them. ilike takes letters
//     of ASCII in either case for the same.
//   - Times are text: a timestamp in UTC, or milliseconds since 1970. They are moved by their offset, in the calendar if it
//     counts months or years, before they are truncated, and end at the years 0 and 9999.
//
// In a search, for which [CompileSearch] makes predicates, some of it means something else:
//   - Values are compared with values of their own type only, and patterns match strings only. Nothing is converted.
//   - Not equal holds for nothing that is missing.
//   - features/* is every feature. A term holds if it does for one of them, each term for itself.
//
// What an evaluation costs is bounded for any expression and document: the length and depth of the text ([MaxLength],
// [MaxDepth]), the number of terms ([MaxTerms]), the length of all patterns ([MaxPattern]) and the work of one evaluation
// ([MaxWork]), which is enough for every property of a document of some megabytes, and ends after a few milliseconds with
// [ErrTooMuchWork] where many terms meet many values. How many values a membership has makes no difference. Patterns are
// matched in one pass.
//
// Invariants:
//   - Expressions and predicates do not change and may be shared.
//   - No input makes a function panic, be it a document or not.
//   - Evaluating allocates nothing, but for room that is reused and kept small.
//   - Errors say where in the text something is wrong.
//
// The package knows neither things nor signals, but for the names of their properties; times come in as arguments.
package rql
