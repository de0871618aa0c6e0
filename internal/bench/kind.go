package bench

import "bytes"

// kind is what an operation asks for.
type kind int

// Kinds of operations.
const (
	create          kind = iota // a thing, unless there is one
	createDevice                // the thing of a device, unless there is one
	read                        // a thing
	modify                      // the property that counts coffees
	searchID                    // the thing with an id
	searchAttribute             // the thing with a serial number
	searchPage                  // the first page of a hundredth of all things, sorted by an attribute
	message                     // to the device of the lane, and its answer
	echoed                      // a thing with the status of success, which need only be sent back
)

// isSearch reports whether it is one; over WebSocket that takes several messages.
func (k kind) isSearch() bool { return k == searchID || k == searchAttribute || k == searchPage }

// fine reports whether an answer is that of success.
func (k kind) fine(status int, answer []byte) bool {
	if k == create || k == createDevice {
		switch status {
		case 409:
			return true // it was there before
		case 400:
			// So was its policy, which is looked at first.
			return bytes.Contains(answer, []byte("thing.notcreatable"))
		}
	}
	return status >= 200 && status < 300
}

// pages is how many pages a search asks for: one more than there are, so that its end comes by itself, or the only one that is wanted.
func (k kind) pages() int {
	if k == searchPage {
		return 1
	}
	return 2
}

// least is how many things a search must find.
func (k kind) least(s *stock) int {
	if k == searchPage {
		return min(page, s.things/groups)
	}
	return 1
}

// task is an operation: its kind, and on the how manieth thing or device, or with which value.
type task struct {
	kind  kind
	at    int
	value int
}

// tasks says what the operations of a lane are.
type tasks func(lane, op int) task

// on returns tasks of a kind on things that have no order.
func (s *stock) on(k kind, among int) tasks {
	return func(lane, op int) task {
		return task{k, int(scatter(lane, op) % uint64(among)), op}
	}
}

// inOrder returns tasks of a kind, of n lanes together once for each number.
func inOrder(k kind, from, lanes int) tasks {
	return func(lane, op int) task { return task{k, from + op*lanes + lane, op} }
}

// toDevice returns tasks that concern the device of the lane.
func toDevice(lane, op int) task { return task{message, lane, op} }

// mixed returns tasks of several kinds.
func (s *stock) mixed(m Mix, among int) tasks {
	return func(lane, op int) task {
		n := scatter(lane, op)
		k := m.pick(n >> 32)
		if k == message {
			return toDevice(lane, op)
		}
		return task{k, int(n & (1<<32 - 1) % uint64(among)), op}
	}
}

// scatter returns a number that has nothing to do with those of the neighbours (the finalizer of SplitMix64).
func scatter(lane, op int) uint64 {
	z := uint64(lane)<<40 + uint64(op) + 0x9E3779B97F4A7C15
	z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
	z = (z ^ z>>27) * 0x94D049BB133111EB
	return z ^ z>>31
}

// String returns the name of the scenario that does only this.
func (k kind) String() string {
	return map[kind]string{
		create: "create", createDevice: "create-device", read: "read", modify: "modify", searchID: "search-id",
		searchAttribute: "search-attribute", searchPage: "search-page", message: "live", echoed: "echo",
	}[k]
}
