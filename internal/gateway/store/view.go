package store

// View is all that a store held at one moment, applied and perhaps not durable
// then. It costs little to make, but as long as it is open nothing that it
// shows is given up on disk: whoever makes views bounds how many are open, and
// for how long.
//
// A view may be used by several goroutines at once, except that Close is called
// after every other call has returned.
type View interface {
	// Load returns a record as Store.Load does.
	//
	// Errors: ErrNotFound, ErrCorrupt, ErrClosed.
	Load(key Key) (Record, error)

	// Keys returns the keys of the index from lower on and before upper; nil
	// stands for no such bound. A key is an entry and the id of the thing that
	// has it. They must be closed. The bounds may be reused.
	//
	// Errors: ErrCorrupt, ErrClosed.
	Keys(lower, upper []byte) (Keys, error)

	// Close releases the view, and the keys that were made of it and are still
	// open. Further calls do nothing.
	Close() error
}

// Keys goes through keys of an index in the order of their bytes, forwards and
// backwards, beginning with any of the first four methods. Methods that move
// report whether there is a key where they have gone to. If not, there are no
// more in that direction, or Error says what went wrong. No step allocates
// memory.
//
// It is for one goroutine at a time.
type Keys interface {
	// First and Last go to the ends.
	First() bool
	Last() bool
	// SeekGE goes to the first key that is not before a key, SeekLT to the last
	// one before a key. A key beyond the bounds stands for the bound.
	SeekGE(key []byte) bool
	SeekLT(key []byte) bool
	// Next and Prev go to the neighbour of the key that the last method went to.
	Next() bool
	Prev() bool
	// Key returns the key, valid until the next call. It must not be changed.
	// nil if there is none.
	Key() []byte
	// Error returns why there are no more keys: nil if there are none,
	// ErrCorrupt, or ErrClosed.
	Error() error
	// Close releases the keys. Further calls do nothing.
	Close() error
}
