package soak

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"time"
)

// guest is a user who may read the marks of what seekers have, and nothing else.
const guest = "guest"

// seekers is how many there are.
const seekers = 8

// seeker changes a thing of its own and searches, in one session after the other. What it is answered it waits for.
type seeker struct {
	world  *world
	index  int
	random *rand.Rand
	marks  int
	// mine is its own session, theirs that of a guest.
	mine, theirs *session
}

// The namespace and the policy of what seekers have. A mark is on each thing, and on another one never.
const (
	sought       = "soak.sought"
	soughtPolicy = `{"entries":{"owner":{"subjects":{"nginx:ditto":{"type":"user"}},"resources":{"policy:/":{"grant":["READ","WRITE"],"revoke":[]},` +
		`"thing:/":{"grant":["READ","WRITE"],"revoke":[]}}},"guests":{"subjects":{"nginx:guest":{"type":"user"}},` +
		`"resources":{"thing:/attributes/mark":{"grant":["READ"],"revoke":[]}}}}}`
)

func (k *seeker) id() string { return fmt.Sprintf("%s:s%d", sought, k.index) }

func (k *seeker) mark() string { return fmt.Sprintf("m%d.%d", k.index, k.marks) }

// value returns the attributes of the seeker's thing.
func (k *seeker) value() json.RawMessage {
	return fmt.Appendf(nil, `{"mark":%q,"secret":%q}`, k.mark(), k.mark())
}

// run searches as long as sending is not over.
func (k *seeker) run(sending context.Context) {
	for sending.Err() == nil {
		if err := k.stay(sending); err != nil {
			k.world.fault("seeker %d: %v", k.index, err)
			return
		}
	}
}

// acts are what a seeker does, with their names.
var acts = []struct {
	name string
	do   func(*seeker, context.Context) error
}{
	{"change and search", (*seeker).change},
	{"search while things change", (*seeker).browse},
	{"search and cancel", (*seeker).cancel},
	{"search and forget", (*seeker).forget},
}

// stay is one pair of sessions, which ends somehow, perhaps with searches open.
func (k *seeker) stay(sending context.Context) (err error) {
	ctx := context.WithoutCancel(sending) // what was begun comes to its end
	if k.mine, err = k.world.dial(ctx, ""); err != nil {
		return err
	}
	how := farewells[k.random.IntN(len(farewells))]
	defer func() { k.mine.leave(how) }()
	if k.theirs, err = k.world.dialAs(ctx, guest, ""); err != nil {
		return err
	}
	defer func() { k.theirs.leave(how) }()
	for sending.Err() == nil && k.random.IntN(12) > 0 {
		act := acts[k.random.IntN(len(acts))]
		if err := act.do(k, ctx); err != nil {
			return fmt.Errorf("%s: %w", act.name, err)
		}
		k.world.tally.add(act.name, answered)
		pause(sending, time.Duration(k.random.Int64N(int64(50*time.Millisecond))))
	}
	return nil
}

// persisted are the ways to be told that a modification is stored.
var persisted = [][]string{nil, {"search-persisted"}, {twinPersisted, "search-persisted"}}

