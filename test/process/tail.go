package process

import (
	"bytes"
	"sync"
)

// Tail keeps the end of what a program prints. The zero value keeps 64 KiB.
type Tail struct {
	// Limit is how many bytes are kept at least; up to twice as many are.
	Limit int

	mu   sync.Mutex
	text []byte
}

const defaultLimit = 64 << 10

// Write never fails.
func (t *Tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	limit := t.Limit
	if limit == 0 {
		limit = defaultLimit
	}
	t.text = append(t.text, p...)
	if len(t.text) > 2*limit {
		t.text = append([]byte(nil), t.text[len(t.text)-limit:]...)
	}
	return len(p), nil
}

// String returns what was kept.
func (t *Tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(bytes.ToValidUTF8(t.text, []byte("?")))
}
