package crash

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
)

// remembered is how far back the past is looked at: less than what is kept.
const remembered = 60

// verifyPast asks a fresh gateway what it remembers of a thing: every change of the last ones, once, and what came of them. The
// change to revision n+1 has set the attribute n to n.
func verifyPast(ctx context.Context, t *testing.T, c *client, thing string, revision int64) {
	t.Helper()
	first := max(2, revision-remembered)
	if revision < first {
		return
	}
	if err := c.stream(ctx, thing, "subscribeForPersistedEvents", fmt.Sprintf(`{"fromHistoricalRevision":%d}`, first)); err != nil {
		t.Fatal(err)
	}
	created, err := c.told(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.stream(ctx, thing, "request", fmt.Sprintf(`{"subscriptionId":%q,"demand":1000}`, created.ID)); err != nil {
		t.Fatal(err)
	}
	for n := first; n <= revision; n++ {
		got, err := c.told(ctx)
		if err != nil || got.Item.Revision != n || string(got.Item.Value) != fmt.Sprint(n-1) {
			t.Fatalf("%s: the history has revision %d with %s in the place of revision %d: %v", thing, got.Item.Revision, got.Item.Value, n, err)
		}
	}
	if end, err := c.told(ctx); err != nil || end.Item.Revision != 0 {
		t.Errorf("%s is at revision %d, and its history goes on with %d: %v", thing, revision, end.Item.Revision, err)
	}
	middle := (first + revision) / 2
	if err := c.write(ctx, fmt.Sprintf(`{"topic":"test.crash/%s/things/twin/commands/retrieve","headers":{"at-historical-revision":%d},`+
		`"path":"/attributes/n"}`, thing, middle)); err != nil {
		t.Fatal(err)
	}
	if e, err := c.receive(ctx); err != nil || e.Status != http.StatusOK || string(e.Value) != fmt.Sprint(middle-1) {
		t.Errorf("%s was %s at revision %d, status %d: %v", thing, e.Value, middle, e.Status, err)
	}
}

// stream sends a message about persisted events.
func (c *client) stream(ctx context.Context, thing, action, value string) error {
	return c.write(ctx, fmt.Sprintf(`{"topic":"test.crash/%s/things/twin/streaming/%s","path":"/","value":%s}`, thing, action, value))
}

// persisted is what is told of persisted events.
type persisted struct {
	ID   string `json:"subscriptionId"`
	Item struct {
		Value    json.RawMessage
		Revision int64
	}
}

func (c *client) told(ctx context.Context) (p persisted, err error) {
	e, err := c.receive(ctx)
	if err == nil {
		err = json.Unmarshal(e.Value, &p)
	}
	return p, err
}
