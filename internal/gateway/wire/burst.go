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

// Add appends a text frame whose payload is what body appends, and reports
// whether it did: not if body says that there is nothing to be told. Only
// before the burst is delivered.
func (b *Burst) Add(body func(dst []byte) (out []byte, ok bool)) bool {
	data, ok := body(openGap(b.data))
	if !ok {
		return false
	}
	b.data = closeGap(data, len(b.data))
	b.ends = append(b.ends, len(b.data))
	return true
}

// AddFrame appends a copy of a frame of another burst. Only before the burst
// is delivered.
func (b *Burst) AddFrame(frame []byte) {
	b.data = append(b.data, frame...)
	b.ends = append(b.ends, len(b.data))
}

// Frame returns the i-th frame.
func (b Burst) Frame(i int) []byte {
	start := 0
	if i > 0 {
		start = b.ends[i-1]
	}
	return b.data[start:b.ends[i]:b.ends[i]]
}

// Text returns the payload of the i-th frame, for those who are sent something else than frames.
func (b Burst) Text(i int) []byte {
	frame := b.Frame(i)
	switch frame[1] {
	case length16:
		return frame[4:]
	case length64:
		return frame[10:]
	}
	return frame[2:]
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
