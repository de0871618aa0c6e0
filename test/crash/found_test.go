package crash

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// verifyFound asks a fresh gateway for a thing by what it is: it must be found, and shown so. By what it was before it must not be.
func verifyFound(ctx context.Context, t *testing.T, c *client, thing string, n int64) {
	t.Helper()
	id := "test.crash:" + thing
	want := fmt.Sprintf(`{"thingId":%q,"attributes":{"n":%d}}`, id, n)
	if n == 0 {
		return // it is what it was made as
	}
	if got := c.found(ctx, t, fmt.Sprintf(`eq(attributes/n,%d)`, n)); !strings.Contains(strings.Join(got, " "), want) {
		t.Errorf("by %d are found %v, and not %s", n, got, want)
	}
	for _, filter := range []string{
		fmt.Sprintf(`and(eq(attributes/n,%d),eq(thingId,%q))`, n-1, id), fmt.Sprintf(`and(gt(attributes/n,%d),eq(thingId,%q))`, n, id),
	} {
		if got := c.found(ctx, t, filter); len(got) > 0 {
			t.Errorf("%s is at %d, and %s finds %v", id, n, filter, got)
		}
	}
}

// found searches, and returns all that is found.
func (c *client) found(ctx context.Context, t *testing.T, filter string) (items []string) {
	t.Helper()
	const search = `{"topic":"_/_/things/twin/search/%s","path":"/","fields":"thingId,attributes/n","value":%s}`
	if err := c.write(ctx, fmt.Sprintf(search, "subscribe", fmt.Sprintf(`{"filter":%q}`, filter))); err != nil {
		t.Fatal(err)
	}
	created, err := c.told(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.write(ctx, fmt.Sprintf(search, "request", fmt.Sprintf(`{"subscriptionId":%q,"demand":100}`, created.ID))); err != nil {
		t.Fatal(err)
	}
	for {
		e, err := c.receive(ctx)
		if err != nil || strings.HasSuffix(e.Topic, "/failed") {
			t.Fatalf("a search for %s ends with %s: %v", filter, e.Value, err)
		}
		if strings.HasSuffix(e.Topic, "/complete") {
			return items
		}
		var page struct{ Items []json.RawMessage }
		if err := json.Unmarshal(e.Value, &page); err != nil {
			t.Fatal(err)
		}
		for _, item := range page.Items {
			items = append(items, string(item))
		}
	}
}
