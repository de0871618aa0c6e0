package external_test

import (
	"testing"

	"github.com/twinway/twinway/internal/gateway/connectivity/external"
)

// Headers are found in any case. One that is written exactly so counts before others.
func TestHeadersAreFoundInAnyCase(t *testing.T) {
	headers := external.Headers{"content-type": "a", "X-Custom": "b", "x-custom": "c", "empty": ""}
	for name, want := range map[string]string{"content-type": "a", "Content-Type": "a", "X-Custom": "b", "x-custom": "c"} {
		if value, ok := headers.Get(name); !ok || value != want {
			t.Errorf("%s: %q, %t, want %q", name, value, ok, want)
		}
	}
	if value, ok := headers.Get("empty"); !ok || value != "" {
		t.Errorf("an empty header: %q, %t", value, ok)
	}
	for _, none := range []external.Headers{headers, nil} {
		if value, ok := none.Get("other"); ok {
			t.Errorf("there is %q", value)
		}
	}
}
