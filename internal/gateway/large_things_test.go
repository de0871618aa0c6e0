package gateway_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/twinway/twinway/internal/snapshot"
	"github.com/twinway/twinway/test/gatewaytest"
)

// The largest things that a Gateway can allow.
const (
	largestThing   = 4 << 20
	largestMessage = 64 << 20
)

func withLargestThings(s *snapshot.Snapshot) {
	s.Limits.Thing.MaxSize, s.Limits.Message.MaxSize = largestThing, largestMessage
}

// numbers returns an array of so many different numbers.
func numbers(from, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, ",%d", from+i)
	}
	return "[" + b.String()[1:] + "]"
}

// members returns an object of so many members with different names.
func members(from, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `,"a-usual-name-%d":1`, from+i)
	}
	return "{" + b.String()[1:] + "}"
}

// found returns the ids of what a filter finds.
func (c *client) found(filter string) (ids []string) {
	c.t.Helper()
	const topic = "_/_/things/twin/search/"
	var created struct {
		Value struct{ SubscriptionID string }
	}
	mustUnmarshal(c.t, c.ask(message(topic+"subscribe", "/", fmt.Sprintf(`{"filter":%q}`, filter))), &created)
	text := c.ask(message(topic+"request", "/", fmt.Sprintf(`{"subscriptionId":%q,"demand":10}`, created.Value.SubscriptionID)))
	for !strings.Contains(text, "/search/complete") {
		var next struct {
			Value struct{ Items []struct{ ThingID string } }
		}
		mustUnmarshal(c.t, text, &next)
		if len(next.Value.Items) == 0 {
			c.t.Fatalf("a search for %s is answered %s", filter, text)
		}
		for _, item := range next.Value.Items {
			ids = append(ids, item.ThingID)
		}
		text = c.receive()
	}
	return ids
}

// mustFind holds a filter to finding some things, and nothing else.
func (c *client) mustFind(filter string, want ...string) {
	c.t.Helper()
	if found := c.found(filter); fmt.Sprint(found) != fmt.Sprint(want) {
		c.t.Errorf("%s finds %v, want %v", filter, found, want)
	}
}

// TestLargestThing stores, searches, changes and deletes a thing with hundreds of thousands of values.
func TestLargestThing(t *testing.T) {
	g := start(t, withLargestThings)
	c := dial(t, g, gatewaytest.User)
	const n = 150_000
	c.mustDo(command("large", "create", "/", `{"attributes":`+members(100_000, n)+`}`), 201, "")
	c.mustFind("exists(attributes/a-usual-name-100000)", "test:large")
	c.mustFind("eq(attributes/a-usual-name-249999,1)", "test:large")
	c.mustDo(command("large", "modify", "/attributes", members(500_000, n)), 204, "")
	c.mustFind("eq(attributes/a-usual-name-249999,1)")
	c.mustFind("eq(attributes/a-usual-name-649999,1)", "test:large")
	c.mustDo(command("large", "modify", "/attributes/a-usual-name-649999", "2"), 204, "")
	c.mustFind("eq(attributes/a-usual-name-649999,1)")
	c.mustFind("and(gt(attributes/a-usual-name-649999,1),eq(attributes/a-usual-name-500000,1))", "test:large")
	c.mustDo(command("large", "delete", "/", ""), 204, "")
	c.mustFind("exists(attributes/a-usual-name-649999)")
}

// TestThingFoundByTooMuch is about a thing whose index would be a hundred times as large as the thing. It may grow as far as it can
// be deleted, and what is refused does no harm to others.
func TestThingFoundByTooMuch(t *testing.T) {
	g := start(t, withLargestThings)
	c := dial(t, g, gatewaytest.User)
	name := strings.Repeat("n", 250)
	c.mustDo(command(name, "create", "/", `{"features":{}}`), 201, "")
	part := 0
	for status := 201; status == 201; part++ {
		if part > 100 {
			t.Fatal("there is no end")
		}
		c.mustDo(command("small", "modify", "/", fmt.Sprintf(`{"attributes":{"part":%d}}`, part)), min(201+3*part, 204), "")
		var code string
		path := fmt.Sprintf("/features/%s%d", strings.Repeat("f", 200), part)
		status, code = c.do(command(name, "modify", path, `{"properties":{"a":`+numbers(0, 10_000)+`}}`))
		if status != 201 && (status != 413 || code != "things:thing.toolarge") {
			t.Fatalf("part %d: %d %s", part, status, code)
		}
	}
	if part < 3 {
		t.Errorf("it has %d parts", part)
	}
	c.mustFind(`eq(features/*/properties/a,9999)`, "test:"+name)
	c.mustDo(command(name, "delete", "/", ""), 204, "")
	c.mustFind(`eq(features/*/properties/a,9999)`)
	c.mustFind(fmt.Sprintf("eq(attributes/part,%d)", part-1), "test:small")
}

// TestManyThingsWithMuchToFind has things of the default size changed at the same time, each of which is found by as much as it can
// be: nothing is refused, and all is found.
func TestManyThingsWithMuchToFind(t *testing.T) {
	g := start(t)
	var all sync.WaitGroup
	for i := range 8 {
		c := dial(t, g, gatewaytest.User)
		all.Go(func() { changeLarge(c, strings.Repeat("n", 249)+fmt.Sprint(i), i) })
	}
	all.Wait()
	if n := metric(t, g, "sessions"); n != 8 {
		t.Errorf("%v sessions are left of 8", n)
	}
}

func changeLarge(c *client, name string, i int) {
	const n = 12_000
	feature := strings.Repeat("f", 200)
	c.mustDo(command(name, "create", "/", `{"features":{"`+feature+`":{"properties":{"a":`+numbers(0, n)+`}}}}`), 201, "")
	for round := range 4 {
		c.mustDo(command(name, "modify", "/features/"+feature+"/properties/a", numbers((8*round+i+1)*n, n)), 204, "")
		c.mustFind(fmt.Sprintf("eq(features/*/properties/a,%d)", (8*round+i+1)*n+7), "test:"+name)
	}
}
