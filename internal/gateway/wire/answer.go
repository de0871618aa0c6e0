package wire

// Answer queues one frame, made by AppendText, that answers a command which was
// counted as replied to before, and reports whether it found room: with others
// that wait to be written it takes at most the given size. Once the connection
// is closing it takes all and writes none.
func (c *Conn) Answer(frame []byte, limit int) (taken bool) {
	o := &c.out
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case o.closed:
		return true
	case o.answers > 0 && o.answers+len(frame) > limit:
		return false
	}
	o.answers += len(frame)
	o.items = append(o.items, item{data: frame, answer: true})
	c.startWriter()
	return true
}
