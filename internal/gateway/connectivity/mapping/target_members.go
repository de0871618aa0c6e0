package mapping

import "github.com/twinway/twinway/internal/gateway/document"

// members is a JSON object that is being written, to which members are added at the end.
type members []byte

// name begins a member, whose value follows.
func (w *members) name(name string) {
	if (*w)[len(*w)-1] != '{' {
		*w = append(*w, ',')
	}
	*w = append(document.AppendString(*w, name), ':')
}

// add adds a member, unless there is no value.
func (w *members) add(name string, value []byte) {
	if value == nil {
		return
	}
	w.name(name)
	*w = append(*w, value...)
}

// text adds a member that is a string.
func (w *members) text(name, text string) {
	w.name(name)
	*w = document.AppendString(*w, text)
}

// end returns the object.
func (w members) end() []byte { return append(w, '}') }
