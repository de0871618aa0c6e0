package twin

import (
	"github.com/twinway/twinway/internal/gateway/index"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/store"
)

// checkIndex refuses a change after which a thing would be found by more than one batch of the store should change. What was more
// before, by other rules, may become less.
//
// Errors: things:thing.toolarge.
func (s *Service) checkIndex(id string, before, after *store.Record) *protocol.Error {
	next := indexed(after)
	if s.indexed.Fits(next, id) {
		return nil
	}
	if was := indexed(before); !s.indexed.Fits(was, id) && len(next.Doc)+len(next.Meta) < len(was.Doc)+len(was.Meta) {
		return nil
	}
	return protocol.ErrThingIndexTooLarge(index.MaxSize)
}
