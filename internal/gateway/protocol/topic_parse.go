package protocol

import (
	"slices"
	"strings"
)

// ParseTopic reads a topic:
//
//	namespace/name/things/(twin|live|none)/what
//	namespace/name/(policies|connections)/what
//	what = commands/action | events/action | search/action | streaming/action | errors
//	     | messages/subject | acks[/label] | announcements/name
//
// A subject is the rest of the text, with its slashes. After an action, and after errors, further segments are ignored. Case
// counts. The error is protocoladapter:unknown.topicpath.
func ParseTopic(s string) (Topic, *Error) {
	p := topicParser{rest: s, more: true}
	t := Topic{Namespace: p.segment("namespace"), Name: p.segment("name")}
	t.Group = word[Group](&p, "group", groupNames[:])
	if t.Group == Things {
		t.Channel = word[Channel](&p, "channel", channelNames[:])
	}
	t.Criterion = word[Criterion](&p, "criterion", criterionNames[:])
	switch {
	case t.Criterion.hasAction():
		t.Action = p.action(t.Criterion)
	case t.Criterion.hasSubject():
		t.Subject = p.subject(t.Criterion)
	}
	if p.fault != "" {
		return Topic{}, ErrTopicUnknown(s, p.fault)
	}
	return t, nil
}

// topicParser reads a topic segment by segment. After the first fault it reads nothing any more.
type topicParser struct {
	rest  string
	more  bool // there is a segment to be read, which may be empty
	fault string
}

// segment reads up to the next slash.
func (p *topicParser) segment(name string) string {
	if p.fault != "" {
		return ""
	}
	if !p.more {
		p.fault = "It ends before the segment for the " + name + "."
		return ""
	}
	var s string
	s, p.rest, p.more = strings.Cut(p.rest, "/")
	return s
}

// word reads a segment that is one of the names.
func word[T ~uint8](p *topicParser, name string, names []string) T {
	s := p.segment(name)
	value, ok := named[T](names, s)
	if !ok {
		p.unexpected(name, s, names)
	}
	return value
}

func (p *topicParser) action(c Criterion) Action {
	s := p.segment("action")
	action, ok := named[Action](actionNames[:], s)
	allowed := actionsOf[c]
	if ok && slices.Contains(allowed, action) {
		return action
	}
	names := make([]string, 0, len(allowed))
	for _, a := range allowed {
		names = append(names, a.String())
	}
	p.unexpected("action of "+c.String(), s, names)
	return ActionNone
}

// subject reads the rest of the topic. Only acks can do without.
func (p *topicParser) subject(c Criterion) string {
	if p.fault != "" || !p.more && c == Acks {
		return ""
	}
	if !p.more || p.rest == "" {
		p.fault = "After " + c.String() + " a segment is missing that says which one."
	}
	return p.rest
}

func (p *topicParser) unexpected(name, got string, names []string) {
	if p.fault != "" {
		return
	}
	names = slices.DeleteFunc(slices.Clone(names), func(s string) bool { return s == "" })
	p.fault = "As " + name + " it has \"" + excerpt(got) + "\", which is none of " + strings.Join(names, ", ") + "."
}
