package enrich

import (
	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/placeholder"
)

// Fields are the fields that a subscription adds to its signals. They are made by [Parse].
type Fields struct {
	text string
	// entries are those of a text with placeholders; without any, all is fixed.
	entries []entry
	fixed   *selection
	// subject says that request:subjectId is used, policy that _policy may be selected.
	subject, policy bool
}

// String returns the text that the fields were parsed from.
func (f *Fields) String() string { return f.text }

// UsesSubject reports whether the fields are different ones for different subscribers.
func (f *Fields) UsesSubject() bool { return f.subject }

// MaySelectPolicy reports whether the policy of the thing may be among what is selected.
func (f *Fields) MaySelectPolicy() bool { return f.policy }

// entry is a pointer, or what stands for pointers.
type entry struct {
	// pointer is what the entry selects if it has no placeholder.
	pointer document.Pointer
	// template resolves to the text of pointers.
	template *placeholder.Template
	// before and after are around a segment that is the id of each feature that the signal touches, if features is set.
	features      bool
	before, after document.Pointer
}

// Names of the fields of a thing that are no part of its document.
const (
	fieldMetadata = "_metadata"
	fieldPolicy   = "_policy"
)

// specialFields are those that are known of every thing.
var specialFields = [...]string{"_namespace", "_revision", "_created", "_modified"}

// isField reports whether a thing has such a member, or can have it below its containers.
func isField(p document.Pointer) bool {
	if len(p) == 0 {
		return false
	}
	switch p[0] {
	case "thingId", "policyId", "definition", "_namespace", "_revision", "_created", "_modified", fieldPolicy:
		return len(p) == 1
	case fieldMetadata, "_context", "features", "attributes":
		return true
	}
	return false
}
