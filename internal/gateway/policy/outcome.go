package policy

import (
	"github.com/twinway/twinway/internal/gateway/policy/model"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// Outcome is what a command comes to. The zero Outcome is that nothing happens.
type Outcome struct {
	// State is the policy after the command, nil if nothing changes.
	State *State
	// Event tells of the change, nil if nothing changes. Its revision and time are those of State.
	Event *Event
	// Removed are the subjects that the policy had before and has no more, as far as they want to be told.
	Removed []Removed
	// Response is for who sent the command.
	Response Response
}

// Event is a change of a policy, as it is kept in the history.
type Event struct {
	// Action is Created, Modified or Deleted.
	Action protocol.Action
	// Path says what of the policy changed: the path of the response.
	Path protocol.Path
	// Value is what is there now, nil for a deletion.
	Value []byte
}

// Removed is a subject that was removed from a policy otherwise than by its expiry, and whose announcement says that this
// is to be announced.
type Removed struct {
	// Label is that of the entry in which the subject was.
	Label   string
	Subject model.Subject
}

// Response is the positive answer to a command.
type Response struct {
	// Action is that of the topic: of the command.
	Action protocol.Action
	// Path is that of the command, with the placeholders in it replaced.
	Path protocol.Path
	// Status is 200, 201 or 204.
	Status int
	// Value is what was retrieved or created, nil if there is nothing to be told.
	Value []byte
	// ETag is the entity tag of what the command was about as it is now, with its quotes; "" for none.
	ETag string
	// Revision is that of the policy after the command, or of the state that was retrieved.
	Revision int64
	// Historical says that what was retrieved is not the current state.
	Historical bool
}

// Statuses of responses.
const (
	statusOK        = 200
	statusCreated   = 201
	statusNoContent = 204
)
