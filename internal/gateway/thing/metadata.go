package thing

import (
	"slices"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/policy/enforcer"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// metadata is what a command says of the metadata of its thing.
type metadata struct {
	// conflict says that the command has more than one of the headers, of which nothing was read then.
	conflict bool
	// put is to be set.
	put []tag
	// get is to be told, drop is to be deleted; nil for nothing. Both begin at the command's path.
	get, drop *document.MirrorSelector
	// initial is what the thing is created with, nil for none.
	initial []byte
}

// readMetadata reads the headers for metadata.
//
// Protocol rules: a retrieve can ask for metadata, what modifies a thing can put or delete some. That there is only one of the
// headers matters after the requester's permissions. Where a header would have an effect that the command does not have it is
// refused; to ask a modification for metadata has none and is ignored.
func (c *Command) readMetadata(h *protocol.Headers) *protocol.Error {
	if h.Len() == 0 {
		return nil
	}
	name, count := metadataHeader(h)
	switch {
	case count == 0:
		return nil
	case count > 1:
		c.metadata = &metadata{conflict: true}
		return nil
	case name == protocol.HeaderGetMetadata:
		return c.readMetadataSelector(h, name)
	case c.IsQuery(), name == protocol.HeaderPutMetadata && c.Action == protocol.Delete:
		return protocol.ErrHeaderNotSupported(name)
	case name == protocol.HeaderDeleteMetadata:
		return c.readMetadataSelector(h, name)
	}
	return c.readTags(h)
}

// metadataHeader returns the header for metadata that h has, and how many of them it has.
func metadataHeader(h *protocol.Headers) (found protocol.HeaderName, count int) {
	for _, name := range [...]protocol.HeaderName{
		protocol.HeaderPutMetadata, protocol.HeaderGetMetadata, protocol.HeaderDeleteMetadata,
	} {
		if h.Has(name) {
			found = name
			count++
		}
	}
	return found, count
}

// checkMetadataHeaders checks the headers for metadata of a retrieve of several things, whose metadata no header could show.
func checkMetadataHeaders(h *protocol.Headers) *protocol.Error {
	switch name, count := metadataHeader(h); {
	case count > 1:
		return protocol.ErrMetadataHeadersConflict()
	case count == 1 && name != protocol.HeaderGetMetadata:
		return protocol.ErrHeaderNotSupported(name)
	}
	return nil
}

// readMetadataSelector reads which metadata is to be told or deleted.
func (c *Command) readMetadataSelector(h *protocol.Headers, name protocol.HeaderName) *protocol.Error {
	text, _ := h.String(name)
	selector, invalid := document.ParseSelector(text)
	if invalid != nil {
		return protocol.ErrHeaderInvalid(name.String(), "It must be a field selector.")
	}
	mirror := selector.Mirror()
	switch {
	case name == protocol.HeaderDeleteMetadata:
		c.metadata = &metadata{drop: &mirror}
	case c.IsQuery():
		c.metadata = &metadata{get: &mirror}
	}
	return nil
}

// readTags reads which metadata is to be put.
func (c *Command) readTags(h *protocol.Headers) *protocol.Error {
	entries, err := protocol.ReadPutMetadata(h)
	if err != nil {
		return err
	}
	tags, err := newTags(c.Path.Kind, entries)
	if err == nil {
		c.metadata = &metadata{put: tags}
	}
	return err
}

// readInitialMetadata reads the metadata in the value of a command at the root.
//
// Protocol rule: only a create can bring metadata in its value, and not also in the header.
func (c *Command) readInitialMetadata() *protocol.Error {
	if c.Action != protocol.Create {
		return nil
	}
	initial, ok := document.Get(c.Value, metadataRoot)
	switch kind := document.KindOf(initial); {
	case !ok || kind == document.Null:
		return nil
	case kind != document.Object:
		return shape{}.fault(fieldMetadata, "an object", initial)
	case c.metadata != nil && c.metadata.put != nil:
		return protocol.ErrMetadataNotModifiable()
	}
	m := metadata{}
	if c.metadata != nil {
		m = *c.metadata // that is also of the command whose placeholders were replaced
	}
	m.initial = slices.Clone(initial)
	c.metadata = &m
	return nil
}

// authorizeMetadata checks that the headers for metadata do not exclude each other, and that the requester may do what they
// say.
//
// Metadata belongs to the part of which it tells: who may write that may write its metadata. Only a merge can be permitted
// without permission for all that is at its path.
func (d *decision) authorizeMetadata() *protocol.Error {
	m := d.metadata
	switch {
	case m == nil:
		return nil
	case m.conflict:
		return protocol.ErrMetadataHeadersConflict()
	case d.creates() || d.mayTag(d.Path.Pointer):
		return nil
	}
	for i := range m.put {
		if !m.put[i].permitted(d) {
			return protocol.ErrThingNotModifiable(d.ID)
		}
	}
	if m.drop == nil {
		return nil
	}
	for _, p := range m.drop.Pointers() {
		if end := slices.Index(p, wildcard); end >= 0 {
			p = p[:end]
		}
		if !d.mayTag(slices.Concat(d.Path.Pointer, p)) {
			return protocol.ErrThingNotModifiable(d.ID)
		}
	}
	return nil
}

// mayTag reports whether the requester may write metadata at the pointer and below.
func (d *decision) mayTag(at document.Pointer) bool {
	return d.rights.Unrestricted(enforcer.Thing, at, enforcer.Write)
}
