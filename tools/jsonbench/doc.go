// Package jsonbench measures JSON libraries at the two things that Twinway does with JSON for every command: decoding an
// envelope whose value stays raw, and setting a value in a document. It is a module of its own so that the libraries that
// were not chosen stay out of Twinway's. The reasoning is in docs/adr/0001-json.md.
package jsonbench

// envelope is what a candidate makes of a frame. Headers and value are raw JSON.
type envelope struct {
	topic, path string
	headers     []header
	value       []byte
}

type header struct {
	name string
	raw  []byte
}
