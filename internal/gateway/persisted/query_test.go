package persisted

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/twinway/twinway/internal/gateway/protocol"
)

// describe returns what a query wants.
func describe(q query, err *protocol.Error) string {
	if err != nil {
		return err.Code
	}
	text := fmt.Sprintf("%d-", q.from)
	if q.to != math.MaxInt64 {
		text += fmt.Sprint(q.to)
	}
	for name, at := range map[string]time.Time{" after ": q.after, " before ": q.before} {
		if !at.IsZero() {
			text += name + at.UTC().Format(time.RFC3339Nano)
		}
	}
	if q.filter != nil {
		text += " if " + q.filter.String()
	}
	if q.invalid != nil {
		text += " later " + q.invalid.Code
	}
	return text
}

func TestNewQuery(t *testing.T) {
	for value, want := range map[string]string{
		``:     "0-",
		`null`: "0-",
		`{}`:   "0-",
		`{"fromHistoricalRevision":5,"toHistoricalRevision":7}`:     "5-7",
		`{"fromHistoricalRevision":-5,"toHistoricalRevision":-7}`:   "-5--7",
		`{"toHistoricalRevision":9223372036854775807}`:              "0-",
		`{"fromHistoricalTimestamp":"2026-01-01T00:00:00.5+01:00"}`: "0- after 2025-12-31T23:00:00.5Z",
		`{"toHistoricalTimestamp":"2026-01-01T00:00:00Z"}`:          "0- before 2026-01-01T00:00:00Z",
		`{"filter":"eq(attributes/a,1)"}`:                           "0- if eq(attributes/a,1)",
		`{"filter":"eq(topic:action,'created')"}`:                   "0- if eq(topic:action,'created')",
		`{"filter":"eq("}`: "0- later rql.expression.invalid",
		`{"filter":""}`:    "0- later rql.expression.invalid",
		`{"fromHistoricalRevision":null,"filter":null,"toHistoricalTimestamp":null,"x":1}`: "0-",
		`{"fromHistoricalRevision":"5"}`:                 "json.invalid",
		`{"fromHistoricalRevision":9223372036854775808}`: "json.invalid",
		`{"toHistoricalRevision":1.0}`:                   "json.invalid",
		`{"toHistoricalRevision":true}`:                  "json.invalid",
		`{"fromHistoricalTimestamp":""}`:                 "json.invalid",
		`{"fromHistoricalTimestamp":"2026-01-01"}`:       "json.invalid",
		`{"toHistoricalTimestamp":0}`:                    "json.invalid",
		`{"filter":["eq(thingId,'a')"]}`:                 "json.invalid",
		`[]`:                                             "json.format.invalid",
		`0`:                                              "json.format.invalid",
		"\"\\u\"":                                        "json.invalid",
	} {
		var raw []byte
		if value != "" {
			raw = []byte(value)
		}
		if got := describe(newQuery(raw)); got != want {
			t.Errorf("%s: %s, want %s", value, got, want)
		}
	}
}

// Protocol rule: the bounds themselves are outside.
func TestQueryCovers(t *testing.T) {
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for name, tc := range map[string]struct {
		q    query
		want bool
	}{
		"no bounds":           {query{}, true},
		"after the moment":    {query{after: at}, false},
		"after just before":   {query{after: at.Add(-1)}, true},
		"before the moment":   {query{before: at}, false},
		"before just after":   {query{before: at.Add(1)}, true},
		"between both":        {query{after: at.Add(-1), before: at.Add(1)}, true},
		"between nothing":     {query{after: at, before: at}, false},
		"after, but too late": {query{after: at.Add(-1), before: at.Add(-1)}, false},
	} {
		if got := tc.q.covers(at); got != tc.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// FuzzQuery reads any value, and says either what it wants or what is wrong with it.
func FuzzQuery(f *testing.F) {
	for _, seed := range []string{
		`{"fromHistoricalRevision":5,"toHistoricalRevision":7,"filter":"and(eq(a,1),ne(b,2))"}`, `null`, `{}`, `[]`, `"`,
		`{"fromHistoricalTimestamp":"2026-01-01T00:00:00.5+01:00","toHistoricalTimestamp":"x"}`, `{"filter":"eq(attributes/a,1)"}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, value []byte) {
		var env protocol.Envelope
		text := append([]byte(`{"topic":"a/b/things/twin/streaming/subscribeForPersistedEvents","path":"/","value":`), value...)
		if protocol.Decode(append(text, '}'), &env) != nil {
			return // it does not come this far
		}
		q, err := newQuery(env.Value)
		switch {
		case err != nil && err.Status != 400:
			t.Errorf("%s: %v", value, err)
		case err != nil:
		case q.filter != nil && q.invalid != nil:
			t.Errorf("%s: the filter is valid and is not", value)
		case q.invalid != nil && q.invalid.Code != "rql.expression.invalid":
			t.Errorf("%s: %v", value, q.invalid)
		default:
			q.covers(time.Now())
		}
		if _, err := protocol.ReadSubscriptionRequest(&env); err != nil && err.Status != 400 {
			t.Errorf("%s: %v", value, err)
		}
	})
}
