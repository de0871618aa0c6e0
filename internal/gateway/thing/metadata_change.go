package thing

import (
	"slices"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// withMetadata completes the outcome of a modification with the metadata that the thing has afterwards.
func (d *decision) withMetadata(o Outcome, err *protocol.Error) (Outcome, *protocol.Error) {
	if err != nil || !o.State.Exists() || d.metadata == nil && !d.hadMetadata() {
		return o, err
	}
	meta, err := d.nextMetadata(&o)
	if err != nil {
		return Outcome{}, err
	}
	o.State.Meta = meta
	return o, nil
}

func (d *decision) hadMetadata() bool { return d.state.Exists() && d.state.Meta != nil }

// nextMetadata returns the metadata after a modification, nil for none.
//
// Protocol rules: with a part goes its metadata, and with all that says anything of a thing its size is counted. A part is also
// gone if something takes the place of what it was in.
func (d *decision) nextMetadata(o *Outcome) (meta []byte, err *protocol.Error) {
	if d.hadMetadata() {
		meta = d.leftMetadata(o.State.Doc)
	}
	if d.metadata != nil {
		if meta, err = d.applyMetadata(meta, o); err != nil {
			return nil, err
		}
	}
	if len(meta) <= len(`{}`) {
		return nil, nil
	}
	if d.Action == protocol.Delete { // makes nothing larger
		return meta, nil
	}
	return meta, d.checkMetadataSize(o.State.Doc, meta)
}

// leftMetadata returns what is left of the metadata when the thing becomes doc, which differs only at the command's path.
func (d *decision) leftMetadata(doc []byte) []byte {
	meta, at := d.state.Meta, d.Path.Pointer
	told, ok := document.Get(meta, at)
	if !ok {
		return meta
	}
	part, left := document.Get(doc, at)
	if !left {
		return metadataWith(meta, at, nil)
	}
	rest := document.Prune(told, d.old, part)
	if len(rest) == len(told) {
		return meta
	}
	return metadataWith(meta, at, rest)
}

// applyMetadata does what the command says of the metadata.
func (d *decision) applyMetadata(meta []byte, o *Outcome) ([]byte, *protocol.Error) {
	m := d.metadata
	if m.initial != nil {
		meta = m.initial
	}
	if m.drop != nil {
		return dropped(meta, d.Path.Pointer, o.State.Doc, m.drop), nil
	}
	if !has(o.State.Doc, d.Path.Pointer) { // a merge has deleted it
		return meta, nil
	}
	for i := range m.put {
		var err *protocol.Error
		if meta, err = d.tagged(meta, &m.put[i], o); err != nil {
			return nil, err
		}
	}
	if meta != nil && document.Valid(meta) != nil { // it is JSON
		return nil, protocol.ErrMetadataInvalid("It makes the metadata nest too deeply.")
	}
	return meta, nil
}

// dropped returns the metadata without what is selected below a pointer, where doc is the thing.
func dropped(meta []byte, at document.Pointer, doc []byte, selector *document.MirrorSelector) []byte {
	old, _ := document.Get(meta, at)
	if document.KindOf(old) != document.Object {
		return meta
	}
	value, _ := document.Get(doc, at)
	return metadataWith(meta, at, selector.Drop(old, value))
}

// metadataWith returns the metadata with an object at the pointer. If that is empty it goes, and so does what held nothing else.
func metadataWith(meta []byte, at document.Pointer, told []byte) []byte {
	if len(told) > len(`{}`) {
		return document.Set(meta, at, told)
	}
	for ; len(at) > 0; at = at[:len(at)-1] {
		meta, _ = document.Delete(meta, at)
		if holder, _ := document.Get(meta, at[:len(at)-1]); len(holder) > len(`{}`) {
			return meta
		}
	}
	return nil
}

// tagged returns the metadata with a tag.
func (d *decision) tagged(meta []byte, t *tag, o *Outcome) ([]byte, *protocol.Error) {
	enough := 3 * d.limits.MaxSize // bytes, of which a UTF-16 code unit takes at most three
	var fits bool
	if t.wild {
		places := t.places(o.Event.Value, o.Event.MergePatch)
		if places == nil {
			return meta, nil
		}
		meta, fits = document.SetAll(meta, document.Set(nil, d.Path.Pointer, places), t.value, enough)
	} else {
		meta = document.Set(meta, slices.Concat(d.Path.Pointer, t.key), t.value)
		fits = len(meta) <= enough
	}
	if !fits {
		return nil, d.errMetadataSize(o.State.Doc, meta)
	}
	return meta, nil
}

// checkMetadataSize checks a thing and its metadata against the size limit.
func (d *decision) checkMetadataSize(doc, meta []byte) *protocol.Error {
	if metadataSize(len(doc), len(meta)) <= d.limits.MaxSize { // never fewer bytes than UTF-16 code units
		return nil
	}
	if metadataSize(document.Chars(doc), document.Chars(meta)) > d.limits.MaxSize {
		return d.errMetadataSize(doc, meta)
	}
	return nil
}

func (d *decision) errMetadataSize(doc, meta []byte) *protocol.Error {
	return protocol.ErrThingTooLarge(metadataSize(document.Chars(doc), document.Chars(meta)), d.limits.MaxSize)
}

// metadataSize returns the size of a thing with its metadata as a member, given their sizes.
func metadataSize(doc, meta int) int { return doc + len(`,"`+fieldMetadata+`":`) + meta }
