package bench

import (
	"bytes"
	"strconv"
)

// Correlation ids are the numbers of a lane and of an operation, such as 3-17.

// appendID appends a correlation id.
func appendID(b []byte, lane, op int) []byte {
	return strconv.AppendInt(append(strconv.AppendInt(b, int64(lane), 10), '-'), int64(op), 10)
}

// number returns the number of the operation that an envelope belongs to, -1 if there is none.
func number(envelope []byte) int {
	_, op, found := bytes.Cut(correlationID(envelope), []byte{'-'})
	if !found || len(op) == 0 {
		return -1
	}
	n := 0
	for _, c := range op {
		if c < '0' || c > '9' || n > 1<<40 {
			return -1
		}
		n = 10*n + int(c-'0')
	}
	return n
}

var (
	correlationMember = []byte(`"correlation-id":`)
	statusMember      = []byte(`"status":`)
)

// correlationID finds that of an envelope, which is the first one in its text: nothing before its headers may hold such a thing.
func correlationID(envelope []byte) []byte {
	id, _ := stringBehind(envelope, correlationMember)
	return id
}

// stringBehind returns the string behind the first member of a name, as it is written.
func stringBehind(text, member []byte) (value []byte, found bool) {
	_, rest, found := bytes.Cut(text, member)
	if !found {
		return nil, false
	}
	rest, found = bytes.CutPrefix(bytes.TrimPrefix(rest, []byte{' '}), []byte{'"'})
	if !found {
		return nil, false
	}
	value, _, found = bytes.Cut(rest, []byte{'"'})
	if !found {
		return nil, false
	}
	return value, true
}

// status returns that of a response, 0 if it has none. It is the last one in the text: it stands behind the value, which may have
// members of that name.
func status(envelope []byte) int {
	at := bytes.LastIndex(envelope, statusMember)
	if at < 0 {
		return 0
	}
	n := 0
	for _, c := range bytes.TrimLeft(envelope[at+len(statusMember):], " ") {
		if c < '0' || c > '9' || n > 999 {
			break
		}
		n = 10*n + int(c-'0')
	}
	return n
}

// failure says in a few words what an answer is that was not wanted: its status and the code of the error in it.
func failure(status int, text []byte) string {
	said := strconv.Itoa(status)
	if code, found := stringBehind(text, []byte(`"error":`)); found {
		said += " " + string(code[:min(len(code), 80)])
	}
	return said
}
