package mapping

import (
	"bytes"
	"errors"
	"strings"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// blueprint is a JSON object with templates in its texts. What they resolve to is put there as text, so that it can be nothing
// else: no member, and no expression that is resolved later.
type blueprint struct {
	text  []byte // canonical
	parts []part
}

// part is JSON as it is, and a text behind it that is resolved, if there is one.
type part struct {
	literal []byte
	text    *template
}

// Bounds of blueprints.
const (
	maxBlueprint  = 64 << 10  // bytes
	maxTemplates  = 64        // of one
	maxResolution = 256 << 10 // bytes, of what one stands for
)

// What begins an expression, and one in the syntax of old.
const (
	expression       = "{{"
	legacyExpression = "${"
)

// parseBlueprint reads a blueprint.
func parseBlueprint(text string) (*blueprint, error) {
	if len(text) > maxBlueprint {
		return nil, errors.New("is too long")
	}
	canonical, err := document.Canonical([]byte(text))
	if err != nil || document.KindOf(canonical) != document.Object {
		return nil, errors.New("must be a JSON object, with placeholders only in texts")
	}
	b := &blueprint{text: canonical}
	return b, b.split()
}

// split divides the document at the texts that have templates.
func (b *blueprint) split() error {
	start := 0
	for at := 0; at < len(b.text); at++ {
		if b.text[at] != '"' {
			continue
		}
		end := at + textLength(b.text[at:])
		t, err := textTemplate(b.text[at:end])
		if err != nil {
			return err
		}
		if t != nil {
			b.parts = append(b.parts, part{b.text[start:at], t})
			start = end
		}
		at = end - 1
	}
	if len(b.parts) > maxTemplates {
		return errors.New("has too many placeholders")
	}
	b.parts = append(b.parts, part{literal: b.text[start:]})
	return nil
}

// textLength returns how long the JSON string is that b begins with.
func textLength(b []byte) int {
	for i := 1; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(b)
}

// textTemplate returns the template in a JSON string, nil if there is none. Protocol rule: what refers to other things is left to who
// creates the thing.
func textTemplate(quoted []byte) (*template, error) {
	if !bytes.Contains(quoted, []byte(expression)) {
		return nil, nil
	}
	text, err := document.Unquote(quoted)
	if err != nil {
		return nil, err
	}
	if inner, found := strings.CutPrefix(text, expression); found && strings.HasPrefix(strings.TrimLeft(inner, " "), "ref:") {
		return nil, nil
	}
	return authorized.parse(text)
}

// resolve returns the document for a message, in canonical form.
//
// Errors: placeholder:unresolved; connectivity:message.mapping.failed for what stands for several texts, for one that holds an
// expression itself, and for a document that becomes too large.
func (b *blueprint) resolve(in *incoming) ([]byte, *protocol.Error) {
	var doc []byte
	for _, p := range b.parts {
		doc = append(doc, p.literal...)
		if p.text == nil {
			continue
		}
		text, err := p.text.single(in)
		if err != nil {
			return nil, err
		}
		if doc = document.AppendString(doc, text); len(doc) > maxResolution {
			return nil, protocol.ErrMessageMappingFailed("The thing to be created is too large.")
		}
	}
	canonical, err := document.Canonical(doc) // names may have become equal
	if err != nil {
		return nil, protocol.ErrMessageMappingFailed("The thing to be created is no JSON.")
	}
	return canonical, nil
}

// single returns the only text that the template stands for.
func (t *template) single(in *incoming) (string, *protocol.Error) {
	texts, err := t.resolve(in)
	switch {
	case err != nil || len(texts) == 0:
		return "", protocol.ErrPlaceholderUnresolved(t.String())
	case len(texts) > 1:
		return "", protocol.ErrMessageMappingFailed("In the thing to be created, " + t.String() + " stands for several texts.")
	case strings.Contains(texts[0], expression) || strings.Contains(texts[0], legacyExpression):
		return "", protocol.ErrMessageMappingFailed("What a message says must not hold placeholders.")
	}
	return texts[0], nil
}
