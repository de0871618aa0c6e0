package kafka

import (
	"fmt"
	"maps"
	"regexp"
	"slices"

	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/snapshot"
)

// maxTopic is how long the name of a topic may be, in characters.
const maxTopic = 249

var topicSyntax = regexp.MustCompile(`^[a-zA-Z0-9._-]+$`)

// isTopic says whether a topic can have the name.
func isTopic(name string) bool {
	return len(name) <= maxTopic && topicSyntax.MatchString(name) && name != "." && name != ".."
}

// topics says which source each topic belongs to.
type topics map[string]*snapshot.Source

// topicsOf returns the topics of all sources. A topic is consumed once by the group, so it can belong to one source only.
func topicsOf(sources []snapshot.Source) (topics, error) {
	all := topics{}
	for i := range sources {
		source := &sources[i]
		for _, name := range source.Addresses {
			if !isTopic(name) {
				return nil, refusal("source %s: %q cannot be the name of a topic", source.Name, name)
			}
			if other := all[name]; other != nil && other != source {
				return nil, refusal("the topic %s is in the sources %s and %s, but can be in one only", name, other.Name, source.Name)
			}
			all[name] = source
		}
	}
	return all, nil
}

// names returns the topics' names, sorted.
func (t topics) names() []string { return slices.Sorted(maps.Keys(t)) }

func refusal(format string, args ...any) error {
	return &link.Refusal{Cause: fmt.Errorf(format, args...)}
}
