package conformance

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

func (a *answer) play(st *stage) error {
	q := st.asked[a.name]
	if q == nil {
		return fmt.Errorf("%s: %w", a.name, errNotAsked)
	}
	delete(st.asked, a.name)
	got, err := q.wait(st.ctx)
	if err != nil {
		return fmt.Errorf("%s: %w", a.name, err)
	}
	st.note(a.name, "<", got.String())
	trial := bindings{namespace: st.known.namespace, kept: maps.Clone(st.known.kept)}
	if found := a.alternative(got).compare(trial, q, got); len(found) > 0 {
		return a.different(st, got, found)
	}
	maps.Copy(st.known.kept, trial.kept)
	return nil
}

// different is the message for an answer that is not as expected.
func (a *answer) different(st *stage, got reply, found []mismatch) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s got a different answer\n  want %d %s\n  got  %s", a.name, a.status, a.body.source, st.shorten(got.String()))
	for _, m := range found {
		fmt.Fprintf(&b, "\n    %s", m)
	}
	return errors.New(b.String())
}

func (a *answer) compare(b bindings, q *asked, got reply) []mismatch {
	var found []mismatch
	if a.status != got.status {
		found = append(found, mismatch{"status", fmt.Sprintf("want %d, got %d", a.status, got.status)})
	}
	found = append(found, a.body.compare(b, got.body)...)
	return append(found, a.compareHeaders(b, q, got)...)
}

// transport are headers that say nothing of what was asked for.
var transport = map[string]bool{
	"Date": true, "Content-Length": true, "Connection": true, "Transfer-Encoding": true, "Vary": true, "X-Content-Type-Options": true, "Content-Security-Policy": true, "Response-Required": true, "Ditto-Originator": true,
}

// ofTwins are headers that are not among them if the answer stands for an envelope.
var ofTwins = map[string]bool{"Response-Required": true, "Ditto-Originator": true}

// compareHeaders compares the headers. Those that every answer has are known: that of its request as correlation id, and the type
// of its body.
func (a *answer) compareHeaders(b bindings, q *asked, got reply) []mismatch {
	want := a.implied(q, got)
	maps.Copy(want, merged(a.header))
	var found []mismatch
	for _, name := range slices.Sorted(maps.Keys(want)) {
		values := got.header[name]
		if len(values) == 0 {
			found = append(found, mismatch{name, "missing, want " + want[name].value})
			continue
		}
		found = append(found, want[name].compare(b, strings.Join(values, ", "))...)
	}
	for _, name := range slices.Sorted(maps.Keys(got.header)) {
		if _, wanted := want[name]; !wanted && !a.open && !(transport[name] && !(a.twin && ofTwins[name])) {
			found = append(found, mismatch{name, "not expected, got " + strings.Join(got.header[name], ", ")})
		}
	}
	return found
}

// compare compares the value of a header.
func (h headerLine) compare(b bindings, got string) []mismatch {
	if h.tree == nil {
		return compareString(b, h.name, h.value, got)
	}
	value, err := decode([]byte(got))
	if err != nil {
		return []mismatch{{h.name, "no JSON: " + got}}
	}
	return compareValue(b, h.name, h.tree, value)
}

func (a *answer) implied(q *asked, got reply) map[string]headerLine {
	want := map[string]headerLine{"Correlation-Id": {name: "correlation-id", value: "<text>"}}
	if q.correlationID != "" {
		want["Correlation-Id"] = headerLine{name: "correlation-id", value: q.correlationID}
	}
	if a.twin && a.body.kind == anyContent && len(got.body) > 0 || a.body.exactMedia {
		want["Content-Type"] = headerLine{name: "content-type", value: "<text>"}
	}
	if a.body.kind == jsonContent || q.method == http.MethodHead && len(got.header["Content-Type"]) > 0 {
		want["Content-Type"] = headerLine{name: "content-type", value: "application/json"}
	}
	return want
}

// merged returns the values of the headers by name, those that are repeated one behind the other.
func merged(lines []headerLine) map[string]headerLine {
	all := map[string]headerLine{}
	for _, line := range lines {
		name := http.CanonicalHeaderKey(line.name)
		if before, repeated := all[name]; repeated {
			line.value = before.value + ", " + line.value
		}
		all[name] = line
	}
	return all
}

// compare compares a body.
func (c content) compare(b bindings, got []byte) []mismatch {
	switch c.kind {
	case anyContent:
		return nil
	case noContent:
		return compareString(b, "body", "", string(got))
	case exactContent:
		return compareString(b, "body", c.source, string(got))
	}
	value, err := decode(got)
	if err != nil {
		return []mismatch{{"body", "no JSON: " + err.Error()}}
	}
	return compareValue(b, "body", c.tree, value)
}

func (r reply) String() string {
	var b strings.Builder
	b.WriteString(strconv.Itoa(r.status))
	for _, name := range slices.Sorted(maps.Keys(r.header)) {
		if name != "Date" && name != "Content-Length" {
			fmt.Fprintf(&b, " %s: %s;", strings.ToLower(name), strings.Join(r.header[name], ", "))
		}
	}
	return b.String() + " " + string(r.body)
}
