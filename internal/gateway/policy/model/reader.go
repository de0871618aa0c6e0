package model

import (
	"fmt"
	"strings"
	"time"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// Reader reads what clients write: canonical JSON of a policy or a part of one. It checks all that can be said of the part
// alone, leaves out members that the part does not have, replaces placeholders and rounds times.
//
// Members that may be missing may be null. Errors that all methods return are json.invalid for a value of the wrong type and
// json.field.missing; each says which others it has.
type Reader struct {
	// Now is when the command is decided.
	Now time.Time
	// ExpiryGranularity is what the expiry of subjects is rounded up to, see [RoundUp].
	ExpiryGranularity time.Duration
	// AnnouncementGranularity is what the time between an announcement and the expiry is rounded up to.
	AnnouncementGranularity time.Duration
	// MaxImports is how many policies one policy may import.
	MaxImports int
	// Requester is the first authorization subject of who sent the command, for the placeholder request:subjectId.
	Requester string
}

// Policy reads a whole policy, which has the given id. Errors: policies:id.notsettable, those of Entries and Imports.
func (r Reader) Policy(id string, raw []byte) (*Policy, *protocol.Error) {
	return parser{Reader: r}.policy(id, raw)
}

// Entries reads the entries of a policy. Errors: those of Entry.
func (r Reader) Entries(_ string, raw []byte) ([]Entry, *protocol.Error) {
	return parser{Reader: r}.entries(raw)
}

// Entry reads an entry. Errors: policies:label.invalid, policies:entry.invalid, those of Subjects.
func (r Reader) Entry(label string, raw []byte) (Entry, *protocol.Error) {
	return parser{Reader: r}.entry(label, raw)
}

// Label checks the label of an entry. The error is policies:label.invalid.
func (r Reader) Label(label string) *protocol.Error { return parser{Reader: r}.label(label) }

// Subjects reads the subjects of an entry. Errors: those of Subject.
func (r Reader) Subjects(raw []byte) ([]Subject, *protocol.Error) {
	return parser{Reader: r}.subjects(raw)
}

// Subject reads a subject. Errors: policies:subjectexpiry.invalid, policies:subjectannouncement.invalid,
// acknowledgement:label.invalid, those of SubjectID.
func (r Reader) Subject(id string, raw []byte) (Subject, *protocol.Error) {
	return parser{Reader: r}.subject(id, raw)
}

// SubjectID returns the id of a subject without placeholders. Errors: policies:subjectid.invalid, placeholder:unresolved.
func (r Reader) SubjectID(id string) (string, *protocol.Error) {
	return parser{Reader: r}.subjectID(id)
}

// Resources reads the resources of an entry. Errors: those of Resource.
func (r Reader) Resources(raw []byte) ([]Resource, *protocol.Error) {
	return parser{Reader: r}.resources(raw)
}

// Resource reads what an entry says about a resource. The error is policies:entry.invalid for a key that is none.
func (r Reader) Resource(key string, raw []byte) (Resource, *protocol.Error) {
	return parser{Reader: r}.resource(key, raw)
}

// Importable reads how an entry can be imported. The error is policies:entry.invalid.
func (r Reader) Importable(raw []byte) (Importable, *protocol.Error) {
	return parser{Reader: r}.importable(raw)
}

// Namespaces reads the namespaces of an entry. The error is policies:entry.invalid.
func (r Reader) Namespaces(raw []byte) ([]string, *protocol.Error) {
	return parser{Reader: r}.namespaces(raw)
}

// AllowedAdditions reads what referring entries may add to. The error is policies:entry.invalid.
func (r Reader) AllowedAdditions(raw []byte) ([]Addition, *protocol.Error) {
	return parser{Reader: r}.allowedAdditions(raw)
}

// References reads the references of an entry. The error is policies:entry.invalid for what is no object.
func (r Reader) References(raw []byte) ([]Reference, *protocol.Error) {
	return parser{Reader: r}.references(raw)
}

// Imports reads the imports of the policy with the given id. Errors: policies:imports.toolarge, those of Import.
func (r Reader) Imports(policyID string, raw []byte) ([]Import, *protocol.Error) {
	return parser{Reader: r}.imports(policyID, raw)
}

// Import reads what a policy imports from another one. Errors: policies:id.invalid, policies:import.invalid,
// policies:label.invalid.
func (r Reader) Import(policyID, importedID string, raw []byte) (Import, *protocol.Error) {
	return parser{Reader: r}.oneImport(policyID, importedID, raw)
}

// ImportEntries reads the labels of entries that are imported. The error is policies:label.invalid.
func (r Reader) ImportEntries(raw []byte) ([]string, *protocol.Error) {
	return parser{Reader: r}.importEntries(raw)
}

// TransitiveImports reads the ids of policies whose import by the imported policy is followed. Errors: policies:id.invalid,
// policies:import.invalid.
func (r Reader) TransitiveImports(policyID, importedID string, raw []byte) ([]string, *protocol.Error) {
	return parser{Reader: r}.transitiveImports(policyID, importedID, raw)
}

// parser reads the parts of a policy.
type parser struct {
	Reader
	// stored says that the text was written by this package: it has the right form and was checked when it was stored. The
	// Reader is zero then, for which every time is in the future and round.
	stored bool
}

// policy reads a whole policy. A stored one brings its id with it.
func (p parser) policy(id string, raw []byte) (*Policy, *protocol.Error) {
	if err := expect(document.Object, "The policy", raw); err != nil {
		return nil, err
	}
	id, err := p.policyID(id, optional(raw, memberPolicyID))
	if err != nil {
		return nil, err
	}
	policy := &Policy{ID: id}
	if imports := optional(raw, memberImports); imports != nil {
		if policy.Imports, err = p.imports(id, imports); err != nil {
			return nil, err
		}
	}
	entries, err := required(raw, memberEntries)
	if err != nil {
		return nil, err
	}
	if policy.Entries, err = p.entries(entries); err != nil {
		return nil, err
	}
	return policy, nil
}

// policyID returns the id of the policy, which is want unless it is stored, and may be in the value too.
func (p parser) policyID(want string, raw []byte) (string, *protocol.Error) {
	if raw == nil && !p.stored {
		return want, nil
	}
	if err := expect(document.String, memberPolicyID, raw); err != nil {
		return "", err
	}
	if got := textOf(raw); p.stored || got == want {
		return got, nil
	}
	return "", protocol.ErrPolicyIDNotSettable(textOf(raw), want)
}

// Members of policies and their parts.
const (
	memberPolicyID          = "policyId"
	memberImports           = "imports"
	memberEntries           = "entries"
	memberTransitiveImports = "transitiveImports"

	memberSubjects         = "subjects"
	memberResources        = "resources"
	memberImportable       = "importable"
	memberNamespaces       = "namespaces"
	memberAllowedAdditions = "allowedAdditions"
	memberReferences       = "references"

	memberType         = "type"
	memberExpiry       = "expiry"
	memberAnnouncement = "announcement"

	memberBeforeExpiry  = "beforeExpiry"
	memberWhenDeleted   = "whenDeleted"
	memberRequestedAcks = "requestedAcks"
	memberLabels        = "labels"
	memberTimeout       = "timeout"
	memberRandomization = "randomizationInterval"

	memberGrant  = "grant"
	memberRevoke = "revoke"

	memberImport = "import"
	memberEntry  = "entry"
)

// optional returns the member of an object, nil if there is none or it is null.
func optional(obj []byte, name string) []byte {
	raw, ok := document.Get(obj, document.Pointer{name})
	if !ok || document.KindOf(raw) == document.Null {
		return nil
	}
	return raw
}

// required is optional for members that must be there. The error is json.field.missing.
func required(obj []byte, name string) ([]byte, *protocol.Error) {
	if raw := optional(obj, name); raw != nil {
		return raw, nil
	}
	return nil, protocol.ErrFieldMissing(name)
}

// expect checks the type of a value, which is called what in the error, json.invalid.
func expect(kind document.Kind, what string, raw []byte) *protocol.Error {
	got := document.KindOf(raw)
	if got == kind {
		return nil
	}
	return protocol.ErrJSONInvalid(fmt.Sprintf("%s must be of type %s, not %s.", what, kind, got))
}

// textOf returns the text of a JSON string.
func textOf(raw []byte) string {
	text, _ := document.Unquote(raw) // canonical documents have valid strings
	return text
}

// checkPolicyID checks the id of another policy.
func checkPolicyID(id string) *protocol.Error {
	namespace, name, _ := strings.Cut(id, ":")
	if protocol.ValidateID(namespace, name) != nil {
		return protocol.ErrPolicyIDInvalid(id)
	}
	return nil
}
