package dittows

import (
	"container/list"
	"iter"
)

// recent is what is known about things, up to a limit of things: the one that was touched the longest time ago makes room. It has no lock.
type recent[V any] struct {
	limit  int
	places map[string]*list.Element // of *place[V], the latest first in order
	order  *list.List
}

// place is where something is in the order.
type place[V any] struct {
	thing string
	value V
}

func newRecent[V any](limit int) recent[V] {
	return recent[V]{limit: limit, places: map[string]*list.Element{}, order: list.New()}
}

// get returns what is known about a thing, nil for nothing.
func (r *recent[V]) get(thing string) *V {
	element, ok := r.places[thing]
	if !ok {
		return nil
	}
	return r.at(element)
}

// touch returns what is known about a thing, which is then forgotten last.
func (r *recent[V]) touch(thing string) *V {
	if element, ok := r.places[thing]; ok {
		r.order.MoveToFront(element)
		return r.at(element)
	}
	if len(r.places) >= r.limit {
		r.drop(r.order.Back())
	}
	element := r.order.PushFront(&place[V]{thing: thing})
	r.places[thing] = element
	return r.at(element)
}

// len returns how many things are known.
func (r *recent[V]) len() int { return len(r.places) }

// all returns what is known, the latest first. What it has returned may be dropped.
func (r *recent[V]) all() iter.Seq2[string, *V] {
	return func(yield func(string, *V) bool) {
		for element := r.order.Front(); element != nil; {
			next := element.Next()
			if p := placeOf[V](element); !yield(p.thing, &p.value) {
				return
			}
			element = next
		}
	}
}

// forget forgets a thing that is known.
func (r *recent[V]) forget(thing string) { r.drop(r.places[thing]) }

// clear forgets everything.
func (r *recent[V]) clear() {
	clear(r.places)
	r.order.Init()
}

func (r *recent[V]) drop(element *list.Element) {
	delete(r.places, placeOf[V](element).thing)
	r.order.Remove(element)
}

func (r *recent[V]) at(element *list.Element) *V { return &placeOf[V](element).value }

func placeOf[V any](element *list.Element) *place[V] {
	return element.Value.(*place[V]) //nolint:forcetypeassert // There is nothing else.
}
