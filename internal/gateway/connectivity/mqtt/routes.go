package mqtt

import (
	"hash/fnv"
	"slices"
	"strings"

	"github.com/twinway/twinway/internal/gateway/connectivity/mqtt/packet"
	"github.com/twinway/twinway/internal/snapshot"
)

// routes say which sources a message is for.
type routes struct {
	sources []*route
	filters []*filter // each text once
	// identified says that subscriptions have identifiers.
	identified bool
}

// route is a source with its filters.
type route struct {
	source  *snapshot.Source
	filters []*filter
}

// filter is what is subscribed to.
type filter struct {
	text string
	// pattern is what topics match: text without what makes it shared.
	pattern string
	shared  bool
	// id identifies the subscription at the broker.
	id  int
	qos byte
	// least says that less than what is asked for, which is not QoS 0, is not enough.
	least bool
	// covered says that there is no subscription of its own: that to another filter brings the same.
	covered bool
}

// newRoutes returns the routes to sources of which a broker is told with identifiers, or without.
func newRoutes(sources []snapshot.Source, identified bool) *routes {
	r := &routes{identified: identified}
	for i := range sources {
		source := &sources[i]
		one := &route{source: source}
		for _, address := range source.Addresses {
			one.filters = append(one.filters, r.filter(address, source))
		}
		r.sources = append(r.sources, one)
	}
	r.identify()
	if !identified {
		r.cover()
	}
	return r
}

// filter returns that with a text, for one more source.
func (r *routes) filter(text string, source *snapshot.Source) *filter {
	i := slices.IndexFunc(r.filters, func(f *filter) bool { return f.text == text })
	if i < 0 {
		pattern, shared := unshared(text)
		r.filters = append(r.filters, &filter{text: text, pattern: pattern, shared: shared})
		i = len(r.filters) - 1
	}
	f := r.filters[i]
	f.qos = max(f.qos, qosOf(source))
	f.least = f.least || source.Delivery == snapshot.AtLeastOnce && qosOf(source) > 0
	return f
}

func qosOf(source *snapshot.Source) byte {
	if source.QoS == nil {
		return 1
	}
	return byte(*source.QoS)
}

// unshared returns what the topics of a shared subscription match.
func unshared(text string) (string, bool) {
	rest, ok := strings.CutPrefix(text, "$share/")
	if !ok {
		return text, false
	}
	_, pattern, ok := strings.Cut(rest, "/")
	return pattern, ok
}

// maxSubscriptionID is the highest identifier of a subscription.
const maxSubscriptionID = 1<<28 - 1

// identify gives each filter an identifier that depends on nothing but its text, if that is possible: the session may hold messages for
// a client that had other filters.
func (r *routes) identify() {
	taken := map[int]bool{}
	for _, f := range r.filters {
		h := fnv.New32a()
		_, _ = h.Write([]byte(f.text))
		for f.id = int(h.Sum32()%maxSubscriptionID) + 1; taken[f.id]; f.id = f.id%maxSubscriptionID + 1 {
		}
		taken[f.id] = true
	}
}

// cover leaves out subscriptions of which others bring everything: a broker that sends a copy for each subscription could not say which
// is which.
func (r *routes) cover() {
	for _, f := range r.filters {
		for _, other := range r.filters {
			if f != other && !f.shared && !other.shared && covers(other.pattern, f.pattern) {
				f.covered = true
				other.qos, other.least = max(other.qos, f.qos), other.least || f.least
			}
		}
	}
}

// subscriptions returns the filters that there are subscriptions to.
func (r *routes) subscriptions() []string {
	var all []string
	for _, f := range r.filters {
		if !f.covered {
			all = append(all, f.text)
		}
	}
	return all
}

// match appends the sources that a message is for.
func (r *routes) match(to []*snapshot.Source, p *packet.Publish) []*snapshot.Source {
	for _, one := range r.sources {
		if one.wants(p, r.identified && len(p.Subscriptions) > 0) {
			to = append(to, one.source)
		}
	}
	return to
}

// wants reports whether a message is for the source. If it says by which subscriptions it came, that is so if it came by the first of
// those that bring it to the source: by the others come copies, if the broker sends any. Shared subscriptions are each for themselves.
func (s *route) wants(p *packet.Publish, identified bool) bool {
	first := true
	for _, f := range s.filters {
		if !matches(f.pattern, p.Topic) {
			continue
		}
		if !identified {
			return true
		}
		if (f.shared || first) && slices.Contains(p.Subscriptions, f.id) {
			return true
		}
		first = first && f.shared
	}
	return false
}

// matches reports whether a topic matches a filter.
func matches(filter, topic string) bool {
	// Protocol rule: wildcards at the beginning do not match topics that begin with a dollar.
	if strings.HasPrefix(topic, "$") && (strings.HasPrefix(filter, "#") || strings.HasPrefix(filter, "+")) {
		return false
	}
	return covers(filter, topic)
}

// covers reports whether everything that matches narrow, a topic or a filter, matches wide.
func covers(wide, narrow string) bool {
	if strings.HasPrefix(narrow, "$") && !strings.HasPrefix(wide, "$") {
		return false
	}
	for {
		if wide == "#" {
			return true
		}
		var a, b string
		var moreA, moreB bool
		a, wide, moreA = strings.Cut(wide, "/")
		b, narrow, moreB = strings.Cut(narrow, "/")
		switch {
		case b == "#", a != b && a != "+":
			return false
		case !moreA && !moreB:
			return true
		case moreA && !moreB:
			// Protocol rule: a/# matches a, too.
			return wide == "#"
		case !moreA:
			return false
		}
	}
}
