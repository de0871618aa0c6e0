package pubsub

import "encoding/binary"

// Audience is what decides how signals look to a subscriber. Audiences are
// equal if they have the same subjects and acknowledgements in the same order.
type Audience struct {
	// Subjects are those on whose behalf the subscriber receives, in order.
	Subjects []string
	// Acks are the labels of acknowledgements that it declared, sorted.
	Acks []string
}

// key returns a text that equal audiences share, and no others.
func (a *Audience) key() string {
	var key []byte
	for _, list := range [][]string{a.Subjects, a.Acks} {
		key = binary.AppendUvarint(key, uint64(len(list)))
		for _, s := range list {
			key = binary.AppendUvarint(key, uint64(len(s)))
			key = append(key, s...)
		}
	}
	return string(key)
}
