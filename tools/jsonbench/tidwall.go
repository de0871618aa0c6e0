package jsonbench

import (
	"errors"
	"strings"

	"github.com/tidwall/gjson"
	"github.com/tidwall/sjson"
)

var errSyntax = errors.New("invalid JSON")

// decodeGJSON checks the frame, because gjson takes anything, and walks over it.
func decodeGJSON(frame []byte, env *envelope) error {
	if !gjson.ValidBytes(frame) {
		return errSyntax
	}
	env.headers = env.headers[:0]
	gjson.ParseBytes(frame).ForEach(func(name, v gjson.Result) bool {
		switch name.Str {
		case "topic":
			env.topic = v.String()
		case "path":
			env.path = v.String()
		case "headers":
			v.ForEach(func(name, v gjson.Result) bool {
				env.headers = append(env.headers, header{name.Str, []byte(v.Raw)})
				return true
			})
		case "value":
			env.value = []byte(v.Raw)
		}
		return true
	})
	return nil
}

// setSJSON takes for granted that no name holds a character that is special in the paths of sjson.
func setSJSON(doc []byte, path []string, value []byte) ([]byte, error) {
	return sjson.SetRawBytes(doc, strings.Join(path, "."), value)
}
