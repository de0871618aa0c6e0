package model

import (
	"slices"
	"strings"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

func (p parser) entries(raw []byte) ([]Entry, *protocol.Error) {
	if err := expect(document.Object, memberEntries, raw); err != nil {
		return nil, err
	}
	var entries []Entry
	for label, value := range document.Members(raw) {
		entry, err := p.entry(label, value)
		if err != nil {
			return nil, err
		}
		entries = append(entries, entry)
	}
	return entries, nil
}

func (p parser) entry(label string, raw []byte) (Entry, *protocol.Error) {
	if err := p.label(label); err != nil {
		return Entry{}, err
	}
	if err := expect(document.Object, "The entry "+label, raw); err != nil {
		return Entry{}, err
	}
	e := Entry{Label: label}
	for _, read := range []func(*Entry, []byte) *protocol.Error{
		p.entryReferences, p.entrySubjects, p.entryResources, p.entryImportable, p.entryNamespaces, p.entryAdditions,
	} {
		if err := read(&e, raw); err != nil {
			return Entry{}, err
		}
	}
	return e, nil
}

// Labels that begin like this are those of entries that come from elsewhere.
const (
	prefixImported   = "imported"
	prefixNSImported = "nsimported"
)

// label checks a label. Protocol rule: the prefixes are reserved even when no dash follows.
func (p parser) label(label string) *protocol.Error {
	switch {
	case p.stored:
	case protocol.ValidateKey(label) != nil, // a label has the characters of a key
		strings.HasPrefix(label, prefixImported), strings.HasPrefix(label, prefixNSImported):
		return protocol.ErrPolicyLabelInvalid(label)
	}
	return nil
}

func (p parser) entryReferences(e *Entry, raw []byte) (err *protocol.Error) {
	if references := optional(raw, memberReferences); references != nil {
		e.References, err = p.references(references)
	}
	return err
}

// entrySubjects reads the subjects of an entry. Protocol rule: they and the resources may be missing if the entry takes
// over those of others.
func (p parser) entrySubjects(e *Entry, raw []byte) (err *protocol.Error) {
	subjects := optional(raw, memberSubjects)
	if subjects != nil {
		e.Subjects, err = p.subjects(subjects)
	} else if len(e.References) == 0 {
		err = protocol.ErrFieldMissing(memberSubjects)
	}
	return err
}

func (p parser) entryResources(e *Entry, raw []byte) (err *protocol.Error) {
	resources := optional(raw, memberResources)
	if resources != nil {
		e.Resources, err = p.resources(resources)
	} else if len(e.References) == 0 {
		err = protocol.ErrFieldMissing(memberResources)
	}
	return err
}

func (p parser) entryImportable(e *Entry, raw []byte) (err *protocol.Error) {
	if importable := optional(raw, memberImportable); importable != nil {
		e.Importable, err = p.importable(importable)
	}
	return err
}

func (p parser) entryNamespaces(e *Entry, raw []byte) (err *protocol.Error) {
	if namespaces := optional(raw, memberNamespaces); namespaces != nil {
		e.HasNamespaces = true
		e.Namespaces, err = p.namespaces(namespaces)
	}
	return err
}

func (p parser) entryAdditions(e *Entry, raw []byte) (err *protocol.Error) {
	if additions := optional(raw, memberAllowedAdditions); additions != nil {
		e.HasAllowedAdditions = true
		e.AllowedAdditions, err = p.allowedAdditions(additions)
	}
	return err
}

func (p parser) importable(raw []byte) (Importable, *protocol.Error) {
	if err := expect(document.String, memberImportable, raw); err != nil {
		return 0, err
	}
	i := slices.Index(importables[:], textOf(raw))
	if i < 0 {
		return 0, protocol.ErrPolicyEntryInvalid("importable must be implicit, explicit or never.")
	}
	return Importable(i), nil
}

func (p parser) allowedAdditions(raw []byte) ([]Addition, *protocol.Error) {
	if err := expect(document.Array, memberAllowedAdditions, raw); err != nil {
		return nil, err
	}
	var allowed distinct[Addition]
	for element := range document.Elements(raw) {
		i := -1
		if document.KindOf(element) == document.String {
			i = slices.Index(additions[:], textOf(element))
		}
		if i < 0 {
			return nil, protocol.ErrPolicyEntryInvalid("allowedAdditions may hold subjects, resources and namespaces.")
		}
		allowed.add(Addition(i))
	}
	return allowed.list, nil
}

func (p parser) namespaces(raw []byte) ([]string, *protocol.Error) {
	if err := expect(document.Array, memberNamespaces, raw); err != nil {
		return nil, err
	}
	var patterns distinct[string]
	for element := range document.Elements(raw) {
		if document.KindOf(element) != document.String || !p.stored && !isNamespacePattern(textOf(element)) {
			return nil, protocol.ErrPolicyEntryInvalid("A namespace must be an exact one, or prefix.* for those below prefix.")
		}
		patterns.add(textOf(element))
	}
	return patterns.list, nil
}

// isNamespacePattern reports whether s is a namespace, perhaps with ".*" behind it.
func isNamespacePattern(s string) bool {
	namespace := strings.TrimSuffix(s, ".*")
	return namespace != "" && protocol.ValidateID(namespace, "n") == nil
}

// references reads references. Protocol rule: null does not stand for a policy that is left out.
func (p parser) references(raw []byte) ([]Reference, *protocol.Error) {
	if err := expect(document.Array, memberReferences, raw); err != nil {
		return nil, err
	}
	var references []Reference
	for element := range document.Elements(raw) {
		if document.KindOf(element) != document.Object {
			return nil, protocol.ErrPolicyEntryInvalid("A reference must be an object.")
		}
		reference, err := reference(element)
		if err != nil {
			return nil, err
		}
		references = append(references, reference)
	}
	return references, nil
}

func reference(raw []byte) (ref Reference, err *protocol.Error) {
	if imported, ok := document.Get(raw, document.Pointer{memberImport}); ok {
		if ref.Import, err = referenceText(memberImport, imported); err != nil {
			return ref, err
		}
	}
	label, err := required(raw, memberEntry)
	if err != nil {
		return ref, err
	}
	ref.Entry, err = referenceText(memberEntry, label)
	return ref, err
}

// referenceText returns a member of a reference, which must not be empty.
func referenceText(name string, raw []byte) (string, *protocol.Error) {
	if err := expect(document.String, name+" of a reference", raw); err != nil {
		return "", err
	}
	text := textOf(raw)
	if text == "" {
		return "", protocol.ErrJSONInvalid(name + " of a reference must not be empty.")
	}
	return text, nil
}
