package protocol

import (
	"strconv"
	"testing"
	"time"
)

func historyHeaders(t *testing.T, text string) Headers {
	t.Helper()
	var env Envelope
	if err := Decode([]byte(`{"topic":"a/b/things/twin/commands/retrieve","path":"/","headers":`+text+`}`), &env); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return env.Headers
}

func TestReadMoment(t *testing.T) {
	for text, want := range map[string]string{
		`{}`:                                                 "now",
		`{"at-historical-revision":null}`:                    "now",
		`{"at-historical-revision":7}`:                       "revision 7",
		`{"at-historical-revision":"7"}`:                     "revision 7",
		`{"at-historical-revision":0}`:                       "revision -1",
		`{"at-historical-revision":-9}`:                      "revision -1",
		`{"AT-Historical-Revision":7}`:                       "revision 7",
		`{"at-historical-timestamp":"2026-01-02T03:04:05Z"}`: "time 2026-01-02T03:04:05Z",
		`{"at-historical-timestamp":"2026-01-02T03:04:05.123456789+01:00"}`:                     "time 2026-01-02T02:04:05.123456789Z",
		`{"at-historical-timestamp":"2026-01-02"}`:                                              "header.invalid",
		`{"at-historical-timestamp":"2026-01-02T03:04:05"}`:                                     "header.invalid",
		`{"at-historical-timestamp":""}`:                                                        "header.invalid",
		`{"at-historical-timestamp":7}`:                                                         "header.invalid",
		`{"at-historical-revision":7,"at-historical-timestamp":"2026-01-02T03:04:05Z"}`:         "revision 7",
		`{"at-historical-timestamp":"2026-01-02T03:04:05Z","at-historical-revision":0}`:         "revision -1",
		`{"at-historical-revision":7,"at-historical-timestamp":"yesterday"}`:                    "header.invalid",
		`{"at-historical-timestamp":"2026-01-02T03:04:05.1234567890123456789012345678901234Z"}`: "header.invalid",
	} {
		h := historyHeaders(t, text)
		if got := describeMoment(ReadMoment(&h)); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

func describeMoment(m *Moment, err *Error) string {
	switch {
	case err != nil:
		return err.Code
	case m == nil:
		return "now"
	case m.Revision != 0:
		return "revision " + strconv.FormatInt(m.Revision, 10)
	}
	return "time " + m.Time.UTC().Format(time.RFC3339Nano)
}

func TestMomentCovers(t *testing.T) {
	modified := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	now := modified.Add(time.Hour)
	for name, tc := range map[string]struct {
		m              Moment
		covers, future bool
	}{
		"the current revision":  {Moment{Revision: 5}, true, false},
		"the one before":        {Moment{Revision: 4}, false, false},
		"the next one":          {Moment{Revision: 6}, false, false},
		"the last change":       {Moment{Time: modified}, true, false},
		"just before":           {Moment{Time: modified.Add(-1)}, false, false},
		"now":                   {Moment{Time: now}, true, false},
		"in a moment":           {Moment{Time: now.Add(1)}, false, true},
		"the beginning of time": {Moment{}, false, false},
	} {
		if got := tc.m.Covers(5, modified, now); got != tc.covers {
			t.Errorf("%s: covers is %v", name, got)
		}
		if got := tc.m.Future(now); got != tc.future {
			t.Errorf("%s: future is %v", name, got)
		}
	}
}
