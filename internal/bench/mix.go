package bench

import (
	"fmt"
	"strconv"
	"strings"
)

// Mix is how many of all operations are of a kind, in proportion to the others.
type Mix struct {
	Read    int `json:"read,omitempty"`
	Modify  int `json:"modify,omitempty"`
	Search  int `json:"search,omitempty"`
	Message int `json:"message,omitempty"`
}

// ParseMix reads a mix as it is printed: read=60,modify=30,search=5,message=5. What is left out does not happen.
func ParseMix(text string) (m Mix, err error) {
	for part := range strings.SplitSeq(text, ",") {
		name, weight, _ := strings.Cut(part, "=")
		of := m.weight(strings.TrimSpace(name))
		if of == nil {
			return m, fmt.Errorf("%q is none of read, modify, search and message", name)
		}
		if *of, err = strconv.Atoi(strings.TrimSpace(weight)); err != nil {
			return m, fmt.Errorf("%q has no number behind =", part)
		}
	}
	return m, m.check()
}

func (m *Mix) weight(name string) *int {
	switch name {
	case "read":
		return &m.Read
	case "modify":
		return &m.Modify
	case "search":
		return &m.Search
	case "message":
		return &m.Message
	}
	return nil
}

func (m Mix) check() error {
	for _, weight := range []int{m.Read, m.Modify, m.Search, m.Message} {
		if weight < 0 || weight > 1_000_000 {
			return fmt.Errorf("a weight of %d is not from 0 to 1,000,000", weight)
		}
	}
	if m == (Mix{}) {
		return fmt.Errorf("a mix of nothing")
	}
	return nil
}

func (m Mix) String() string {
	return fmt.Sprintf("read=%d,modify=%d,search=%d,message=%d", m.Read, m.Modify, m.Search, m.Message)
}

// pick returns the kind that a number stands for, where numbers are evenly spread.
func (m Mix) pick(n uint64) kind {
	at := int(n % uint64(m.Read+m.Modify+m.Search+m.Message))
	for _, part := range []struct {
		weight int
		kind   kind
	}{{m.Read, read}, {m.Modify, modify}, {m.Search, searchID}} {
		if at < part.weight {
			return part.kind
		}
		at -= part.weight
	}
	return message
}
