package protocol

// Topic says what an envelope is about: the entity, the channel and what is to happen or has happened.
type Topic struct {
	// Namespace and Name are the parts of the entity's id. They are not checked; see [ValidateID].
	Namespace, Name string
	Group           Group
	// Channel is ChannelNone but for things.
	Channel   Channel
	Criterion Criterion
	// Action is ActionNone for errors, messages, acks and announcements.
	Action Action
	// Subject is the subject of a message, the label of an acknowledgement, "" for aggregated acknowledgements, or the
	// name of an announcement.
	Subject string
}

// Wildcard stands for the namespace or name in topics that are about no particular entity.
const Wildcard = "_"

// EntityID returns the id of the entity, "namespace:name".
func (t *Topic) EntityID() string { return t.Namespace + ":" + t.Name }

// Append appends the topic as text. Protocol rule: the channel "none" is not printed.
func (t *Topic) Append(dst []byte) []byte {
	dst = append(dst, t.Namespace...)
	dst = append(dst, '/')
	dst = append(dst, t.Name...)
	dst = append(dst, '/')
	dst = append(dst, t.Group.String()...)
	if t.Group == Things && t.Channel != ChannelNone {
		dst = append(dst, '/')
		dst = append(dst, t.Channel.String()...)
	}
	dst = append(dst, '/')
	dst = append(dst, t.Criterion.String()...)
	switch {
	case t.Criterion.hasAction():
		dst = append(dst, '/')
		dst = append(dst, t.Action.String()...)
	case t.Criterion.hasSubject() && t.Subject != "":
		dst = append(dst, '/')
		dst = append(dst, t.Subject...)
	}
	return dst
}

// String returns the topic as text.
func (t Topic) String() string { return string(t.Append(nil)) }

// addressed reports whether the topic is about a particular entity. The zero Topic is not.
func (t *Topic) addressed() bool {
	return t.Group != 0 && t.Namespace != Wildcard && t.Name != Wildcard
}

// appendJSON appends the topic as a JSON string.
func (t *Topic) appendJSON(dst []byte) []byte {
	start := len(dst)
	return quote(t.Append(append(dst, '"')), start)
}
