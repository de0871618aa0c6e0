package compile

import (
	"strings"
	"unicode/utf8"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/internal/snapshot"
)

// entries returns the entries with the keys of the Secret that a field refers
// to, and the check of the Secret, which is nil unless all of them are there and
// usable. They are text, not empty, and have at most a number of bytes.
func (c *check) entries(path string, ref v1alpha1.SecretReference, ix *index, maxSize int, keys ...string) (*check, []string) {
	path += ".name"
	if !c.objectName(path, ref.Name) {
		return nil, nil
	}
	s, ok := c.secret(path, ref.Name, ix)
	if !ok {
		return nil, nil
	}
	holder := c.report.about(secretKind, s.Namespace, s.Name, s.Origin)
	values := make([]string, len(keys))
	for i, key := range keys {
		data, there := s.Data[key]
		if !there {
			c.noEntry(path, secretKind, v1alpha1.KeyReference{Name: ref.Name, Key: key})
			ok = false
			continue
		}
		var usable bool
		values[i], usable = holder.secretText(key, data, maxSize)
		ok = ok && usable
	}
	if !ok {
		return nil, nil
	}
	return holder, values
}

// secretText returns an entry of a Secret as text. Line breaks at its end do not
// count: they come from the editor that the file was written with.
func (c *check) secretText(key string, data []byte, maxSize int) (string, bool) {
	path := "data[" + key + "]"
	text := strings.TrimRight(string(data), "\r\n")
	switch {
	case text == "":
		c.errorf(path, snapshot.RuleRequired, "must not be empty")
	case len(text) > maxSize:
		c.errorf(path, snapshot.RuleBounded, "must have at most %d bytes", maxSize)
	case !utf8.ValidString(text):
		// It would not survive the encoding of the snapshot.
		c.errorf(path, snapshot.RuleSyntax, "must be text in UTF-8")
	default:
		return text, true
	}
	return "", false
}
