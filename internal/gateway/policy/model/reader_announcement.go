package model

import (
	"strconv"
	"time"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// maxAckTimeout is the longest that one attempt to announce something waits for acknowledgements.
const maxAckTimeout = time.Minute

func (p parser) announcement(raw []byte) (*Announcement, *protocol.Error) {
	if raw == nil {
		return nil, nil
	}
	if err := expect(document.Object, memberAnnouncement, raw); err != nil {
		return nil, err
	}
	a := &Announcement{}
	for _, read := range []func(*Announcement, []byte) *protocol.Error{
		p.beforeExpiry, p.whenDeleted, p.requestedAcks, p.randomization,
	} {
		if err := read(a, raw); err != nil {
			return nil, err
		}
	}
	a.Raw = closeObject(a.Raw)
	return a, nil
}

// write adds a member to the announcement as it is stored.
func (a *Announcement) write(name string, value []byte) { a.Raw = appendMember(a.Raw, name, value) }

// beforeExpiry reads how long before the expiry something is announced. Protocol rule: it is rounded up, and then written
// in seconds.
func (p parser) beforeExpiry(a *Announcement, raw []byte) *protocol.Error {
	value := optional(raw, memberBeforeExpiry)
	if value == nil {
		return nil
	}
	before, err := readDuration(memberBeforeExpiry, value, "h", "m", "s")
	if err != nil {
		return err
	}
	// To whole seconds, whatever the granularity.
	if rounded := ceil(ceil(before, p.AnnouncementGranularity), time.Second); rounded != before {
		before = rounded
		value = strconv.AppendInt([]byte{'"'}, int64(rounded/time.Second), 10)
		value = append(value, `s"`...)
	}
	a.BeforeExpiry, a.HasBeforeExpiry = before, true
	a.write(memberBeforeExpiry, value)
	return nil
}

// ceil rounds d up to a multiple of m, if m is positive.
func ceil(d, m time.Duration) time.Duration {
	if m <= 0 || d%m == 0 {
		return d
	}
	return d - d%m + m
}

func (p parser) whenDeleted(a *Announcement, raw []byte) *protocol.Error {
	value := optional(raw, memberWhenDeleted)
	if value == nil {
		return nil
	}
	if err := expect(document.Bool, memberWhenDeleted, value); err != nil {
		return err
	}
	a.WhenDeleted = string(value) == "true"
	a.write(memberWhenDeleted, value)
	return nil
}

// requestedAcks reads the acknowledgements that an announcement needs. Protocol rule: a timeout that is too long is not
// refused, but not waited for either.
func (p parser) requestedAcks(a *Announcement, raw []byte) *protocol.Error {
	value := optional(raw, memberRequestedAcks)
	if value == nil {
		return nil
	}
	if err := expect(document.Object, memberRequestedAcks, value); err != nil {
		return err
	}
	labels, err := required(value, memberLabels)
	if err != nil {
		return err
	}
	if a.AckLabels, err = p.ackLabels(labels); err != nil {
		return err
	}
	stored := appendMember(nil, memberLabels, appendTexts(nil, a.AckLabels))
	if timeout := optional(value, memberTimeout); timeout != nil {
		d, err := readDuration(memberTimeout, timeout, "d", "h", "m", "s", "ms")
		if err != nil {
			return err
		}
		a.AckTimeout = min(d, maxAckTimeout)
		stored = appendMember(stored, memberTimeout, timeout)
	}
	a.write(memberRequestedAcks, closeObject(stored))
	return nil
}

func (p parser) ackLabels(raw []byte) ([]string, *protocol.Error) {
	labels, err := texts(memberLabels, raw)
	if err != nil || p.stored {
		return labels, err
	}
	for _, label := range labels {
		if err := protocol.ValidateLabel(label); err != nil {
			return nil, err
		}
	}
	return labels, nil
}

func (p parser) randomization(a *Announcement, raw []byte) (err *protocol.Error) {
	value := optional(raw, memberRandomization)
	if value == nil {
		return nil
	}
	if a.Randomization, err = readDuration(memberRandomization, value, "d", "h", "m", "s", "ms"); err != nil {
		return err
	}
	a.HasRandomization = true
	a.write(memberRandomization, value)
	return nil
}

// readDuration reads a duration in one of the units. The error is policies:subjectannouncement.invalid.
func readDuration(name string, raw []byte, units ...string) (time.Duration, *protocol.Error) {
	if err := expect(document.String, name, raw); err != nil {
		return 0, err
	}
	d, ok := parseDuration(textOf(raw), units...)
	if !ok {
		return 0, protocol.ErrPolicySubjectAnnouncementInvalid(name + " must be a whole number with a unit, such as 2h.")
	}
	return d, nil
}
