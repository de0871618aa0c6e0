package model

import (
	"strings"
	"time"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// subjects reads subjects. Of several whose ids are the same once placeholders are replaced the last one counts.
func (p parser) subjects(raw []byte) ([]Subject, *protocol.Error) {
	if err := expect(document.Object, memberSubjects, raw); err != nil {
		return nil, err
	}
	var subjects []Subject
	place := map[string]int{}
	for id, value := range document.Members(raw) {
		subject, err := p.subject(id, value)
		if err != nil {
			return nil, err
		}
		if i, again := place[subject.ID]; again {
			subjects[i] = subject
			continue
		}
		place[subject.ID] = len(subjects)
		subjects = append(subjects, subject)
	}
	return subjects, nil
}

func (p parser) subject(id string, raw []byte) (Subject, *protocol.Error) {
	id, err := p.subjectID(id)
	if err != nil {
		return Subject{}, err
	}
	if err := expect(document.Object, "The subject "+id, raw); err != nil {
		return Subject{}, err
	}
	s := Subject{ID: id}
	if s.Type, err = p.subjectType(raw); err != nil {
		return Subject{}, err
	}
	if s.Expiry, err = p.expiry(optional(raw, memberExpiry)); err != nil {
		return Subject{}, err
	}
	if s.Announcement, err = p.announcement(optional(raw, memberAnnouncement)); err != nil {
		return Subject{}, err
	}
	return s, nil
}

func (p parser) subjectID(id string) (string, *protocol.Error) {
	if p.stored {
		return id, nil
	}
	id, err := p.replacePlaceholders(id)
	if err != nil {
		return "", err
	}
	// A subject has the characters of a message's.
	if protocol.ValidateSubject(id) != nil || !hasIssuer(id) && !hasPlaceholder(id) {
		return "", protocol.ErrPolicySubjectIDInvalid(id)
	}
	return id, nil
}

// hasIssuer reports whether there is an issuer in the id of a subject, which a colon ends. Protocol rule: that of "://"
// does not.
func hasIssuer(id string) bool {
	return strings.Contains(strings.ReplaceAll(id, "://", ""), ":")
}

func (p parser) subjectType(raw []byte) (string, *protocol.Error) {
	value, err := required(raw, memberType)
	if err != nil {
		return "", err
	}
	if err := expect(document.String, "The type of a subject", value); err != nil {
		return "", err
	}
	if p.stored {
		return textOf(value), nil
	}
	return p.replacePlaceholders(textOf(value))
}

// expiry reads when a subject expires, which is in the future once it was rounded.
func (p parser) expiry(raw []byte) (time.Time, *protocol.Error) {
	if raw == nil {
		return time.Time{}, nil
	}
	if err := expect(document.String, memberExpiry, raw); err != nil {
		return time.Time{}, err
	}
	text := textOf(raw)
	expiry, ok := parseInstant(text)
	if !ok {
		return time.Time{}, protocol.ErrPolicySubjectExpiryInvalid(text, "It must be a timestamp such as 2030-01-31T12:00:00Z.")
	}
	expiry = RoundUp(expiry, p.ExpiryGranularity)
	if !expiry.After(p.Now) || expiry.Year() > maxYear {
		return time.Time{}, protocol.ErrPolicySubjectExpiryInvalid(text, "It must be in the future.")
	}
	return expiry, nil
}

// maxYear is the last one that a timestamp can have.
const maxYear = 9999

// parseInstant reads a timestamp of ISO 8601, with or without seconds.
func parseInstant(s string) (time.Time, bool) {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04Z07:00"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}
