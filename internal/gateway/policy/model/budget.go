package model

import (
	"fmt"

	"github.com/twinway/twinway/internal/gateway/protocol"
)

// What is resolved for one policy is bounded: imports multiply with each level, a short reference can stand for a long entry,
// and the policies may belong to somebody who means harm. The policy itself is beside that.
const (
	// maxImportDepth is how many imports may lead from one policy to the next. Protocol rule: it is fixed.
	maxImportDepth = 10
	// maxTransitiveImports is how many imports beyond the policy's own are followed.
	maxTransitiveImports = 100
	// maxBytes is how long the other policies that are looked at may be together, in bytes of their documents.
	maxBytes = 1 << 20
	// maxParts is how many entries, subjects, resources and namespaces are taken over by imports and references, each time
	// that they are. See partBytes.
	maxParts = 10_000
	// maxReferred is how many of them references take over.
	maxReferred = 5_000
	// partBytes is how long the texts of one part may be; it counts once more for each time that they are so long. Keys of
	// many segments are expensive, and what is no permission may be of any length.
	partBytes = 64
)

// allowance is how much of something may still be used.
type allowance int

// take uses some of the allowance, and reports whether there is so much. What is too much ends it: then nothing fits any
// more, so that the costs of finding that out end as well.
func (a *allowance) take(n int) bool {
	if n > int(*a) {
		*a = -1
		return false
	}
	*a -= allowance(n)
	return true
}

func (a allowance) ended() bool { return a < 0 }

// budget is what may be used for a policy, or for the root policies of its namespace.
type budget struct {
	transitive, bytes, parts, referred allowance
	// paid are the policies whose bytes have been taken.
	paid map[string]bool
}

func newBudget() budget {
	return budget{
		transitive: maxTransitiveImports, bytes: maxBytes, parts: maxParts, referred: maxReferred, paid: map[string]bool{},
	}
}

// ended reports whether nothing can be imported any more.
func (b *budget) ended() bool { return b.bytes.ended() || b.parts.ended() }

// weight is how many parts the entry counts as.
func (e *Entry) weight() int {
	n := 1 + len(e.Namespaces)
	for i := range e.Subjects {
		n += e.Subjects[i].weight()
	}
	for i := range e.Resources {
		n += e.Resources[i].weight()
	}
	return n
}

func (s *Subject) weight() int {
	length := len(s.ID) + len(s.Type)
	if s.Announcement != nil {
		length += len(s.Announcement.Raw)
	}
	return 1 + length/partBytes
}

func (r *Resource) weight() int {
	length := len(r.Key)
	for _, names := range [...][]string{r.Grant, r.Revoke} {
		for _, name := range names {
			length += len(name)
		}
	}
	return 1 + length/partBytes
}

// excess is what there may be too much of.
type excess int

const (
	excessImports excess = iota
	excessBytes
	excessParts
	excessReferred
)

// refusal is the error for a policy of which there is too much, while an import was followed; "": in its own entries.
func (e excess) refusal(importedID string) *protocol.Error {
	reason := "Its transitive imports are nested too deeply, or too many."
	switch e {
	case excessBytes:
		reason = fmt.Sprintf("The imported policies are too long: together, at most %d bytes.", maxBytes)
	case excessParts:
		reason = fmt.Sprintf("Too much is taken over: at most %d entries, subjects, resources and namespaces, of which long ones count more.", maxParts)
	case excessReferred:
		reason = fmt.Sprintf("The references take over too much: at most %d entries, subjects, resources and namespaces, of which long ones count more.", maxReferred)
	}
	if importedID == "" {
		return protocol.ErrPolicyEntryInvalid(reason)
	}
	return protocol.ErrPolicyImportInvalid(importedID, reason)
}
