package gateway_test

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/twinway/twinway/internal/gateway"
	"github.com/twinway/twinway/internal/gateway/index"
	"github.com/twinway/twinway/internal/gateway/store"
	"github.com/twinway/twinway/internal/gateway/store/pebble"
	"github.com/twinway/twinway/internal/gateway/twin"
	"github.com/twinway/twinway/internal/snapshot"
	"github.com/twinway/twinway/test/gatewaytest"
	"github.com/twinway/twinway/test/slowdisk"
)

// indexed limits what is indexed.
func indexed(fields ...string) func(*snapshot.Snapshot) {
	return func(s *snapshot.Snapshot) {
		s.Search.Index = &snapshot.SearchIndex{Fields: append([]string{}, fields...)}
	}
}

func everythingIndexed(s *snapshot.Snapshot) { s.Search.Index = nil }

// TestWhatIsIndexedChangesWithARestart starts a gateway again and again, each time with something else indexed. What is found is
// the same: things that were there before, that have changed since, and that are new.
func TestWhatIsIndexedChangesWithARestart(t *testing.T) {
	disk := slowdisk.New()
	for run, limit := range []func(*snapshot.Snapshot){
		everythingIndexed, indexed("attributes/room"), indexed("features/*/properties/t", "_modified"), indexed(), indexed("attributes", "features"), everythingIndexed,
	} {
		g := startOn(t, disk, limit)
		c := dial(t, g, gatewaytest.User)
		there := c.nextRun(run)
		moved, latest := "test:moved", there[len(there)-1]
		c.mustFind(`eq(attributes/room,"a")`, there...)
		c.mustFind(`eq(attributes/room,"b")`, moved)
		c.mustFind(fmt.Sprintf(`eq(attributes/run,%d)`, run), moved, latest)
		c.mustFind(fmt.Sprintf(`and(eq(attributes/room,"a"),eq(attributes/run,%d))`, run), latest)
		c.mustFind(fmt.Sprintf(`exists(features/f%d)`, run), moved)
		c.mustFind(`exists(features/f0/properties/none)`)
		c.mustFind(`lt(features/*/properties/t,30)`, there...)
		c.mustFind(`not(lt(features/*/properties/t,30))`, moved)
		c.mustKeepIndex(g, indexed("attributes/run"))
		if err := g.Close(); err != nil {
			t.Fatal(err)
		}
		mustHaveIndexed(t, disk, configuration(t, limit).Search.Index)
	}
}

// mustHaveIndexed checks that the store of a gateway has the entries of its things that are wanted, and no others.
func mustHaveIndexed(t *testing.T, disk *slowdisk.Disk, limit *snapshot.SearchIndex) {
	t.Helper()
	var rules index.Rules
	if limit != nil {
		rules = index.NewRules(limit.Fields)
	}
	s, err := pebble.Open(pebble.Options{
		Dir: "db", FS: disk, Logger: slog.New(slog.DiscardHandler), IndexRules: rules.Version(),
		Index: func(store.Record) [][]byte { t.Error("the index was made by other rules"); return nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	view, err := s.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	var got, want []string
	keys, err := view.Keys(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	for ok := keys.First(); ok; ok = keys.Next() {
		got = append(got, string(keys.Key()))
		path, _, id := index.Split(keys.Key())
		if len(path) > 1 {
			continue
		}
		record, err := view.Load(store.Key{Kind: store.Thing, ID: string(id)})
		if err != nil {
			t.Fatal(err)
		}
		for _, entry := range twin.Entries(rules)(record) {
			want = append(want, string(entry)+string(id))
		}
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("keys of the index (-want +got):\n%s", diff)
	}
	if err := errors.Join(keys.Close(), view.Close(), s.Close()); err != nil {
		t.Error(err)
	}
}

// nextRun adds a thing, changes another one, and deletes one that was added two runs before. It returns those that were added and
// are left.
func (c *client) nextRun(run int) (there []string) {
	c.t.Helper()
	id := fmt.Sprint("run-", run)
	c.mustDo(command(id, "create", "/", `{"attributes":{"room":"a","run":-1},"features":{"f":{"properties":{"t":20}}}}`), 201, "")
	c.mustDo(command(id, "modify", "/attributes/run", fmt.Sprint(run)), 204, "")
	moved, status := fmt.Sprintf(`{"attributes":{"room":"b","run":%d},"features":{"f%d":{"properties":{"t":30}}}}`, run, run), 204
	if run == 0 {
		status = 201
	}
	c.mustDo(command("moved", "modify", "/", moved), status, "")
	if run > 1 {
		c.mustDo(command(fmt.Sprint("run-", run-2), "delete", "/", ""), 204, "")
	}
	if run > 0 {
		there = append(there, fmt.Sprint("test:run-", run-1))
	}
	return append(there, "test:"+id)
}

// mustKeepIndex checks that a gateway does not change what it indexes while it runs.
func (c *client) mustKeepIndex(g *gateway.Gateway, limit func(*snapshot.Snapshot)) {
	c.t.Helper()
	_, err := g.Apply(configuration(c.t, limit))
	refused, ok := errors.AsType[*gateway.RestartError](err)
	if !ok || len(refused.Fields) != 1 || !strings.HasPrefix(refused.Fields[0], "search.index") {
		c.t.Errorf("another index is answered %v, want that it needs a restart", err)
	}
}
