package model

import (
	"strings"
	"testing"
)

// TestLoadChecksFormOnly checks that a stored policy is loaded whatever has become of the rules since, and that time may have
// gone on.
func TestLoadChecksFormOnly(t *testing.T) {
	load(t, `{"policyId":"ns:p","imports":{"ns:p":{"entries":["imported"],"transitiveImports":["ns:p"]}},"entries":{"imported/":{`+
		`"subjects":{"{{ request:subjectId }}":{"type":"{{ x }}","expiry":"2001-01-01T00:00:01Z",`+
		`"announcement":{"beforeExpiry":"1s","requestedAcks":{"labels":["a"]}}}},`+
		`"resources":{"thing":{"grant":[],"revoke":[]}},"importable":"implicit","namespaces":["*"]}}}`)
}

func TestLoadRefusesWhatWasNotWritten(t *testing.T) {
	for _, doc := range []string{
		``, `1`, `{}`, `{"policyId":"ns:p"}`, `{"entries":{}}`, `{"policyId":1,"entries":{}}`, `{"policyId":"ns:p","entries":{`,
		`{"policyId":"ns:p","entries":{"l":{}}}`, `{"policyId":"ns:p","entries":{"l":{"subjects":{"a":1},"resources":{}}}}`,
		`{"policyId":"ns:p","entries":{"l":{"subjects":{"a:b":{"type":"t","expiry":"soon"}},"resources":{}}}}`,
	} {
		p, err := Load([]byte(doc))
		if err == nil {
			t.Errorf("%s: loaded as %+v", doc, p)
		} else if !strings.HasPrefix(err.Error(), "stored policy: ") {
			t.Errorf("%s: %v", doc, err)
		}
	}
}
