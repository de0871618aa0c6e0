package model

import (
	"time"

	"github.com/twinway/twinway/internal/gateway/document"
)

// What Importable and Addition are called.
var (
	importables = [...]string{Implicit: "implicit", Explicit: "explicit", Never: "never"}
	additions   = [...]string{AddSubjects: "subjects", AddResources: "resources", AddNamespaces: "namespaces"}
)

// Append appends the policy as canonical JSON.
func (p *Policy) Append(dst []byte) []byte {
	dst = append(dst, `{"policyId":`...)
	dst = document.AppendString(dst, p.ID)
	if len(p.Imports) > 0 {
		dst = append(dst, `,"imports":`...)
		dst = AppendImports(dst, p.Imports)
	}
	dst = append(dst, `,"entries":`...)
	return append(AppendEntries(dst, p.Entries), '}')
}

// AppendEntries appends entries as an object of what AppendEntry appends, by label.
func AppendEntries(dst []byte, entries []Entry) []byte {
	return appendObject(dst, entries, func(e Entry) string { return e.Label }, AppendEntry)
}

// AppendEntry appends an entry, without its label.
//
// Protocol rule: subjects, resources and importable are always there, the others only if they were written.
func AppendEntry(dst []byte, e Entry) []byte {
	dst = append(dst, `{"subjects":`...)
	dst = AppendSubjects(dst, e.Subjects)
	dst = append(dst, `,"resources":`...)
	dst = AppendResources(dst, e.Resources)
	dst = append(dst, `,"importable":`...)
	dst = AppendImportable(dst, e.Importable)
	if e.HasNamespaces || len(e.Namespaces) > 0 {
		dst = append(dst, `,"namespaces":`...)
		dst = AppendNamespaces(dst, e.Namespaces)
	}
	if e.HasAllowedAdditions || len(e.AllowedAdditions) > 0 {
		dst = append(dst, `,"allowedAdditions":`...)
		dst = AppendAllowedAdditions(dst, e.AllowedAdditions)
	}
	if len(e.References) > 0 {
		dst = append(dst, `,"references":`...)
		dst = AppendReferences(dst, e.References)
	}
	return append(dst, '}')
}

// AppendSubjects appends subjects as an object of what AppendSubject appends, by id.
func AppendSubjects(dst []byte, subjects []Subject) []byte {
	return appendObject(dst, subjects, func(s Subject) string { return s.ID }, AppendSubject)
}

// AppendSubject appends a subject, without its id.
func AppendSubject(dst []byte, s Subject) []byte {
	dst = append(dst, `{"type":`...)
	dst = document.AppendString(dst, s.Type)
	if !s.Expiry.IsZero() {
		dst = append(dst, `,"expiry":"`...)
		dst = s.Expiry.UTC().AppendFormat(dst, time.RFC3339Nano)
		dst = append(dst, '"')
	}
	if s.Announcement != nil {
		dst = append(dst, `,"announcement":`...)
		dst = append(dst, s.Announcement.Raw...)
	}
	return append(dst, '}')
}

// AppendResources appends resources as an object of what AppendResource appends, by key.
func AppendResources(dst []byte, resources []Resource) []byte {
	return appendObject(dst, resources, func(r Resource) string { return r.Key }, AppendResource)
}

// AppendResource appends what is granted and revoked on a resource.
func AppendResource(dst []byte, r Resource) []byte {
	dst = append(dst, `{"grant":`...)
	dst = appendTexts(dst, r.Grant)
	dst = append(dst, `,"revoke":`...)
	return append(appendTexts(dst, r.Revoke), '}')
}

// AppendImportable appends how an entry can be imported.
func AppendImportable(dst []byte, i Importable) []byte {
	return document.AppendString(dst, importables[min(i, Never)])
}

// AppendNamespaces appends the namespaces of an entry.
func AppendNamespaces(dst []byte, namespaces []string) []byte { return appendTexts(dst, namespaces) }

// AppendAllowedAdditions appends what referring entries may add to.
func AppendAllowedAdditions(dst []byte, allowed []Addition) []byte {
	return appendArray(dst, allowed, func(dst []byte, a Addition) []byte {
		return document.AppendString(dst, additions[min(a, AddNamespaces)])
	})
}

// AppendReferences appends references.
func AppendReferences(dst []byte, references []Reference) []byte {
	return appendArray(dst, references, func(dst []byte, r Reference) []byte {
		dst = append(dst, '{')
		if r.Import != "" {
			dst = append(dst, `"import":`...)
			dst = append(document.AppendString(dst, r.Import), ',')
		}
		dst = append(dst, `"entry":`...)
		return append(document.AppendString(dst, r.Entry), '}')
	})
}

// AppendImports appends imports as an object of what AppendImport appends, by the ids of the policies.
func AppendImports(dst []byte, imports []Import) []byte {
	return appendObject(dst, imports, func(i Import) string { return i.ID }, AppendImport)
}

// AppendImport appends what is imported from a policy, without its id. Protocol rule: it always says which entries.
func AppendImport(dst []byte, i Import) []byte {
	dst = append(dst, `{"entries":`...)
	dst = AppendImportEntries(dst, i.Entries)
	if len(i.TransitiveImports) > 0 {
		dst = append(dst, `,"transitiveImports":`...)
		dst = AppendTransitiveImports(dst, i.TransitiveImports)
	}
	return append(dst, '}')
}

// AppendImportEntries appends the labels of entries that are imported.
func AppendImportEntries(dst []byte, labels []string) []byte { return appendTexts(dst, labels) }

// AppendTransitiveImports appends the ids of policies whose import is followed.
func AppendTransitiveImports(dst []byte, ids []string) []byte { return appendTexts(dst, ids) }

func appendTexts(dst []byte, texts []string) []byte {
	return appendArray(dst, texts, document.AppendString)
}

func appendArray[T any](dst []byte, list []T, element func([]byte, T) []byte) []byte {
	dst = append(dst, '[')
	for i, v := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = element(dst, v)
	}
	return append(dst, ']')
}

func appendObject[T any](dst []byte, list []T, name func(T) string, value func([]byte, T) []byte) []byte {
	dst = append(dst, '{')
	for i, v := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(document.AppendString(dst, name(v)), ':')
		dst = value(dst, v)
	}
	return append(dst, '}')
}

// appendMember appends a member to an object that is still open, or that it opens if dst is empty.
func appendMember(dst []byte, name string, value []byte) []byte {
	if len(dst) == 0 {
		dst = append(dst, '{')
	} else {
		dst = append(dst, ',')
	}
	dst = append(document.AppendString(dst, name), ':')
	return append(dst, value...)
}

// closeObject closes an object that appendMember has opened, if there was any member.
func closeObject(dst []byte) []byte {
	if len(dst) == 0 {
		dst = append(dst, '{')
	}
	return append(dst, '}')
}
