package policy

import (
	"time"

	"github.com/twinway/twinway/internal/gateway/protocol"
)

// Remove deletes an existing policy on the server's behalf: one that was made for something that then could not be. Nobody is
// told, and the outcome has no response.
func Remove(st *State, now time.Time) Outcome {
	return Outcome{State: st.gone(now.UTC()), Event: &Event{Action: protocol.Deleted}}
}
