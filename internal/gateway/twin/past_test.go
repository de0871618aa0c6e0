package twin_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/twinway/twinway/internal/gateway/history"
	"github.com/twinway/twinway/internal/gateway/store"
	"github.com/twinway/twinway/internal/gateway/store/pebble"
	"github.com/twinway/twinway/internal/gateway/twin"
	"github.com/twinway/twinway/test/slowdisk"
)

const (
	retrieveThing = "ns/t/things/twin/commands/retrieve"
	several       = "_/_/things/twin/commands/retrieve"
	severalThings = `"path":"/","value":{"thingIds":["ns:t"]}`
	soon          = `,"timeout":"100ms"` // time to wait in vain: who does not wait is answered at once
)

// A retrieve of the past keeps its place: it waits for what was decided before it, though that does not concern what it shows.
func TestPastWaitsForTheDisk(t *testing.T) {
	disk := slowdisk.New()
	s := serve(t, disk, "db", settings())
	c := newCaller()
	s.permit(t, "ns:p", everything)
	ask(t, s, c, createThing, "", `"path":"/","value":{"policyId":"ns:p","attributes":{"a":1}}`)
	c.mustReply(t, "201")
	release := disk.HoldSyncs()
	defer release()
	ask(t, s, c, "ns/t/things/twin/commands/modify", "", `"path":"/attributes/a","value":2`)
	for topic, rest := range map[string]string{retrieveThing: `"path":"/"`, several: severalThings} {
		ask(t, s, c, topic, soon+`,"at-historical-revision":1`, rest)
		c.mustReply(t, "408 command.timeout")
	}
	release()
	c.mustReply(t, "204")
	ask(t, s, c, retrieveThing, `,"at-historical-revision":1`, `"path":"/attributes/a"`)
	if reply := c.mustReply(t, "200"); !strings.Contains(reply, `"value":1`) || !strings.Contains(reply, `"historical-headers":{}`) {
		t.Errorf("replied %s", reply)
	}
}

// It follows what was decided before it of the policy with the thing's id, which it waits for too.
func TestPastWaitsForItsPolicy(t *testing.T) {
	disk := slowdisk.New()
	s := serve(t, disk, "db", settings())
	c, reader := newCaller(), newCaller("nginx:reader")
	s.permit(t, "ns:t", everything, "nginx:reader +r /")
	ask(t, s, c, createThing, "", `"path":"/","value":{"policyId":"ns:t"}`)
	ask(t, s, c, "ns/t/things/twin/commands/modify", "", `"path":"/attributes","value":{}`)
	c.mustReply(t, "201")
	c.mustReply(t, "201")
	release := disk.HoldSyncs()
	defer release()
	changed := s.setPolicy(t, "ns:t", everything)
	ask(t, s, reader, retrieveThing, soon+`,"at-historical-revision":1`, `"path":"/"`)
	reader.mustReply(t, "408 command.timeout")
	release()
	if err := <-changed.done; err != nil {
		t.Fatal(err)
	}
	ask(t, s, reader, retrieveThing, `,"at-historical-revision":1`, `"path":"/"`)
	reader.mustReply(t, "404 things:thing.notfound")
}

// What several things were is left out where their namespace may not be addressed.
func TestPastOfThingsInAClosedNamespace(t *testing.T) {
	s := serve(t, vfs.NewMem(), "db", settings())
	c := newCaller()
	s.permit(t, "ns:p", everything)
	ask(t, s, c, createThing, "", `"path":"/","value":{"policyId":"ns:p"}`)
	ask(t, s, c, "ns/t/things/twin/commands/modify", "", `"path":"/attributes","value":{}`)
	c.mustReply(t, "201")
	c.mustReply(t, "201")
	for closed, want := range map[string]string{"other": `"value":[{"thingId":"ns:t","policyId":"ns:p"}]`, "ns": `"value":[]`} {
		c.closed = closed
		ask(t, s, c, several, `,"at-historical-revision":1`, severalThings)
		if reply := c.mustReply(t, "200"); !strings.Contains(reply, want) || strings.Contains(reply, "historical-headers") != (closed == "other") {
			t.Errorf("replied %s", reply)
		}
	}
}

// damaged is a store whose history cannot be read.
type damaged struct{ store.Store }

func (damaged) History(store.Key, int64, int64, func(store.Event) bool) error {
	return fmt.Errorf("%w: gone", store.ErrCorrupt)
}

// A history that cannot be read is no absent one.
func TestDamagedPast(t *testing.T) {
	s := serve(t, vfs.NewMem(), "db", settings())
	service := twin.NewService(s.options(history.New(damaged{s.store}), settings()))
	c := newCaller()
	s.permit(t, "ns:p", everything)
	ask(t, s, c, createThing, "", `"path":"/","value":{"policyId":"ns:p"}`)
	ask(t, s, c, "ns/t/things/twin/commands/modify", "", `"path":"/attributes","value":{}`)
	c.mustReply(t, "201")
	c.mustReply(t, "201")
	s.Service = service
	for topic, rest := range map[string]string{retrieveThing: `"path":"/"`, several: severalThings} {
		for _, at := range []string{`"at-historical-revision":1`, `"at-historical-timestamp":"2020-01-01T00:00:00Z"`} {
			ask(t, s, c, topic, ","+at, rest)
			c.mustReply(t, "503 things:thing.unavailable")
		}
	}
}

// BenchmarkRetrieveAtRevision retrieves a thing of about 2 KB as it was at a revision, of ten thousand: the next one to a state
// that is kept whole, and the one that is the furthest away from it.
func BenchmarkRetrieveAtRevision(b *testing.B) {
	const revisions = 10_000
	s := serveOn(b, pebble.Options{Dir: b.TempDir(), HistoryMaxRecords: func() int { return revisions }}, settings(), 0)
	c := newCaller()
	s.permit(b, "ns:p", everything)
	ask(b, s, c, createThing, "", `"path":"/","value":{"policyId":"ns:p","attributes":{"about":"`+strings.Repeat("x", 1800)+`"}}`)
	<-c.replies
	for n := 2; n <= revisions; n++ {
		ask(b, s, c, "ns/t/things/twin/commands/modify", "", fmt.Sprintf(`"path":"/attributes/n","value":%d`, n))
		if n > 500 {
			<-c.replies
		}
	}
	for range 499 {
		<-c.replies
	}
	for _, tc := range []struct {
		name string
		at   string
	}{
		{"current", fmt.Sprintf(`"at-historical-revision":%d`, revisions)},
		{"nearest", `"at-historical-revision":5009`},
		{"furthest", `"at-historical-revision":5008`},
	} {
		b.Run(tc.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				ask(b, s, c, retrieveThing, ","+tc.at, `"path":"/"`)
				if reply := <-c.replies; !strings.Contains(reply, `"status":200`) {
					b.Fatal(reply)
				}
			}
		})
	}
}
