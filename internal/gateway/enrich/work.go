package enrich

import (
	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/placeholder"
)

// What is done with a unit of work, about as long as one of package rql.
const (
	bytesPerUnit    = 16 // of a document are looked at, or copied
	unitsPerPointer = 8  // make a pointer a part of a selector
)

// spend takes units from what may still be done, all of it if that is not enough, which it reports.
func (s *Signal) spend(units int) bool {
	if s.Work == nil {
		return true
	}
	enough := units <= *s.Work
	*s.Work -= min(units, *s.Work)
	return enough
}

// looked pays for texts that a template gets, all functions of which may make something of each.
func (s *Signal) looked(texts []string) []string {
	for _, text := range texts {
		s.spend(placeholder.MaxFunctions * (bytesPerUnit + len(text)) / bytesPerUnit)
	}
	return texts
}

// cost returns the units that it takes to select from a thing.
func (s *selection) cost(t Thing) int {
	size := 0
	if s.hasDoc {
		size += len(t.Doc())
	}
	if s.hasMetadata {
		size += len(t.Metadata())
	}
	return 1 + s.width*size/bytesPerUnit
}

// widthOf returns how many ways through the pointers a name in a document can be on at once.
func widthOf(pointers []document.Pointer) int {
	ways, plain := document.Arrangements(pointers)
	if plain {
		ways++
	}
	return max(ways, 1)
}
