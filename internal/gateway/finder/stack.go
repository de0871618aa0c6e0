package finder

// usualStack is how much of a stack a search takes, in bytes, with the store that it reads. What holds it and the rest of its
// goroutine is 16 KiB.
const usualStack = 14 << 10

// makeStack makes room on the stack of a goroutine that has just begun, for what it is about to call. Else the stack would grow when
// that is deep in the store, time and again, and all frames with it: a quarter of what it takes to find a thing by its id.
//
//go:noinline
func (f *finding) makeStack() byte {
	var room [usualStack]byte
	room[uint(f.looked)%usualStack] = 1 // so that there is one
	return room[uint(f.steps)%usualStack]
}
