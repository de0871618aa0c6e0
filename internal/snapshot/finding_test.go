package snapshot_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/twinway/twinway/internal/snapshot"
)

func TestFindingIsOneReadableLine(t *testing.T) {
	gateway := snapshot.Object{Kind: "Gateway", Namespace: "default", Name: "demo"}
	tests := map[string]struct {
		finding snapshot.Finding
		want    string
	}{
		"all there is": {
			snapshot.Finding{
				Severity: snapshot.Error, Object: gateway, File: "config/samples/gateway.yaml", Document: 1, Line: 7,
				FieldPath: "spec.listener.port", Rule: snapshot.RuleRange, Message: "must be between 1 and 65535, got 0",
			},
			"config/samples/gateway.yaml[1] Gateway default/demo: spec.listener.port (line 7): must be between 1 and 65535, got 0",
		},
		"warning": {
			snapshot.Finding{Severity: snapshot.Warning, Object: gateway, File: "a.yaml", Document: 2, FieldPath: "kind", Message: "not served yet"},
			"a.yaml[2] Gateway default/demo: warning: kind: not served yet",
		},
		"from a cluster": {
			snapshot.Finding{Severity: snapshot.Error, Object: gateway, FieldPath: "spec", Message: "is required"},
			"Gateway default/demo: spec: is required",
		},
		"about a file": {
			snapshot.Finding{Severity: snapshot.Error, File: "a.yaml", Message: "cannot open: permission denied"},
			"a.yaml: cannot open: permission denied",
		},
		"about a document": {
			snapshot.Finding{Severity: snapshot.Error, File: "a.yaml", Document: 3, Line: 9, Message: "did not find expected key"},
			"a.yaml[3] (line 9): did not find expected key",
		},
		"object without a name": {
			snapshot.Finding{Severity: snapshot.Error, Object: snapshot.Object{Kind: "Gateway", Namespace: "default"}, File: "a", Message: "no Gateway found"},
			"a Gateway: no Gateway found",
		},
		"object without a namespace": {
			snapshot.Finding{Severity: snapshot.Error, Object: snapshot.Object{Kind: "Gateway", Name: "x"}, File: "a", Message: "no such Gateway"},
			"a Gateway x: no such Gateway",
		},
		"only a message": {snapshot.Finding{Message: "m"}, "m"},
		"control characters": {
			snapshot.Finding{File: "a\n.yaml", FieldPath: "spec.\x1b[31m", Message: "two\nlines\u202e \xff"},
			`a\n.yaml: spec.\x1b[31m: two\nlines\u202e \xff`,
		},
		"no UTF-8": {snapshot.Finding{Message: "\xff"}, `\xff`},
		"very long": {
			snapshot.Finding{Message: strings.Repeat("ä", 1000)},
			strings.Repeat("ä", 150) + "…",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := tt.finding.String(); got != tt.want {
				t.Errorf("String()\n got %q\nwant %q", got, tt.want)
			}
		})
	}
}

func TestFindings(t *testing.T) {
	warning := snapshot.Finding{Severity: snapshot.Warning, File: "a", Message: "first"}
	problem := snapshot.Finding{Severity: snapshot.Error, File: "b", Message: "second"}
	if (snapshot.Findings{warning}).HasErrors() || !(snapshot.Findings{warning, problem}).HasErrors() {
		t.Error("HasErrors must tell errors from warnings")
	}
	var out strings.Builder
	if err := (snapshot.Findings{warning, problem}).Print(&out); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("a: warning: first\nb: second\n", out.String()); diff != "" {
		t.Errorf("printed (-want +got):\n%s", diff)
	}
}
