package deadline

import "math/bits"

const (
	digitBits  = 6
	slotCount  = 1 << digitBits
	levelCount = 8 // for 2^48 ticks of at least a millisecond: thousands of years
)

// place is where a timer is: one more than 64 times the level plus the slot.
type place uint16

// nowhere is the place of a timer that is not pending.
const nowhere place = 0

func (p place) of() (level, slot int) {
	return int(p-1) / slotCount, int(p-1) % slotCount
}

// levels are the timers by when they are due. They know no clock and no lock.
type levels struct {
	// cursor is how far time has come for them.
	cursor tick
	// occupied has a bit for each slot that has timers, by level.
	occupied [levelCount]uint64
	slots    [levelCount][slotCount]slot
}

// put adds a timer that is due at the cursor or later.
func (l *levels) put(t *Timer) {
	level := 0
	if differ := uint64(t.due ^ l.cursor); differ != 0 {
		level = (bits.Len64(differ) - 1) / digitBits
	}
	at := digit(t.due, level)
	t.place = place(level*slotCount + at + 1)
	l.slots[level][at].push(t)
	l.occupied[level] |= 1 << at
}

// remove takes out a timer that is in.
func (l *levels) remove(t *Timer) {
	level, at := t.place.of()
	s := &l.slots[level][at]
	s.unlink(t)
	t.place = nowhere
	if s.first == nil {
		l.occupied[level] &^= 1 << at
	}
}

// step does a small part of what is to be done until now. It returns a timer that is due if it took one out, and done if
// nothing was left to do.
func (l *levels) step(now tick) (due *Timer, done bool) {
	if t := l.entered(); t != nil {
		l.remove(t)
		l.put(t)
		return nil, false
	}
	if t := l.slots[0][digit(l.cursor, 0)].first; t != nil {
		l.remove(t)
		return t, false
	}
	next := l.next()
	if next > now {
		return nil, true
	}
	l.cursor = next
	return nil, false
}

// entered returns a timer of a higher level in whose slot the cursor is, nil if
// there is none. It is to move to a lower level, before anything is called: there
// may be something that is due now.
func (l *levels) entered() *Timer {
	for level := 1; level < levelCount; level++ {
		if t := l.slots[level][digit(l.cursor, level)].first; t != nil {
			return t
		}
	}
	return nil
}

// next returns a tick after the cursor before which no timer is due, never if
// there is no timer. The first slot of the lowest level that has any has the
// first timer, since all on a level are due before any of the next level. Slots
// that the cursor is in have been emptied.
func (l *levels) next() tick {
	for level, occupied := range l.occupied {
		if occupied != 0 {
			return l.slots[level][bits.TrailingZeros64(occupied)].earliest
		}
	}
	return never
}

// clear takes out all timers.
func (l *levels) clear() {
	for level := range l.slots {
		for at := range l.slots[level] {
			for s := &l.slots[level][at]; s.first != nil; {
				s.first.callback = nil
				l.remove(s.first)
			}
		}
	}
}

func digit(t tick, level int) int {
	return int(t>>(level*digitBits)) & (slotCount - 1)
}
