// Package broker keeps the books on who owes whom an answer.
//
// A signal that somebody waits for has a [Wait]: it gathers the response and the acknowledgements, ends when all are there or
// its time is over, and tells its owner once what became of it. Whoever takes part has a [Party], with the waits that it has
// opened and what it was given and can answer to.
package broker
