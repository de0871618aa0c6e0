package placeholder

import (
	"strings"

	"github.com/twinway/twinway/internal/gateway/document"
)

// pattern is the parameter of fn:format: text with fields of a JSON object in braces.
//
//	{name}              a member
//	{/outer/inner}      a member of a member
//	{#name}...{/name}   the text between, once for each element of an array, whose members are then the fields;
//	                    sections are not nested
//	{.}                 in a section, the element itself
//	\{ and \}           braces
//
// A field that is absent, null or an empty array is an empty text. An array gives a result for each element, and several
// arrays or sections one for each combination. Objects are given as JSON.
type pattern []piece

// piece is literal text followed by a field, which the last piece does not have, or by a section.
type piece struct {
	literal string
	field   document.Pointer
	section pattern // nil: the field itself is wanted
	end     bool    // there is only the literal
}

// fnFormat gives for each text that is a JSON object what the pattern makes of it. Other texts are left out.
func fnFormat(args []argument, first bool) stage {
	if len(args) != 1 || first || args[0].placeholder != nil {
		return nil
	}
	p, rest, ok := parsePattern(args[0].constant, "")
	if !ok || rest != "" {
		return nil
	}
	return func(e *evaluation, in value) (out value, err error) {
		for _, text := range in.texts {
			doc, invalid := document.Canonical([]byte(text))
			if invalid != nil || document.KindOf(doc) != document.Object {
				continue
			}
			results, err := p.format(e, doc)
			if err != nil {
				return out, err
			}
			out.texts = append(out.texts, results...)
		}
		return out, nil
	}
}

// parsePattern reads up to the tag that closes the section, or to the end if section is empty, and returns what comes
// after.
func parsePattern(text, section string) (p pattern, rest string, ok bool) {
	for {
		literal, tag, after, found, ok := nextTag(text)
		if !ok {
			return nil, "", false
		}
		text = after
		if !found || section != "" && tag == "/"+section {
			// An open section must be closed.
			return append(p, piece{literal: literal, end: true}), text, found == (section != "")
		}
		next := piece{literal: literal}
		if name, opens := strings.CutPrefix(tag, "#"); opens {
			if section != "" || name == "" {
				return nil, "", false
			}
			if next.section, text, ok = parsePattern(text, name); !ok {
				return nil, "", false
			}
			tag = name
		}
		if next.field, ok = parseField(tag, section != ""); !ok {
			return nil, "", false
		}
		p = append(p, next)
	}
}

// parseField reads what stands in braces.
func parseField(tag string, inSection bool) (document.Pointer, bool) {
	switch {
	case tag == "":
		return nil, false
	case tag == ".":
		return nil, inSection
	case tag[0] == '/':
		p, err := document.ParsePointer(tag)
		return p, err == nil && len(p) > 0
	}
	return document.Pointer{tag}, true
}

// nextTag returns the text before the next tag, with escapes undone, the tag without braces, and the text after it. It
// reports !found at the end of the text, and !ok if braces do not match.
func nextTag(text string) (literal, tag, after string, found, ok bool) {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\' && i+1 < len(text) && (text[i+1] == '{' || text[i+1] == '}'):
			i++
			b.WriteByte(text[i])
		case c == '{':
			tag, after, ok = strings.Cut(text[i+1:], "}")
			return b.String(), tag, after, true, ok && !strings.Contains(tag, "{")
		case c == '}':
			return "", "", "", false, false
		default:
			b.WriteByte(c)
		}
	}
	return b.String(), "", "", false, true
}

// format returns what the pattern makes of a canonical JSON value.
func (p pattern) format(e *evaluation, doc []byte) ([]string, error) {
	results := []string{""}
	for _, next := range p {
		parts, err := next.parts(e, doc)
		if err != nil {
			return nil, err
		}
		if results, err = e.combine(results, next.literal, parts); err != nil {
			return nil, err
		}
	}
	return results, nil
}

// parts returns what stands for the field or section, at least one text.
func (p piece) parts(e *evaluation, doc []byte) (texts []string, err error) {
	if p.end {
		return []string{""}, nil
	}
	field, _ := document.Get(doc, p.field)
	if p.section == nil {
		texts = Texts(field)
	} else {
		for element := range document.Elements(field) {
			formatted, err := p.section.format(e, element)
			if err != nil {
				return nil, err
			}
			texts = append(texts, formatted...)
		}
	}
	if len(texts) == 0 {
		return []string{""}, nil
	}
	return texts, nil
}
