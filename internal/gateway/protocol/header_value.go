package protocol

import (
	"strconv"
	"strings"

	"github.com/twinway/twinway/internal/gateway/document"
)

// valueType is the type of a header's value: what it may be and what JSON it is on output.
type valueType uint8

const (
	textValue     valueType = iota // any text
	nonEmptyValue                  // text that is not empty
	channelValue                   // text: twin or live
	ifEqualValue                   // text: what becomes of a modification that changes nothing
	strategyValue                  // text: what becomes of a live command that times out
	tagsValue                      // text: entity tags
	fieldsValue                    // text: field selector
	timeoutValue                   // text: timeout
	boolValue
	intValue
	labelsValue   // array of strings: labels of acknowledgements
	metadataValue // array of objects with the members key and value
	objectValue
)

// convert brings the value of a header, as a client sent it, into the JSON type that the header has. Text may stand for any
// other type. If the value cannot be that, wanted says what it should have been.
func convert(name HeaderName, value []byte) (raw []byte, wanted string) {
	switch typ := catalogue[name].typ; typ {
	case textValue:
		return textJSON(value)
	case boolValue:
		return boolJSON(value)
	case intValue:
		return intJSON(value)
	case labelsValue:
		return labelsJSON(value)
	case metadataValue:
		return metadataJSON(value)
	case objectValue:
		return structureJSON(value, document.Object)
	default:
		return checkedText(typ, value)
	}
}

// textJSON makes text of a value. Protocol rule: what is not text becomes the text of its JSON.
func textJSON(value []byte) (raw []byte, wanted string) {
	if document.KindOf(value) == document.String {
		return value, ""
	}
	compact, err := document.Canonical(value)
	if err != nil {
		return nil, "valid JSON: " + err.Error()
	}
	return document.AppendString(nil, string(compact)), ""
}

// checkedText makes text of a value and checks it.
func checkedText(typ valueType, value []byte) (raw []byte, wanted string) {
	raw, wanted = textJSON(value)
	if wanted != "" {
		return nil, wanted
	}
	if typ == channelValue {
		raw = document.AppendString(nil, strings.ToLower(strings.TrimSpace(textOf(raw))))
	}
	ok, wanted := checkText(typ, bytesOf(raw))
	if !ok {
		return nil, wanted
	}
	return raw, ""
}

// checkText checks text and says what it should be.
func checkText(typ valueType, text []byte) (ok bool, wanted string) {
	switch typ {
	case nonEmptyValue:
		return len(text) > 0, "text that is not empty"
	case channelValue:
		return oneOf(text, "twin", "live"), "twin or live"
	case ifEqualValue:
		return oneOf(text, "update", "skip", "skip-minimizing-merge"), "update, skip or skip-minimizing-merge"
	case strategyValue:
		return oneOf(text, "fail", "use-twin"), "fail or use-twin"
	case tagsValue:
		_, ok := ParseETags(string(text))
		return ok, "* or a list of entity tags in quotes"
	case fieldsValue:
		_, err := document.ParseSelector(string(text))
		return err == nil, "a field selector"
	case timeoutValue:
		_, ok := readTimeout(string(text))
		return ok, "a timeout"
	}
	return true, ""
}

// oneOf reports whether text is one of the words. Protocol rule: their case does not matter here.
func oneOf(text []byte, words ...string) bool {
	for _, word := range words {
		if strings.EqualFold(string(text), word) {
			return true
		}
	}
	return false
}

// boolJSON makes true or false of a value.
func boolJSON(value []byte) (raw []byte, wanted string) {
	switch string(value) {
	case "true", "false":
		return value, ""
	}
	switch text := textOf(value); text {
	case "true", "false":
		return []byte(text), ""
	}
	return nil, "true or false"
}

// intJSON makes a whole number of a value.
func intJSON(value []byte) (raw []byte, wanted string) {
	n, err := strconv.ParseInt(textOf(value), 10, 64)
	if err != nil {
		return nil, "a whole number"
	}
	return strconv.AppendInt(nil, n, 10), ""
}
