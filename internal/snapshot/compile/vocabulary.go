package compile

import (
	"slices"
	"strings"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/placeholder"
	"github.com/twinway/twinway/internal/gateway/rql"
)

// vocabulary is the placeholders that there are in one place.
type vocabulary []prefix

// always returns the vocabulary, whatever the name.
func (v vocabulary) always(string) vocabulary { return v }

// prefix is a prefix of placeholders and the names that there are behind it.
type prefix struct {
	name string
	// known says whether there is a name; nil for all.
	known func(string) bool
	// names describes them.
	names string
}

// anyName is a prefix with all names.
func anyName(name string) prefix { return prefix{name: name} }

// fixed is a prefix with these names.
func fixed(name string, names ...string) prefix {
	return prefix{name, func(n string) bool { return slices.Contains(names, n) }, strings.Join(names, " or ")}
}

// entity is a prefix for something that has an id.
func entity(name string) prefix { return fixed(name, "id", "namespace", "name") }

// What a prefix with names of its own stands for: where a message came from or
// goes to, and what the signal in it says.
var (
	ofHeader     = anyName("header")
	ofSource     = fixed("source", "address")
	ofConnection = fixed("connection", "id")
	ofFeature    = fixed("feature", "id")
	ofSubject    = fixed("request", "subjectId")
	ofResource   = fixed("resource", "path", "type")
	ofTopic      = fixed("topic", "full", "namespace", "entityName", "group", "channel", "criterion", "action", "subject", "action-subject")
	ofTime       = prefix{"time", isTime, "a time such as now-1h"}
	ofThingJSON  = prefix{"thing-json", isPointer, "a JSON pointer such as attributes/location"}
)

// The vocabularies, by what is there when a template is resolved.
var (
	ofToken     = vocabulary{anyName("jwt")}
	ofBearer    = vocabulary{anyName("jwt"), fixed("policy-entry", "label")}
	ofHandshake = vocabulary{anyName("jwt"), ofHeader, anyName("request")}

	// A message that came in, and is not understood yet.
	ofMessage = vocabulary{ofHeader, ofSource, ofConnection}
	// A thing that is made of it.
	ofNewThing = append(slices.Clone(ofMessage), ofSubject, ofTime)
	// The entity that a message is about.
	ofEntity = vocabulary{entity("thing"), entity("policy"), entity("entity"), ofFeature}
	// A message that came in, and the command it has become.
	ofCommand = append(slices.Clone(ofMessage), ofSubject, entity("thing"), entity("policy"), entity("entity"), ofFeature, ofTopic, ofResource, ofTime)
	// The response to it, with its own topic, resource and headers.
	ofReply = ofCommand

	// A signal about a thing that goes out, and the thing.
	ofThingSignal = vocabulary{ofHeader, ofConnection, entity("thing"), entity("entity"), ofFeature, ofTopic, ofResource, ofTime, ofThingJSON}
	// An announcement of a policy that goes out.
	ofPolicySignal = vocabulary{ofHeader, ofConnection, entity("policy"), entity("entity"), ofTopic, ofResource, ofTime}
	// What fields are added to.
	ofExtraFields = vocabulary{entity("entity"), ofFeature}
)

// problem says why a placeholder does not exist, or returns the empty string.
func (v vocabulary) problem(p placeholder.Placeholder) string {
	var prefixes []string
	for _, known := range v {
		if known.name != p.Prefix {
			prefixes = append(prefixes, known.name)
			continue
		}
		if known.known != nil && !known.known(p.Name) {
			return "the name must be " + known.names
		}
		return ""
	}
	return "the prefix must be " + strings.Join(prefixes, " or ")
}

func isTime(name string) bool {
	_, ok := rql.ParseTime(name)
	return ok
}

func isPointer(name string) bool {
	p, err := document.ParsePointer(name)
	return err == nil && len(p) > 0
}
