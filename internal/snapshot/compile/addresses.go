package compile

import (
	"regexp"
	"strings"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/internal/snapshot"
)

// addressSyntax is how addresses look where a Connection of a type sends to, by
// type, and the rest of the sentence "must be …" about it. An expression in an
// address counts as the digit 0: what it comes to is known later.
var addressSyntax = map[snapshot.ConnectionType]struct {
	syntax      *regexp.Regexp
	description string
}{
	snapshot.ConnectionHTTPPush: {
		regexp.MustCompile(`^(DELETE|GET|PATCH|POST|PUT):/`),
		"method and path of a request, such as POST:/twins/{{ thing:id }}",
	},
	snapshot.ConnectionMQTT: {
		regexp.MustCompile(`^[^+#]+$`), "a topic without the wildcards + and #",
	},
	snapshot.ConnectionKafka: {
		regexp.MustCompile(`^[a-zA-Z0-9._-]+(/.+|#[0-9]+)?$`),
		"a topic of letters, digits, dots, hyphens and underscores, such as twins, twins/{{ thing:id }} with a key, or twins#0 with a partition",
	},
	snapshot.ConnectionNATS: {
		regexp.MustCompile(`^[^.*>[:space:]]+([.][^.*>[:space:]]+)*$`),
		"a subject such as twins.{{ thing:name }}, without spaces, the wildcards * and >, and nothing between two dots",
	},
}

var expressions = regexp.MustCompile(`\{\{.*?\}\}`)

// addressOf checks the template of an address that a Connection of a type, which
// has addresses, sends to.
func (c *check) addressOf(kind snapshot.ConnectionType, path string, address *v1alpha1.Template) {
	of, known := addressSyntax[kind]
	switch {
	case address == nil:
		c.errorf(path, snapshot.RuleRequired, "is required for Connections of type %s", kind)
	case known && !of.syntax.MatchString(expressions.ReplaceAllString(string(*address), "0")):
		c.errorf(path, snapshot.RuleSyntax, "must be %s", of.description)
	}
}

const maxAddress = 1024 // characters

// sourceAddress checks what a source of a Connection of a type consumes.
func (c *check) sourceAddress(kind v1alpha1.ConnectionType, path string, value v1alpha1.Address) string {
	address := c.text(path, string(value), noControls, maxAddress, noControlsDescription)
	if !noControls.MatchString(address) {
		return address
	}
	switch {
	case kind == v1alpha1.ConnectionMQTT && !isTopicFilter(address):
		c.errorf(path, snapshot.RuleSyntax, "must be a topic filter: + stands for a whole level, and # for all that follow")
	case kind == v1alpha1.ConnectionKafka && !topicSyntax.MatchString(address):
		c.errorf(path, snapshot.RuleSyntax, "must be a topic: letters, digits, dots, hyphens and underscores, at most 249")
	case kind == v1alpha1.ConnectionNATS && !isSubjectFilter(address):
		c.errorf(path, snapshot.RuleSyntax, "must be a subject without spaces and nothing between two dots: * stands for a whole token, and > for all that follow")
	}
	return address
}

var topicSyntax = regexp.MustCompile(`^[a-zA-Z0-9._-]{1,249}$`)

// topicsOnce checks that each topic of Kafka belongs to one source: its partitions
// are given to one consumer.
func (c *check) topicsOnce(path string, sources []v1alpha1.Source) {
	of := map[v1alpha1.Address]int{}
	for i, s := range sources {
		for j, topic := range s.Addresses {
			if first, there := of[topic]; there && first != i {
				c.errorf(entry(entry(path, i)+".addresses", j), snapshot.RuleUnique, "a topic belongs to one source, and is in %s already", entry(path, first))
				continue
			}
			of[topic] = i
		}
	}
}

// isTopicFilter says whether an MQTT broker takes a filter.
func isTopicFilter(filter string) bool {
	levels := strings.Split(filter, "/")
	for i, level := range levels {
		last := i == len(levels)-1
		if level != "+" && strings.Contains(level, "+") || strings.Contains(level, "#") && (level != "#" || !last) {
			return false
		}
	}
	return true
}

// isSubjectFilter says whether a NATS server takes a subject that messages are
// consumed from.
func isSubjectFilter(subject string) bool {
	tokens := strings.Split(subject, ".")
	for i, token := range tokens {
		last := i == len(tokens)-1
		switch {
		case token == "*", token == ">" && last:
		case token == "", strings.ContainsAny(token, "*> \t"):
			return false
		}
	}
	return true
}
