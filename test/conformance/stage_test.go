package conformance

import "testing"

// TestEntityOf is about where "nothing" looks: where the last command went, so that answers come in order.
func TestEntityOf(t *testing.T) {
	tests := []struct{ topic, want string }{
		{"a/t/things/twin/commands/modify", "a/t/things/twin"},
		{"a/t/things/live/commands/modify", "a/t/things/twin"},
		{"a/p/policies/commands/modify", "a/p/policies"},
		{"a/_/things/twin/commands/retrieve", ""},
		{"_/_/policies/commands/checkPermissions", ""},
		{"/t/things/twin/commands/modify", ""},
		{"a/c/connections/commands/modify", ""},
		{"a/t", ""},
	}
	for _, test := range tests {
		if got := entityOf(`{"topic":"` + test.topic + `"}`); got != test.want {
			t.Errorf("%s: got %q, want %q", test.topic, got, test.want)
		}
	}
}
