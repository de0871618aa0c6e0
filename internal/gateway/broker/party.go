package broker

import "github.com/twinway/twinway/internal/gateway/pubsub"

// Party is somebody who asks and answers: a session, for example.
type Party struct{ _ byte }

// End ends the waits that the party has opened, whose owners are not told, and forgets what it was given. A party that has
// ended opens no more.
func (p *Party) End() {}

// Member is a subscriber that is a party.
type Member interface {
	pubsub.Subscriber
	// Party returns who the subscriber is to the broker.
	Party() *Party
}
