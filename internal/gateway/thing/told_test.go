package thing

import (
	"testing"

	"github.com/twinway/twinway/internal/gateway/document"
)

// A thing as an event tells of it has the event's part in its place, and extra fields in theirs.
func TestTold(t *testing.T) {
	for _, tc := range []struct{ name, at, value, extra, want string }{
		{"nothing", "", ``, ``, `{"thingId":"ns:t"}`},
		{"a thing", "", `{"thingId":"ns:t","policyId":"ns:p"}`, ``, `{"thingId":"ns:t","policyId":"ns:p"}`},
		{"what is no thing", "", `5`, ``, `{"thingId":"ns:t"}`},
		{"a part", "/features/f/properties", `{"x":[1]}`, ``, `{"thingId":"ns:t","features":{"f":{"properties":{"x":[1]}}}}`},
		{"null", "/attributes/a", `null`, ``, `{"thingId":"ns:t","attributes":{"a":null}}`},
		{"extra fields", "/attributes/a", `1`, `{"policyId":"ns:p","attributes":{"b":2}}`, `{"thingId":"ns:t","policyId":"ns:p","attributes":{"b":2,"a":1}}`},
		{"the event counts", "/attributes/a", `{"x":1}`, `{"attributes":{"a":{"x":0,"y":2}}}`, `{"thingId":"ns:t","attributes":{"a":{"x":1,"y":2}}}`},
		{"also where it says null", "/attributes", `{"a":null}`, `{"attributes":{"a":1}}`, `{"thingId":"ns:t","attributes":{"a":null}}`},
		{"extra fields alone", "/attributes/a", ``, `{"attributes":{"a":1}}`, `{"thingId":"ns:t","attributes":{"a":1}}`},
	} {
		at, _ := document.ParsePointer(tc.at)
		var value, extra []byte
		if tc.value != "" {
			value = []byte(tc.value)
		}
		if tc.extra != "" {
			extra = []byte(tc.extra)
		}
		if got := string(Told("ns:t", at, value, extra)); got != tc.want {
			t.Errorf("%s: %s, want %s", tc.name, got, tc.want)
		}
	}
}
