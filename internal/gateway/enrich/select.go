package enrich

import (
	"errors"
	"fmt"
	"slices"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/placeholder"
)

// Bounds of what is selected.
const (
	// MaxEntries is how many entries there may be after placeholders are resolved.
	MaxEntries = 4096
	// MaxSize is how large what is selected may be, in bytes.
	MaxSize = 1 << 20
)

// What can go wrong when fields are selected.
var (
	// ErrTooManyEntries says that the placeholders stand for too much: more than [MaxEntries] entries, or more text than a
	// template may make.
	ErrTooManyEntries = errors.New("enrich: placeholders resolve to too much")
	// ErrTooLarge says that more than [MaxSize] would be added.
	ErrTooLarge = errors.New("enrich: too much is selected")
	// ErrTooMuchWork says that the signal has less work left than the selection takes.
	ErrTooMuchWork = errors.New("enrich: to select takes too much work")
)

// Thing is a thing as one reader may see it.
type Thing interface {
	// Doc is the whole thing as canonical JSON, Metadata the object with its metadata, nil for none.
	Doc() []byte
	Metadata() []byte
	// Visible returns what the reader may see of parts of Doc or Metadata, in an object that is rooted at the thing; nil if
	// that is nothing.
	Visible(parts []byte) []byte
	// AppendField appends the value of _namespace, _revision, _created or _modified, and reports false if there is none.
	AppendField(dst []byte, name string) ([]byte, bool)
	// Policy returns what the reader may see of the policy, nil for nothing.
	Policy() []byte
}

// selection is fields by where they come from.
type selection struct {
	doc, metadata       document.Selector
	hasDoc, hasMetadata bool
	width               int // see widthOf
	special             [len(specialFields)]bool
	policy              bool
}

// selectionOf sorts pointers, and leaves out those that are no fields of a thing. No thing has a _context.
func selectionOf(pointers []document.Pointer) *selection {
	s := &selection{width: widthOf(pointers)}
	var doc, metadata []document.Pointer
	for _, p := range pointers {
		switch {
		case !isField(p) || p[0] == "_context":
		case p[0] == fieldMetadata:
			metadata = append(metadata, p[1:])
		case p[0] == fieldPolicy:
			s.policy = true
		case slices.Contains(specialFields[:], p[0]):
			s.special[slices.Index(specialFields[:], p[0])] = true
		default:
			doc = append(doc, p)
		}
	}
	s.doc, s.hasDoc = document.SelectorOf(doc), len(doc) > 0
	s.metadata, s.hasMetadata = document.SelectorOf(metadata), len(metadata) > 0
	return s
}

// Select returns the object with the fields that a signal is enriched with, nil if there is nothing in it.
//
// Errors: ErrTooManyEntries, ErrTooLarge, ErrTooMuchWork.
func (f *Fields) Select(t Thing, s *Signal) ([]byte, error) {
	chosen := f.fixed
	if chosen == nil {
		pointers, err := f.resolve(s)
		if err != nil {
			return nil, err
		}
		chosen = selectionOf(pointers)
	}
	if !s.spend(chosen.cost(t)) {
		return nil, ErrTooMuchWork
	}
	object := chosen.from(t)
	if len(object) > MaxSize {
		return nil, ErrTooLarge
	}
	s.spend(len(object) / bytesPerUnit)
	return object, nil
}

// from returns what is selected of a thing, nil for nothing.
func (s *selection) from(t Thing) []byte {
	w := writer{out: []byte{'{'}}
	if s.hasDoc {
		w.members(t.Visible(s.doc.Apply(t.Doc())))
	}
	for i, name := range specialFields {
		if s.special[i] {
			w.field(t, name)
		}
	}
	if meta := t.Metadata(); s.hasMetadata && meta != nil {
		w.member(fieldMetadata, t.Visible(s.metadata.Apply(meta)))
	}
	if s.policy {
		w.member(fieldPolicy, t.Policy())
	}
	return w.object()
}

// resolve returns the pointers that the entries come to for a signal.
func (f *Fields) resolve(s *Signal) ([]document.Pointer, error) {
	var all []document.Pointer
	for i := range f.entries {
		pointers, err := f.entries[i].resolve(s)
		if err != nil {
			return nil, err
		}
		if all = append(all, pointers...); len(all) > MaxEntries {
			return nil, ErrTooManyEntries
		}
		if !s.spend(unitsPerPointer * len(pointers)) {
			return nil, ErrTooMuchWork
		}
	}
	return all, nil
}

func (e *entry) resolve(s *Signal) ([]document.Pointer, error) {
	switch {
	case e.features:
		return e.ofFeatures(s.features())
	case e.template == nil:
		return []document.Pointer{e.pointer}, nil
	}
	texts, err := e.template.Resolve(s)
	switch {
	case errors.Is(err, placeholder.ErrTooManyResults):
		return nil, fmt.Errorf("%w: %w", ErrTooManyEntries, err)
	case err != nil: // fn:delete
		return nil, nil //nolint:nilerr // Protocol rule: an entry that does not resolve is dropped.
	}
	var pointers []document.Pointer
	for _, text := range texts {
		if p, err := document.ParsePointer(text); err == nil {
			pointers = append(pointers, p)
		}
	}
	return pointers, nil
}

// ofFeatures returns the entry's pointers for each of the features.
func (e *entry) ofFeatures(ids []string) ([]document.Pointer, error) {
	if len(ids) > MaxEntries {
		return nil, ErrTooManyEntries
	}
	pointers := make([]document.Pointer, 0, len(ids))
	for _, id := range ids {
		pointers = append(pointers, slices.Concat(e.before, document.Pointer{id}, e.after))
	}
	return pointers, nil
}