// change changes the seeker's thing. As soon as that is acknowledged the thing is found by what it is, by who may see that, and
// not by what it was.
func (k *seeker) change(ctx context.Context) error {
	before := k.mark()
	k.marks++
	acks := persisted[k.random.IntN(len(persisted))]
	err := k.mine.send(&envelope{
		Topic:   strings.Replace(k.id(), ":", "/", 1) + "/things/twin/commands/modify",
		Headers: headers{CorrelationID: "change", RequestedAcks: acks}, Path: "/attributes", Value: k.value(),
	})
	if err != nil {
		return err
	}
	if e, err := k.mine.await(ctx); err != nil || e.Status/100 != 2 {
		return unexpected(fmt.Sprintf("a modification with %v", acks), e, err)
	}
	for _, s := range []struct {
		by      *session
		filter  string
		want    []string
		whether string
	}{
		{k.mine, fmt.Sprintf("eq(attributes/mark,%q)", k.mark()), []string{k.id()}, "what it is"},
		{k.mine, fmt.Sprintf("and(eq(attributes/secret,%q),gt(attributes/mark,\"a\"))", k.mark()), []string{k.id()}, "what it is"},
		{k.mine, fmt.Sprintf("or(eq(attributes/mark,%q),eq(attributes/secret,%q))", before, before), nil, "what it was"},
		{k.theirs, fmt.Sprintf("eq(attributes/mark,%q)", k.mark()), []string{k.id()}, "what a guest may see"},
		{k.theirs, fmt.Sprintf("eq(attributes/secret,%q)", k.mark()), nil, "what a guest may not see"},
		{k.theirs, `exists(attributes/last)`, nil, "what a guest may not see"},
	} {
		found, err := s.by.search(ctx, query{Filter: s.filter, Options: "size(3)"})
		if err != nil {
			return err
		}
		if !slices.Equal(found, s.want) {
			return fmt.Errorf("by %s, %s, are found %v, not %v", s.whether, s.filter, found, s.want)
		}
	}
	return nil
}

// all is a search for the things of all devices, which change meanwhile, but are there all the time.
func (k *seeker) all() query {
	orders := []string{"+thingId", "-attributes/last/id", "+_modified", "-features/none/properties/x"}
	return query{
		Filter:  []string{"exists(attributes/last)", `like(thingId,"soak.d*")`, "not(exists(attributes/mark))"}[k.random.IntN(3)],
		Options: fmt.Sprintf("sort(%s),size(%d)", orders[k.random.IntN(len(orders))], 20+k.random.IntN(180)),
	}
}

// browse finds everything once.
func (k *seeker) browse(ctx context.Context) error {
	q := k.all()
	found, err := k.mine.search(ctx, q)
	if err != nil {
		return fmt.Errorf("%v: %w", q, err)
	}
	slices.Sort(found)
	if n := len(slices.Compact(found)); n != len(k.world.devices) || n != len(found) {
		return fmt.Errorf("%v finds %d things of %d, and some again: %d", q, n, len(k.world.devices), len(found))
	}
	return nil
}

// cancel has enough of a search after some pages, of which some may be under way.
func (k *seeker) cancel(ctx context.Context) error {
	id, err := k.mine.subscribe(ctx, k.all())
	if err != nil {
		return err
	}
	asked := 1 + k.random.IntN(3)
	if err := k.mine.proceed("request", id, asked); err != nil {
		return err
	}
	for range k.random.IntN(asked + 1) {
		if _, more, err := k.mine.page(ctx, id); err != nil || !more {
			return err
		}
	}
	if err := k.mine.proceed("cancel", id, 0); err != nil {
		return err
	}
	// What was under way comes before what this is answered with, and nothing behind it.
	if err := k.mine.proceed("request", id, 1); err != nil {
		return err
	}
	for {
		e, err := k.mine.await(ctx)
		switch {
		case err != nil:
			return err
		case strings.HasSuffix(e.Topic, "/failed"):
			return nil
		case !strings.HasSuffix(e.Topic, "/next") && !strings.HasSuffix(e.Topic, "/complete"):
			return fmt.Errorf("after a cancellation comes %s %s", e.Topic, e.Value)
		}
	}
}

// forget leaves a search open, with a page found or not. Its end comes with that of the session.
func (k *seeker) forget(ctx context.Context) error {
	id, err := k.theirs.subscribe(ctx, query{Options: "size(1)"})
	if err != nil || k.random.IntN(3) == 0 {
		return err
	}
	if err := k.theirs.proceed("request", id, 1); err != nil {
		return err
	}
	items, more, err := k.theirs.page(ctx, id)
	switch {
	case err != nil:
		return err
	case !more || len(items) != 1:
		return fmt.Errorf("a guest finds %s on the first page", items)
	case strings.Contains(string(items[0]), "secret") || !strings.Contains(string(items[0]), sought):
		return fmt.Errorf("a guest is shown %s", items[0])
	}
	return nil
}

// query is what is searched for.
type query struct {
	Filter  string `json:"filter,omitempty"`
	Options string `json:"options,omitempty"`
}

