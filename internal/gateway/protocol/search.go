package protocol

import "github.com/twinway/twinway/internal/gateway/document"

// SearchParameters say what a client searches for, as it was sent. Only the types of the members have been checked, and the
// syntax of Fields.
type SearchParameters struct {
	// Filter is an expression, if HasFilter.
	Filter    string
	HasFilter bool
	// Options say how to sort and how much to tell at once; "" for none.
	Options string
	// Namespaces are those to search in. None: all.
	Namespaces []string
	// Fields select what is told of each thing, if HasFields.
	Fields    string
	HasFields bool
}

// ReadSearch reads the envelope of a message that subscribes for a search. It need not have a value; members of it that are
// unknown are ignored. Protocol rule: the fields are a member of the envelope.
//
// Errors: json.invalid, json.format.invalid.
func ReadSearch(env *Envelope) (SearchParameters, *Error) {
	p := SearchParameters{Fields: env.Fields, HasFields: env.HasFields}
	if env.Value == nil || document.KindOf(env.Value) == document.Null {
		return p, nil
	}
	o, err := ReadOptions(env.Value)
	if err != nil {
		return SearchParameters{}, err
	}
	p.Filter, p.HasFilter = o.Text("filter"), o.Has("filter")
	p.Options, p.Namespaces = o.Text("options"), o.Texts("namespaces")
	if err := o.Err(); err != nil {
		return SearchParameters{}, err
	}
	return p, nil
}

// CheckNamespaces checks those that a search is limited to. The error is thing-search:search.namespaces.invalid.
//
// Protocol rule: they are exact names.
func CheckNamespaces(namespaces []string) *Error {
	for i, ns := range namespaces {
		switch {
		case i == maxNamespaces:
			return ErrSearchNamespacesInvalid(ns, "There are more than 256 namespaces.")
		case !validNamespace(ns):
			return ErrSearchNamespacesInvalid(ns, "A namespace must be identifiers with dots or dashes between them. There are no wildcards.")
		case len(ns) > maxIDChars:
			return ErrSearchNamespacesInvalid(ns, "It is longer than 256 characters.")
		}
	}
	return nil
}
