package protocol

import "testing"

// decoded returns what a frame decodes to.
func decoded(t testing.TB, frame string) *Envelope {
	t.Helper()
	var env Envelope
	if err := Decode([]byte(frame), &env); err != nil {
		t.Fatalf("%s: %v: %s", frame, err, err.Description)
	}
	return &env
}