const searchTopic = "_/_/things/twin/search/"

// await returns the next frame, which must come.
func (s *session) await(ctx context.Context) (*envelope, error) {
	ctx, cancel := context.WithTimeout(ctx, *guard)
	defer cancel()
	return s.receive(ctx)
}

// unexpected says with what something is answered.
func unexpected(what string, e *envelope, err error) error {
	if err != nil {
		return fmt.Errorf("%s is not answered: %w", what, err)
	}
	return fmt.Errorf("%s is answered by %s with %d %s", what, e.Topic, e.Status, e.Value)
}

// told is what is told of a search.
type told struct {
	ID    string            `json:"subscriptionId"`
	Items []json.RawMessage `json:"items"`
	Error json.RawMessage   `json:"error"`
}

// subscribe begins a search.
func (s *session) subscribe(ctx context.Context, q query) (id string, err error) {
	value, err := json.Marshal(q)
	if err != nil {
		return "", err
	}
	if err := s.send(&envelope{Topic: searchTopic + "subscribe", Path: "/", Value: value}); err != nil {
		return "", err
	}
	e, err := s.await(ctx)
	if err != nil || !strings.HasSuffix(e.Topic, "/created") {
		return "", unexpected("a subscription", e, err)
	}
	var t told
	err = json.Unmarshal(e.Value, &t)
	return t.ID, err
}

// proceed asks for pages, or for no more.
func (s *session) proceed(action, id string, demand int) error {
	value := fmt.Appendf(nil, `{"subscriptionId":%q,"demand":%d}`, id, demand)
	return s.send(&envelope{Topic: searchTopic + action, Path: "/", Value: value})
}

// page returns the next page of a search, or that there is none.
func (s *session) page(ctx context.Context, id string) (items []json.RawMessage, more bool, err error) {
	e, err := s.await(ctx)
	if err != nil {
		return nil, false, err
	}
	var t told
	if err := json.Unmarshal(e.Value, &t); err != nil || t.ID != id {
		return nil, false, fmt.Errorf("instead of a page of search %s comes %s %s", id, e.Topic, e.Value)
	}
	switch strings.TrimPrefix(e.Topic, searchTopic) {
	case "next":
		return t.Items, true, nil
	case "complete":
		return nil, false, nil
	}
	return nil, false, fmt.Errorf("instead of a page comes %s %s", e.Topic, e.Value)
}

// search returns the ids of all that is found, without pauses: the end comes with the last page, and nothing may be asked behind it.
func (s *session) search(ctx context.Context, q query) (ids []string, err error) {
	id, err := s.subscribe(ctx, q)
	if err != nil {
		return nil, err
	}
	if err := s.proceed("request", id, 1000); err != nil {
		return nil, err
	}
	for more := true; more; {
		var items []json.RawMessage
		if items, more, err = s.page(ctx, id); err != nil {
			return nil, err
		}
		for _, item := range items {
			var thing struct{ ThingID string }
			if err := json.Unmarshal(item, &thing); err != nil {
				return nil, err
			}
			ids = append(ids, thing.ThingID)
		}
	}
	return ids, nil
}

// furnishSeekers makes what seekers have.
func (w *world) furnishSeekers(s *session) {
	commands := []*envelope{{Topic: strings.Replace(sought, ":", "/", 1) + "/p/policies/commands/create", Path: "/", Value: []byte(soughtPolicy)}}
	for _, k := range w.seekers {
		commands = append(commands, &envelope{
			Topic: strings.Replace(k.id(), ":", "/", 1) + "/things/twin/commands/create", Path: "/",
			Value: fmt.Appendf(nil, `{"policyId":"%s:p","attributes":%s}`, sought, k.value()),
		})
	}
	for _, e := range commands {
		if err := s.send(e); err != nil {
			w.t.Fatal(err)
		}
		if e, err := s.await(w.t.Context()); err != nil || e.Status != http.StatusCreated {
			w.t.Fatalf("make what is sought: %+v %s %v", e, e.Value, err)
		}
	}
}
