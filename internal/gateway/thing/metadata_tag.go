package thing

import (
	"fmt"
	"slices"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// wildcard stands in keys of metadata for any name.
const wildcard = "*"

// maxWildcardTags is how many entries of put-metadata may have wildcards: for each of them the value is looked through.
const maxWildcardTags = 16

// tag is a piece of metadata that a command brings.
type tag struct {
	// key leads from the command's path to where the value belongs.
	key   document.Pointer
	value []byte
	// wild says that key has wildcards, and leaves that it is */name for every leaf of the command's value.
	wild, leaves bool
}

// newTags makes tags for a command on a resource of the kind, those with wildcards first. Protocol rule: what is said of a
// certain place counts more than what is said by a wildcard.
func newTags(kind protocol.ResourceKind, entries []protocol.MetadataEntry) ([]tag, *protocol.Error) {
	tags := make([]tag, 0, len(entries))
	wild := 0
	for _, e := range entries {
		t := tag{key: e.Key, value: e.Value, wild: slices.Contains(e.Key, wildcard)}
		if !t.wild {
			tags = append(tags, t)
			continue
		}
		if t.leaves = forLeaves(t.key); !t.leaves && !isWildcardForm(kind, t.key) {
			return nil, protocol.ErrMetadataKeyInvalid(e.Key.String(), "there is no such wildcard for the path of the command")
		}
		if wild == maxWildcardTags {
			return nil, protocol.ErrMetadataInvalid(fmt.Sprintf("More than %d keys have wildcards.", maxWildcardTags))
		}
		tags = slices.Insert(tags, wild, t)
		wild++
	}
	return tags, nil
}

// forLeaves reports whether a key is */name.
func forLeaves(key document.Pointer) bool {
	return len(key) == 2 && key[0] == wildcard && key[1] != wildcard
}

// isWildcardForm reports whether a key is, with the path of a resource of the kind before it, of one of the forms
//
//	attributes/*/name
//	features/*/definition/name
//	features/*/properties/*/name
//	features/*/properties/property/name
//	features/feature/properties/*/name
//
// or the same with desiredProperties. Protocol rule: only the whole thing, all features and a feature have such.
func isWildcardForm(kind protocol.ResourceKind, key document.Pointer) bool {
	switch kind {
	case protocol.Root:
	case protocol.Features:
		key = slices.Concat(document.Pointer{memberFeatures}, key)
	case protocol.Feature:
		key = slices.Concat(document.Pointer{memberFeatures, "feature"}, key)
	default:
		return false
	}
	if len(key) < 3 || key[len(key)-1] == wildcard {
		return false
	}
	switch {
	case key[0] == memberAttributes:
		return len(key) == 3 && key[1] == wildcard
	case key[0] != memberFeatures:
		return false
	case key[2] == memberDefinition:
		return len(key) == 4 && key[1] == wildcard
	case key[2] == memberProperties || key[2] == memberDesiredProperties:
		return len(key) == 5 && (key[1] == wildcard || key[3] == wildcard)
	}
	return false
}

// permitted reports whether who may write only parts of what is at the path of a merge may put the tag.
func (t *tag) permitted(d *decision) bool {
	if !t.wild {
		return d.mayTag(slices.Concat(d.Path.Pointer, t.key))
	}
	return d.mayTagAll(d.Path.Pointer, t.places(d.Value, true))
}

// mayTagAll is mayTag for places below a pointer.
func (d *decision) mayTagAll(at document.Pointer, places []byte) bool {
	if places != nil && document.KindOf(places) != document.Object {
		return d.mayTag(at)
	}
	for name, below := range document.Members(places) {
		if !d.mayTagAll(slices.Concat(at, document.Pointer{name}), below) {
			return false
		}
	}
	return true
}

// places returns where a tag with wildcards belongs, given the value of its command, in the form of an object with true at
// each place; nil if there is none. Patch says that the value is a merge patch, in which members that are null only delete.
func (t *tag) places(value []byte, patch bool) []byte {
	p := placer{patch: patch}
	if t.leaves && p.leaves(value, t.key[1]) || !t.leaves && p.parts(value, t.key) {
		return p.out
	}
	return nil
}

// placer writes places.
type placer struct {
	out   []byte
	patch bool
}

// leaves writes the places called name in all leaves of a value, and reports whether there are any. An array is a leaf, and
// so is an object without members, unless it is a patch, which changes nothing then.
func (p *placer) leaves(value []byte, name string) bool {
	if document.KindOf(value) != document.Object || len(value) == len(`{}`) && !p.patch {
		p.place(name)
		return true
	}
	return p.members(value, func(_ string, member []byte) bool { return p.leaves(member, name) })
}

// parts writes the places to which key leads in a value, and reports whether there are any. The last name of the key is that
// of the places; what is before it must be in the value.
func (p *placer) parts(value []byte, key document.Pointer) bool {
	if len(key) == 1 {
		p.place(key[0])
		return true
	}
	return p.members(value, func(name string, member []byte) bool {
		return (key[0] == wildcard || key[0] == name) && p.parts(member, key[1:])
	})
}

// place writes an object with a place.
func (p *placer) place(name string) {
	p.out = append(append(document.AppendString(append(p.out, '{'), name), `:true`...), '}')
}

// members writes an object with what below writes for each member of a value, which reports whether that is anything.
func (p *placer) members(value []byte, below func(name string, member []byte) bool) bool {
	start := len(p.out)
	p.out = append(p.out, '{')
	for name, member := range document.Members(value) {
		if p.patch && document.KindOf(member) == document.Null {
			continue
		}
		before := len(p.out)
		if before > start+1 {
			p.out = append(p.out, ',')
		}
		p.out = append(document.AppendString(p.out, name), ':')
		if !below(name, member) {
			p.out = p.out[:before]
		}
	}
	if len(p.out) == start+1 {
		p.out = p.out[:start]
		return false
	}
	p.out = append(p.out, '}')
	return true
}
