package wire

// Burst is a run of whole text frames, shared by everybody it is delivered to
// and never modified after that. The zero Burst is empty.
type Burst struct {
	data []byte
	ends []int // the end of each frame in data
}

// NewBurst returns an empty burst with room for some frames of the given size
// each, on average.
func NewBurst(frames, size int) Burst {
	return Burst{data: make([]byte, 0, frames*(size+maxHeader)), ends: make([]int, 0, frames)}
}

// Add appends a text frame whose payload is what body appends. Only before
// the burst is delivered.
func (b *Burst) Add(body func([]byte) []byte) {
	b.data = AppendText(b.data, body)
	b.ends = append(b.ends, len(b.data))
}

// Len returns how many frames there are.
func (b Burst) Len() int { return len(b.ends) }

// Bytes returns the frames, one after the other.
func (b Burst) Bytes() []byte { return b.data }

// First returns the first n frames, all if there are not more.
func (b Burst) First(n int) Burst {
	if n >= len(b.ends) {
		return b
	}
	if n <= 0 {
		return Burst{}
	}
	return Burst{data: b.data[:b.ends[n-1]], ends: b.ends[:n]}
}

// Without returns a copy less the frames for which drop returns true.
func (b Burst) Without(drop func(i int) bool) Burst {
	var rest Burst
	start := 0
	for i, end := range b.ends {
		if !drop(i) {
			rest.data = append(rest.data, b.data[start:end]...)
			rest.ends = append(rest.ends, len(rest.data))
		}
		start = end
	}
	return rest
}
