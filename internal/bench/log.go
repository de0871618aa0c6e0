package bench

import (
	"os"
	"sync"
)

// log keeps messages in a file, and sends them back when they are durable: all that have come while the ones before became so are
// written and synchronized together. It is what is left of a server that does nothing but remember.
type log struct {
	file *os.File
	more chan struct{} // has something when there is something to write

	mu      sync.Mutex
	waiting batch
	err     error // why nothing becomes durable any more
}

// batch is what becomes durable together.
type batch struct {
	text    []byte // to write
	frames  []byte // to send back
	answers []logged
}

// logged is a message that somebody waits for.
type logged struct {
	to    *link
	frame int // its length
}

// startLog starts to write to a file. What waits when it is stopped is forgotten.
func startLog(file *os.File) (l *log, stop func()) {
	l = &log{file: file, more: make(chan struct{}, 1)}
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		l.run(done)
	}()
	return l, func() {
		close(done)
		<-ended
	}
}

// answer keeps a message.
func (l *log) answer(from *link, text []byte) error {
	if err := l.add(from, text); err != nil {
		return err
	}
	select {
	case l.more <- struct{}{}:
	default: // it is known
	}
	return nil
}

func (l *log) add(from *link, text []byte) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	before := len(l.waiting.frames)
	l.waiting.text = append(l.waiting.text, text...)
	l.waiting.frames = appendServerFrame(l.waiting.frames, text)
	l.waiting.answers = append(l.waiting.answers, logged{from, len(l.waiting.frames) - before})
	return l.err
}

// run writes until it is done or cannot.
func (l *log) run(done <-chan struct{}) {
	var now batch
	for {
		select {
		case <-done:
			return
		case <-l.more:
		}
		now = l.take(now)
		if err := l.keep(now.text); err != nil {
			l.fail(err, now.answers)
			return
		}
		now.send()
	}
}

// take takes what waits, and leaves the memory of a batch that has been sent.
func (l *log) take(sent batch) batch {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.waiting
	l.waiting = batch{sent.text[:0], sent.frames[:0], sent.answers[:0]}
	return now
}

func (l *log) keep(text []byte) error {
	if _, err := l.file.Write(text); err != nil {
		return err
	}
	return syncData(l.file)
}

// fail ends the sessions that wait, and those that are going to: there is nothing to measure any more.
func (l *log) fail(err error, answers []logged) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.err = err
	for _, a := range append(answers, l.waiting.answers...) {
		_ = a.to.Close() // nothing is lost by it
	}
}

// send sends back what has been kept. Whoever has gone is not missed.
func (b *batch) send() {
	frames := b.frames
	for _, a := range b.answers {
		_ = a.to.write(true, func(b []byte) []byte { return append(b, frames[:a.frame]...) })
		frames = frames[a.frame:]
	}
	for _, a := range b.answers {
		_ = a.to.flush()
	}
}
