package snapshot_test

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/twinway/twinway/internal/snapshot"
)

// effects says of every field what a change of it needs. A new field must be
// entered here, and somebody must think about it.
var effects = map[string]string{
	"version":                                 "restart",
	"gateway.namespace":                       "restart",
	"gateway.name":                            "restart",
	"listener.port":                           "restart",
	"listener.tls.certificate":                "live",
	"listener.tls.key":                        "live",
	"authentication.basic.subjectPrefix":      "live",
	"authentication.basic.users":              "live",
	"authentication.oidc":                     "live",
	"authentication.preAuthenticated.source":  "live",
	"authentication.clockSkew":                "live",
	"authentication.tokenIntegrationSubject":  "live",
	"entityCreation.grant":                    "live",
	"entityCreation.revoke":                   "live",
	"namespaceAccess":                         "live",
	"policies.lockoutPrevention":              "live",
	"policies.subjectExpiryGranularity":       "live",
	"policies.announcements.granularity":      "live",
	"policies.announcements.gracePeriod":      "live",
	"policies.announcements.timeout":          "live",
	"policies.namespaceRoots":                 "live",
	"storage.type":                            "restart",
	"storage.cacheSize":                       "restart",
	"storage.history.maxRecords":              "live",
	"storage.history.maxAge":                  "live",
	"search.index.fields":                     "restart",
	"http.cors.allowedOrigins":                "live",
	"http.cors.credentials":                   "live",
	"http.cors.maxAge":                        "live",
	"defaultNamespace":                        "live",
	"limits.message.maxSize":                  "live",
	"limits.thing.maxSize":                    "live",
	"limits.policy.maxSize":                   "live",
	"limits.policy.maxImports":                "live",
	"limits.sessions.max":                     "live",
	"limits.sessions.inFlightCommands":        "live",
	"limits.sessions.outboundQueue":           "live",
	"limits.sessions.overflow":                "live",
	"limits.authentication.failuresPerMinute": "live",
	"session.pingInterval":                    "live",
	"session.handshakeTimeout":                "live",
	"session.commandTimeout":                  "live",
	"drain.minDelay":                          "live",
	"drain.budget":                            "live",
	"connections":                             "live",
	"subscriptions":                           "live",
}

func TestEveryFieldIsLiveOrNeedsARestart(t *testing.T) {
	var seen []string
	eachField(reflect.TypeFor[snapshot.Snapshot](), "", nil, func(path string, index [][]int) {
		seen = append(seen, path)
		changed := sample()
		change(reflect.ValueOf(changed).Elem(), index)

		live, restart := snapshot.Changes(sample(), changed)
		want := map[string][]string{effects[path]: {path}}
		if diff := cmp.Diff([][]string{want["live"], want["restart"]}, [][]string{live, restart}); diff != "" {
			t.Errorf("changing %s (-want +got live, restart):\n%s", path, diff)
		}
		if changed.Hash() == sample().Hash() {
			t.Errorf("changing %s does not change the hash", path)
		}
	})
	slices.Sort(seen)
	if diff := cmp.Diff(slices.Sorted(maps.Keys(effects)), seen); diff != "" {
		t.Errorf("fields (-known +there):\n%s", diff)
	}
}

// eachField calls f for every field that is no struct, with its path and how
// to get there.
func eachField(t reflect.Type, path string, index [][]int, f func(string, [][]int)) {
	for i := range t.NumField() {
		field := t.Field(i)
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		below := strings.TrimPrefix(path+"."+name, ".")
		to := append(slices.Clone(index), []int{i})
		inner := field.Type
		if inner.Kind() == reflect.Pointer {
			inner = inner.Elem()
		}
		if inner.Kind() == reflect.Struct {
			eachField(inner, below, to, f)
			continue
		}
		f(below, to)
	}
}

// change gives a field another value.
func change(v reflect.Value, index [][]int) {
	for _, i := range index {
		v = reflect.Indirect(v).FieldByIndex(i)
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(v.String() + "x")
	case reflect.Int, reflect.Int64:
		v.SetInt(v.Int() + 1)
	case reflect.Slice:
		v.Set(reflect.Append(v, reflect.Zero(v.Type().Elem())))
	case reflect.Map:
		v.SetMapIndex(reflect.ValueOf("bob"), reflect.Zero(v.Type().Elem()))
	}
}

func TestChanges(t *testing.T) {
	several := sample()
	several.Drain.Budget++
	several.Listener.Port++
	several.Limits.Thing.MaxSize++
	noBasic := sample()
	noBasic.Authentication.Basic = nil
	otherPassword := sample()
	otherPassword.Authentication.Basic.Users["ditto"] = "$2a$10$another"

	otherKeys := sample()
	otherKeys.Authentication.OIDC[0].JWKS = "{}"

	noTLS := sample()
	noTLS.Listener.TLS = nil

	otherCredentials := sample()
	otherCredentials.Connections[0].Credentials.Basic.Password = "another"

	otherFilter := sample()
	otherFilter.Subscriptions[0].Filter = ""

	everything := sample()
	everything.Search.Index = nil

	tests := map[string]struct {
		before, after *snapshot.Snapshot
		live, restart []string
	}{
		"equal":                  {before: sample(), after: sample()},
		"in the order of fields": {before: sample(), after: several, live: []string{"limits.thing.maxSize", "drain.budget"}, restart: []string{"listener.port"}},
		"method removed":         {before: sample(), after: noBasic, live: []string{"authentication.basic"}},
		"method added":           {before: noBasic, after: sample(), live: []string{"authentication.basic"}},
		"keys changed":           {before: sample(), after: otherKeys, live: []string{"authentication.oidc"}},
		"TLS removed":            {before: sample(), after: noTLS, restart: []string{"listener.tls"}},
		"TLS added":              {before: noTLS, after: sample(), restart: []string{"listener.tls"}},
		"index limited":          {before: everything, after: sample(), restart: []string{"search.index"}},
		"index not limited":      {before: sample(), after: everything, restart: []string{"search.index"}},
		"credentials changed":    {before: sample(), after: otherCredentials, live: []string{"connections"}},
		"filter changed":         {before: sample(), after: otherFilter, live: []string{"subscriptions"}},
		"password changed":       {before: sample(), after: otherPassword, live: []string{"authentication.basic.users"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			live, restart := snapshot.Changes(tt.before, tt.after)
			if diff := cmp.Diff([][]string{tt.live, tt.restart}, [][]string{live, restart}); diff != "" {
				t.Errorf("live, restart (-want +got):\n%s", diff)
			}
		})
	}
}
