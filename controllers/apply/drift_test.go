package apply

import (
	"encoding/json"
	"testing"
)

func TestContains(t *testing.T) {
	for _, test := range []struct {
		name, have, want string
		contained        bool
	}{
		{"the same", `{"spec":{"a":1}}`, `{"spec":{"a":1}}`, true},
		{"fields of others do not count", `{"spec":{"a":1,"b":2},"status":{}}`, `{"spec":{"a":1}}`, true},
		{"another value", `{"spec":{"a":2}}`, `{"spec":{"a":1}}`, false},
		{"a missing field", `{"spec":{}}`, `{"spec":{"a":1}}`, false},
		{"a missing object", `{}`, `{"spec":{"a":1}}`, false},
		{"what the API server leaves out", `{}`, `{"spec":{"a":0,"b":"","c":false,"d":{}}}`, true},
		{"false is not true", `{"spec":{"a":true}}`, `{"spec":{"a":false}}`, false},
		{"an atomic list with more", `{"spec":{"ingress":[{"p":1},{"p":2}]}}`, `{"spec":{"ingress":[{"p":1}]}}`, false},
		{"an atomic list with less", `{"spec":{"ingress":[]}}`, `{"spec":{"ingress":[{"p":1}]}}`, false},
		{"an atomic list with defaults", `{"spec":{"ingress":[{"p":1,"protocol":"TCP"}]}}`, `{"spec":{"ingress":[{"p":1}]}}`, true},
		{"arguments in another order", `{"args":["b","a"]}`, `{"args":["a","b"]}`, false},
		{
			"a container of somebody else",
			`{"spec":{"template":{"spec":{"containers":[{"name":"proxy"},{"name":"gateway","image":"i","x":1}]}}}}`,
			`{"spec":{"template":{"spec":{"containers":[{"name":"gateway","image":"i"}]}}}}`, true,
		},
		{
			"another image",
			`{"spec":{"template":{"spec":{"containers":[{"name":"gateway","image":"j"}]}}}}`,
			`{"spec":{"template":{"spec":{"containers":[{"name":"gateway","image":"i"}]}}}}`, false,
		},
		{
			"another argument of our container",
			`{"spec":{"template":{"spec":{"containers":[{"name":"gateway","args":["a","b"]}]}}}}`,
			`{"spec":{"template":{"spec":{"containers":[{"name":"gateway","args":["a"]}]}}}}`, false,
		},
		{"a port of somebody else", `{"spec":{"ports":[{"port":1,"protocol":"TCP"},{"port":2,"protocol":"TCP"}]}}`, `{"spec":{"ports":[{"port":2}]}}`, true},
		{"our port has gone", `{"spec":{"ports":[{"port":1}]}}`, `{"spec":{"ports":[{"port":2}]}}`, false},
		{"another owner beside us", `{"metadata":{"ownerReferences":[{"uid":"x"},{"uid":"y"}]}}`, `{"metadata":{"ownerReferences":[{"uid":"y"}]}}`, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			var have, want document
			if json.Unmarshal([]byte(test.have), &have) != nil || json.Unmarshal([]byte(test.want), &want) != nil {
				t.Fatal("no JSON")
			}
			if got := contains(have, want, ""); got != test.contained {
				t.Errorf("contains = %t", got)
			}
		})
	}
}

// Documents of any shape are compared without a panic, and everything contains
// itself.
func FuzzContains(f *testing.F) {
	f.Add(`{"spec":{"ports":[{"port":1}]}}`, `{"spec":{"ports":[1,null,"x"]}}`)
	f.Add(`{"metadata":{"ownerReferences":{}}}`, `{"metadata":{"ownerReferences":[[]]}}`)
	f.Fuzz(func(t *testing.T, a, b string) {
		var have, want document
		if json.Unmarshal([]byte(a), &have) != nil || json.Unmarshal([]byte(b), &want) != nil {
			return
		}
		contains(have, want, "")
		if !contains(have, have, "") {
			t.Errorf("%s does not contain itself", a)
		}
	})
}
