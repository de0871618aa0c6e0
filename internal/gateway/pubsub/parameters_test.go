package pubsub_test

import (
	"testing"

	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/pubsub"
)

// own is access to policies of one namespace.
type own string

func (o own) MayAccess(group protocol.Group, namespace string) bool {
	return group == protocol.Policies && namespace == string(o)
}

// What a client says becomes a want, or the error that says why not: that of the filter goes first.
func TestParameters(t *testing.T) {
	for name, tc := range map[string]struct {
		parameters    pubsub.Parameters
		filter, extra string
		policies      bool // says which policies may be shown
		code          string
	}{
		"nothing":         {},
		"a filter":        {parameters: pubsub.Parameters{Filter: "exists(thingId)", HasFilter: true}, filter: "exists(thingId)"},
		"no filter":       {parameters: pubsub.Parameters{Filter: "exists(thingId)"}},
		"an empty filter": {parameters: pubsub.Parameters{HasFilter: true}, code: "rql.expression.invalid"},
		"fields":          {parameters: pubsub.Parameters{ExtraFields: "attributes", HasExtraFields: true, Access: own("ns")}, extra: "attributes"},
		"the policy":      {parameters: pubsub.Parameters{ExtraFields: "_policy", HasExtraFields: true, Access: own("ns")}, extra: "_policy", policies: true},
		"every policy":    {parameters: pubsub.Parameters{ExtraFields: "_policy", HasExtraFields: true}, extra: "_policy"},
		"no fields":       {parameters: pubsub.Parameters{ExtraFields: "x", HasExtraFields: true}, code: "things:field.selection.invalid"},
		"neither":         {parameters: pubsub.Parameters{HasFilter: true, ExtraFields: "x", HasExtraFields: true}, code: "rql.expression.invalid"},
	} {
		tc.parameters.Namespaces = []string{"ns"}
		w, err := tc.parameters.Want()
		if err != nil || tc.code != "" {
			if err == nil || err.Code != tc.code {
				t.Errorf("%s: %v, want %s", name, err, tc.code)
			}
			continue
		}
		filter, extra := "", ""
		if w.Filter != nil {
			filter = w.Filter.String()
		}
		if w.Extra != nil {
			extra = w.Extra.String()
		}
		if filter != tc.filter || extra != tc.extra || (w.Policies != nil) != tc.policies || len(w.Namespaces) != 1 {
			t.Errorf("%s: wants %q %q of %v, which policies %t", name, filter, extra, w.Namespaces, w.Policies != nil)
		}
		if w.Policies != nil && (!w.Policies("ns") || w.Policies("other")) {
			t.Errorf("%s: the wrong policies may be shown", name)
		}
	}
}
