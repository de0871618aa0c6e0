package model

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestReaderExpiry reads at 10:20:30, with a granularity of an hour.
func TestReaderExpiry(t *testing.T) {
	for expiry, want := range map[string]string{
		`"2026-08-18T10:30:30Z"`:           `"2026-08-18T11:00:00Z"`,
		`"2026-08-18T11:00:00Z"`:           `"2026-08-18T11:00:00Z"`,
		`"2026-08-18T11:00:00.000000001Z"`: `"2026-08-18T12:00:00Z"`,
		`"2026-08-18T10:00:01Z"`:           `"2026-08-18T11:00:00Z"`, // has passed, but is in the future when it is rounded
		`"2026-08-18T10:00:00Z"`:           badExpiry,
		`"2020-01-01T00:00:00Z"`:           badExpiry,
		`"2026-08-18T23:30:00+02:00"`:      `"2026-08-18T22:00:00Z"`,
		`"2026-08-19T10:30Z"`:              `"2026-08-19T11:00:00Z"`,
		`"9999-12-31T23:00:00Z"`:           `"9999-12-31T23:00:00Z"`,
		`"9999-12-31T23:30:00Z"`:           badExpiry, // there is no year 10000
		`"2026-08-18"`:                     badExpiry,
		`"tomorrow"`:                       badExpiry,
		`""`:                               badExpiry,
		`1787048430`:                       badJSON,
	} {
		if want[0] == '"' {
			want = `{"type":"t","expiry":` + want + `}`
		}
		checkPart(t, "subject", `{"type":"t","expiry":`+expiry+`}`, want)
	}
}

// TestReaderExpiryIsInTheFuture reads with a granularity of a second.
func TestReaderExpiryIsInTheFuture(t *testing.T) {
	r := Reader{Now: now, ExpiryGranularity: time.Second}
	for expiry, want := range map[string]string{"2026-08-18T10:20:30Z": badExpiry, "2026-08-18T10:20:30.001Z": ""} {
		_, err := r.Subject("a:b", []byte(`{"type":"t","expiry":"`+expiry+`"}`))
		if got := codeOf(err); got != want {
			t.Errorf("%s: got %q, want %q", expiry, got, want)
		}
	}
}

// TestReaderAnnouncement reads with a granularity of a minute.
func TestReaderAnnouncement(t *testing.T) {
	for announcement, want := range map[string]string{
		`{}`:                                       `{}`,
		`[]`:                                       badJSON,
		`{"x":1}`:                                  `{}`,
		`{"beforeExpiry":null}`:                    `{}`,
		`{"beforeExpiry":"1h"}`:                    `{"beforeExpiry":"1h"}`,
		`{"beforeExpiry":"5m"}`:                    `{"beforeExpiry":"5m"}`,
		`{"beforeExpiry":"60s"}`:                   `{"beforeExpiry":"60s"}`,
		`{"beforeExpiry":"61s"}`:                   `{"beforeExpiry":"120s"}`,
		`{"beforeExpiry":"120"}`:                   `{"beforeExpiry":"120"}`,
		`{"beforeExpiry":"0s"}`:                    `{"beforeExpiry":"0s"}`,
		`{"beforeExpiry":"1ms"}`:                   badAnnouncement,
		`{"beforeExpiry":"1d"}`:                    badAnnouncement,
		`{"beforeExpiry":"h"}`:                     badAnnouncement,
		`{"beforeExpiry":""}`:                      badAnnouncement,
		`{"beforeExpiry":"-1h"}`:                   badAnnouncement,
		`{"beforeExpiry":"1.5h"}`:                  badAnnouncement,
		`{"beforeExpiry":"1h "}`:                   badAnnouncement,
		`{"beforeExpiry":"99999999999999999999h"}`: badAnnouncement,
		`{"beforeExpiry":"3000000h"}`:              badAnnouncement, // does not fit into a Duration
		`{"beforeExpiry":3600}`:                    badJSON,

		`{"whenDeleted":true}`:   `{"whenDeleted":true}`,
		`{"whenDeleted":false}`:  `{"whenDeleted":false}`,
		`{"whenDeleted":"true"}`: badJSON,

		`{"randomizationInterval":"500ms"}`: `{"randomizationInterval":"500ms"}`,
		`{"randomizationInterval":"0s"}`:    `{"randomizationInterval":"0s"}`,
		`{"randomizationInterval":"1d"}`:    `{"randomizationInterval":"1d"}`,
		`{"randomizationInterval":"1w"}`:    badAnnouncement,

		`{"requestedAcks":{"labels":["a:b","abc"],"timeout":"10s","x":1}}`: `{"requestedAcks":{"labels":["a:b","abc"],"timeout":"10s"}}`,
		`{"requestedAcks":{"timeout":"2h","labels":["abc","abc"]}}`:        `{"requestedAcks":{"labels":["abc"],"timeout":"2h"}}`,
		`{"requestedAcks":{"labels":[]}}`:                                  `{"requestedAcks":{"labels":[]}}`,
		`{"requestedAcks":{}}`:                                             missing,
		`{"requestedAcks":{"labels":["ab"]}}`:                              "acknowledgement:label.invalid",
		`{"requestedAcks":{"labels":[1]}}`:                                 badJSON,
		`{"requestedAcks":{"labels":["abc"],"timeout":"1y"}}`:              badAnnouncement,
		`{"requestedAcks":[]}`:                                             badJSON,

		`{"randomizationInterval":"1m","requestedAcks":{"labels":["abc"]},"whenDeleted":true,"beforeExpiry":"1h"}`: `{"beforeExpiry":"1h",` +
			`"whenDeleted":true,"requestedAcks":{"labels":["abc"]},"randomizationInterval":"1m"}`,
	} {
		if want[0] == '{' {
			want = `{"type":"t","announcement":` + want + `}`
		}
		checkPart(t, "subject", `{"type":"t","announcement":`+announcement+`}`, want)
	}
}

// TestAnnouncementFields checks what is made of an announcement, as it is read and as it is loaded.
func TestAnnouncementFields(t *testing.T) {
	const value = `{"beforeExpiry":"90s","whenDeleted":true,"requestedAcks":{"labels":["abc"],"timeout":"5m"},"randomizationInterval":"0s"}`
	s, err := reader.Subject("a:b", []byte(`{"type":"t","announcement":`+value+`}`))
	if err != nil {
		t.Fatal(err)
	}
	want := &Announcement{
		BeforeExpiry: 2 * time.Minute, HasBeforeExpiry: true,
		WhenDeleted:      true,
		AckLabels:        []string{"abc"},
		AckTimeout:       time.Minute, // and no more
		HasRandomization: true,
		Raw:              []byte(`{"beforeExpiry":"120s","whenDeleted":true,"requestedAcks":{"labels":["abc"],"timeout":"5m"},"randomizationInterval":"0s"}`),
	}
	if diff := cmp.Diff(want, s.Announcement); diff != "" {
		t.Errorf("read (-want +got):\n%s", diff)
	}
	p := &Policy{ID: "ns:p", Entries: []Entry{{Label: "l", Subjects: []Subject{s}}}}
	loaded, invalid := Load(p.Append(nil))
	if invalid != nil {
		t.Fatal(invalid)
	}
	if diff := cmp.Diff(want, loaded.Entries[0].Subjects[0].Announcement); diff != "" {
		t.Errorf("loaded (-want +got):\n%s", diff)
	}
}
