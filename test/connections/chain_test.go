package connections_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twinway/twinway/internal/management"
)

// Of a chain: how many things there are, and how often each is changed.
const (
	chainThings  = 20
	chainChanges = 100
)

// pushedSurely are the lines of the target of a Subscription that delivers surely, and says so.
const pushedSurely = `    delivery: AtLeastOnce
    issuedAck: "sink:pushed"`

// asksForPush are the lines of a source that is told only when the change was pushed.
const asksForPush = `    requestedAcks: ["sink:pushed", "twin-persisted"]`

// chain is devices that speak to a carrier, whose messages a gateway makes changes of twins of, which are pushed to a server.
type chain struct {
	t       testing.TB
	w       *world
	carrier carrier
	sink    *sink
	to      *cable // between gateway and server
}

// manifests are those of the gateway of a chain.
func (c *chain) manifests() []string {
	return []string{devicesAt(c.carrier, asksForPush), pushTo("http://"+c.to.Address, pushedSurely)}
}

func newChain(t testing.TB, kind string) *chain {
	t.Helper()
	c := &chain{t: t, carrier: carriers[kind](t), sink: newSink(t)}
	c.to = lay(t, func() string { return strings.TrimPrefix(c.sink.URL, "http://") })
	return c
}

// things makes the things of the chain.
func (c *chain) things() {
	c.t.Helper()
	c.w.policy("org.acme:open", "integration:devices", "integration:sink")
	for i := range chainThings {
		c.w.must(http.MethodPut, "/api/2/things/org.acme:"+chainThing(i), `{"policyId":"org.acme:open"}`)
	}
}

func chainThing(i int) string { return "t" + strconv.Itoa(i) }

// change is the n-th that a device asks for.
func change(thing string, n int) string {
	return envelope("org.acme/"+thing+"/things/twin/commands/modify", fmt.Sprintf("/attributes/n%d", n), strconv.Itoa(n), "")
}

// speak has the devices say all they have to say. It returns a function that waits until the carrier has all of it.
func (c *chain) speak() (wait func()) {
	const devices = 5 // each for several things
	var speaking sync.WaitGroup
	for d := range devices {
		speaking.Go(func() {
			for n := range chainChanges {
				for i := d; i < chainThings; i += devices {
					c.carrier.publish(chainThing(i), change(chainThing(i), n+1))
				}
			}
		})
	}
	return speaking.Wait
}

// told is the changes that the server was told of, by thing, each when it came first, and how many requests that took.
func (s *sink) told() (first map[string][]int, all int) {
	first = map[string][]int{}
	seen := map[string]bool{}
	for _, r := range s.requests() {
		found := changeAt.FindStringSubmatch(r.body)
		if found == nil {
			continue // a creation
		}
		all++
		if key := r.path + "/" + found[1]; !seen[key] {
			seen[key] = true
			n, _ := strconv.Atoi(found[1])
			thing := strings.TrimPrefix(r.path, "/twins/org.acme:")
			first[thing] = append(first[thing], n)
		}
	}
	return first, all
}

// revisions are those of the events that the server was told of, by thing, each when it came first.
func (s *sink) revisions() (first map[string][]int) {
	first = map[string][]int{}
	seen := map[string]bool{}
	for _, r := range s.requests() {
		if found := revisionAt.FindStringSubmatch(r.body); found != nil && !seen[r.path+"/"+found[1]] {
			seen[r.path+"/"+found[1]] = true
			n, _ := strconv.Atoi(found[1])
			first[r.path] = append(first[r.path], n)
		}
	}
	return first
}

var revisionAt = regexp.MustCompile(`"revision":(\d+)`)

var changeAt = regexp.MustCompile(`"path":"/attributes/n(\d+)"`)

// known returns how many changes the server was told of, each counted once.
func (s *sink) known() (n int) {
	first, _ := s.told()
	for _, changes := range first {
		n += len(changes)
	}
	return n
}

// present waits until everything has arrived, and checks that every change is in its twin and was pushed.
func (c *chain) present() {
	c.t.Helper()
	const all = chainThings * chainChanges
	for guard, known := time.Now().Add(patience), 0; known < all; time.Sleep(20 * time.Millisecond) {
		if known = c.sink.known(); time.Now().After(guard) {
			c.t.Errorf("%d changes were pushed of %d", known, all)
			break
		}
	}
	for i := range chainThings {
		var attributes map[string]int
		if err := json.Unmarshal([]byte(c.w.must(http.MethodGet, "/api/2/things/org.acme:"+chainThing(i)+"/attributes", "")), &attributes); err != nil {
			c.t.Fatal(err)
		}
		for n := 1; n <= chainChanges; n++ {
			if attributes["n"+strconv.Itoa(n)] != n {
				c.t.Errorf("%s: change %d is not in the twin", chainThing(i), n)
			}
		}
	}
	_, told := c.sink.told()
	c.t.Logf("%d changes were pushed %d times", all, told)
}

// inOrder checks that changes were first pushed in the order in which they were done, and none left out, and in that in which the device
// has asked for them, if the carrier keeps it.
func (c *chain) inOrder() {
	c.t.Helper()
	changes, _ := c.sink.told()
	for thing, all := range changes {
		if !slices.IsSorted(all) && c.carrier.ordered() {
			c.t.Errorf("%s: changes were pushed as %v", thing, all)
		}
	}
	for thing, all := range c.sink.revisions() {
		if !slices.IsSorted(all) || len(all) != all[len(all)-1] {
			c.t.Errorf("%s: events were pushed as %v", thing, all)
		}
	}
}

// counted waits until nothing is under way, and checks that the gateway has counted it all.
func (c *chain) counted(atLeast int) {
	c.t.Helper()
	var in, out figures
	defer func() { c.t.Logf("in %v, out %v", in, out) }()
	eventually(c.t, "nothing is under way", func() bool {
		in, out = c.w.figures("devices", "in", "up"), c.w.figures("sink", "out", "events")
		return in.settled() && out.gone() && in["accepted"] >= atLeast
	})
	if in["rejected"]+in["dropped"]+out["failed"]+out["dropped"] != 0 {
		c.t.Errorf("something was given up: in %v, out %v", in, out)
	}
	if in["consumed"] != in["mapped"] || out["delivered"] < atLeast {
		c.t.Errorf("the figures do not agree: in %v, out %v", in, out)
	}
}

// cuts cuts both ends at random, each time when some more changes have arrived.
func (c *chain) cuts(random *rand.Rand, times int) {
	ends := []interface {
		sever()
		mend()
	}{c.carrier, c.to}
	const all = chainThings * chainChanges
	for i := range times {
		at := (all*i + random.IntN(all)) / (times + 1)
		eventually(c.t, fmt.Sprintf("%d changes have arrived", at), func() bool { return c.sink.known() >= at })
		end := ends[random.IntN(2)]
		end.sever()
		time.Sleep(time.Duration(random.IntN(200)) * time.Millisecond)
		end.mend()
	}
}

// What a device was told is safe is in the twin, and at the server that asks to be told, whatever is cut in between.
func TestNothingIsMissing(t *testing.T) {
	t.Parallel()
	for kind := range carriers {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			seed := uint64(time.Now().UnixNano())
			t.Logf("seed %d", seed)
			c := newChain(t, kind)
			c.w = start(t, c.manifests()...)
			c.w.awaitState("devices", management.LinkOpen)
			c.things()
			spoken := c.speak()
			c.cuts(rand.New(rand.NewPCG(seed, 0)), 8)
			spoken()
			c.present()
			c.inOrder()
			c.counted(chainThings * chainChanges)
		})
	}
}
