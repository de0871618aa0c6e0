package live

import (
	"strings"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// Direction says whether a message goes to a thing or comes from it.
type Direction uint8

// The directions of messages.
const (
	// To the thing: its inbox.
	To Direction = iota + 1
	// From the thing: its outbox.
	From
)

// String returns the direction as it is spelled in headers.
func (d Direction) String() string {
	switch d {
	case To:
		return "TO"
	case From:
		return "FROM"
	}
	return ""
}

// box returns the direction as it is spelled in paths.
func (d Direction) box() string {
	if d == To {
		return "inbox"
	}
	return "outbox"
}

// claim is the subject of messages by which somebody claims a thing.
const claim = "claim"

// Address is what the path of a message says.
type Address struct {
	Direction Direction
	// Subject is not empty and may have slashes.
	Subject string
	// FeatureID is "" for a message to or from the thing itself.
	FeatureID string
}

// parseAddress reads the path of a message with a subject:
//
//	[/features/id]/(inbox|outbox)/messages/subject
//
// The leading slash is optional. Protocol rule: the subject is written as in the topic, and nothing in it is escaped. In the id
// ~0 stands for ~, as in other paths.
func parseAddress(path, subject string) (Address, *protocol.Error) {
	a := Address{Subject: subject}
	rest := strings.TrimPrefix(path, "/")
	inside, ofFeature := strings.CutPrefix(rest, "features/")
	if ofFeature {
		a.FeatureID, rest, _ = strings.Cut(inside, "/")
		a.FeatureID = strings.ReplaceAll(a.FeatureID, "~0", "~")
	}
	box, rest, _ := strings.Cut(rest, "/")
	switch box {
	case "inbox":
		a.Direction = To
	case "outbox":
		a.Direction = From
	}
	if a.Direction == 0 || rest != "messages/"+subject {
		return Address{}, protocol.ErrMessagePathInvalid(path, subject)
	}
	if ofFeature && protocol.ValidateKey(a.FeatureID) != nil {
		return Address{}, protocol.ErrMessageFeatureIDInvalid(a.FeatureID)
	}
	return a, nil
}

// Pointer returns the names on the path, the subject as one.
func (a Address) Pointer() document.Pointer {
	if a.FeatureID == "" {
		return document.Pointer{a.Direction.box(), "messages", a.Subject}
	}
	return document.Pointer{"features", a.FeatureID, a.Direction.box(), "messages", a.Subject}
}

// Path returns the address as the path of an envelope.
func (a Address) Path() string {
	path := "/" + a.Direction.box() + "/messages/" + a.Subject
	if a.FeatureID == "" {
		return path
	}
	return document.Pointer{"features", a.FeatureID}.String() + path
}

// IsClaim reports whether a message at the address claims the thing. One to a feature, or from a thing, does not, whatever its
// subject.
func (a Address) IsClaim() bool {
	return a.Subject == claim && a.Direction == To && a.FeatureID == ""
}
