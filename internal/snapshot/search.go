package snapshot

import "fmt"

// Search is how things are searched for.
type Search struct {
	// Index is what is indexed of things; nil: everything.
	Index *SearchIndex `json:"index,omitempty"`
}

// SearchIndex is what is indexed of things, beside their ids.
type SearchIndex struct {
	// Fields are the paths at and below which everything is indexed, sorted. It is
	// empty, and not nil, if nothing is.
	Fields []string `json:"fields"`
}

// MaxIndexedFields is how many paths an index may be limited to.
const MaxIndexedFields = 128

func (s *Snapshot) searchProblem() string {
	switch index := s.Search.Index; {
	case index == nil:
		return ""
	case index.Fields == nil:
		return "search.index has no fields"
	case len(index.Fields) > MaxIndexedFields:
		return fmt.Sprintf("search.index.fields must be at most %d, and are %d", MaxIndexedFields, len(index.Fields))
	}
	return ""
}
