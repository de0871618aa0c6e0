package thing

import (
	"github.com/twinway/twinway/internal/gateway/policy"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// Outcome is what a command comes to.
type Outcome struct {
	// State is the thing after the command, nil if nothing changes.
	State *State
	// PolicyID is the policy that says who may know of the change: that of the thing before it, or of a thing that was
	// created.
	PolicyID string
	// NextPolicyID is another policy of which the change has made the thing, and with which comes more than its id: who may know
	// of that must be allowed by both. It is "" if there is none.
	NextPolicyID string
	// Policy is a policy with the id of the thing that is made together with it, nil if none is.
	Policy *policy.Outcome
	// Event tells of the change, nil if nothing changes. Its revision and time are those of State.
	Event *Event
	// Historical says that what was retrieved is not the current state.
	Historical bool
	// ForDevice says that the LiveChannelCondition of a retrieve holds: what is wanted is the answer of the device, and
	// Response is what the twin has to say.
	ForDevice bool
	// Response is for who sent the command.
	Response Response
}

// Event is a change of a thing.
type Event struct {
	// Action is Created, Modified, Merged or Deleted.
	Action protocol.Action
	// Path says what of the thing changed: the path of the command.
	Path protocol.Path
	// Value is what is there now, or the patch that was applied. It is nil, which is not the JSON null, for a deletion.
	Value []byte
	// MergePatch says that Value is a patch.
	MergePatch bool
}

// Response is the positive answer to a command.
type Response struct {
	// Action is that of the topic: of the command, or Create where modify or merge created the thing.
	Action protocol.Action
	// Status is 200, 201 or 204.
	Status int
	// Value is what was retrieved or created, nil if there is nothing to be told.
	Value []byte
	// ETag is the entity tag of what the command was about as it is now, with its quotes; "" for none.
	ETag string
	// Revision is that of the thing after the command, 0 if the response is about several things.
	Revision int64
	// Metadata is a JSON object, what a retrieve asked for of the metadata; nil if it did not ask.
	Metadata []byte
}

// Statuses of responses.
const (
	statusOK        = 200
	statusCreated   = 201
	statusNoContent = 204
)
