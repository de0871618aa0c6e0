package dittows

import "time"

// settings are the times and bounds of a connection.
type settings struct {
	// poll is how often credentials are looked at, and tick how often all else that depends on the time.
	poll, tick time.Duration
	// idle is how long nothing comes until there is a ping, and patience how long that may be unanswered.
	idle, patience time.Duration
	// writing is how long a message may take to be written.
	writing time.Duration
	// answering is how long the answer to a command may take.
	answering time.Duration
	// messages and bytes are how much may be without an outcome.
	messages, bytes int
	// frames and frameBytes are how much may wait to be consumed, and how much to be written.
	frames, frameBytes int
	// held and heldBytes are how many events may wait for others to be replayed.
	held, heldBytes int
	// things is how many are remembered.
	things int
	// readLimit is how long a message may be, in bytes.
	readLimit int64
	// redelivery is after what time an event comes again that should; it doubles each time up to ten seconds.
	redelivery time.Duration
}

func defaults() settings {
	return settings{
		poll: 10 * time.Second, tick: time.Second,
		idle: 30 * time.Second, patience: 20 * time.Second,
		writing: 30 * time.Second, answering: time.Minute,
		messages: 1000, bytes: 8 << 20,
		frames: 1000, frameBytes: 8 << 20,
		held: 10_000, heldBytes: 16 << 20,
		things:     10_000,
		readLimit:  16 << 20,
		redelivery: time.Second,
	}
}
