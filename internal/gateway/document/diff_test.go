package document

import "testing"

func TestMinimize(t *testing.T) {
	for _, tt := range []struct {
		name, target, patch, want string
		changed                   bool
	}{
		{"nothing changes", `{"a":1,"b":{"c":"x"}}`, `{"a":1.0,"b":{"c":"x"}}`, `{}`, false},
		{"order makes no difference", `{"a":{"b":1,"c":2}}`, `{"a":{"c":2,"b":1}}`, `{}`, false},
		{"an empty patch", `{"a":1}`, `{}`, `{}`, false},
		{"empty objects", `{"a":{"b":1}}`, `{"a":{}}`, `{}`, false},
		{"deleting what is absent", `{"a":1}`, `{"b":null,"c":{"d":null}}`, `{"c":{}}`, true},
		{"deleting what is absent from an object", `{"a":{"b":1}}`, `{"a":{"c":null},"d":null}`, `{}`, false},
		{"some change", `{"a":1,"b":2,"c":{"d":1,"e":2}}`, `{"a":1,"b":3,"c":{"d":1,"e":null},"f":{"g":1}}`, `{"b":3,"c":{"e":null},"f":{"g":1}}`, true},
		{"arrays as a whole", `{"a":[1,2],"b":[1]}`, `{"a":[1,2.0],"b":[1,2]}`, `{"b":[1,2]}`, true},
		{"new nulls", `{}`, `{"a":{"b":null,"c":{"d":null}}}`, `{"a":{"c":{"d":null}}}`, true},
		{"a null that is there", `{"a":null}`, `{"a":null}`, `{"a":null}`, true},
		{"patterns are spelt out", `{"a1":1,"a2":2,"a3":3,"b":4}`, `{"{{ ~a.~ }}":null,"a1":1,"a2":5}`, `{"a2":5,"a3":null}`, true},
		{"patterns without effect", `{"a1":1,"b":4}`, `{"{{ ~a.~ }}":null,"a1":1}`, `{}`, false},
		{"absent target", ``, `{"a":1,"b":null}`, `{"a":1}`, true},
		{"absent target, empty patch", ``, `{}`, `{}`, true},
		{"the same scalar", `1`, `1.0`, `{}`, false},
		{"another scalar", `1`, `2`, `2`, true},
		{"object to scalar", `{"a":1}`, `null`, `null`, true},
		{"an invalid patch", `{"a":1}`, `{"{{ ~(~ }}":null}`, `{"{{ ~(~ }}":null}`, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, changed := Minimize([]byte(tt.target), []byte(tt.patch))
			if string(got) != tt.want || changed != tt.changed {
				t.Errorf("got %s, %v, want %s, %v", got, changed, tt.want, tt.changed)
			}
		})
	}
}

func TestDiff(t *testing.T) {
	got, changed := Diff([]byte(`{"a":1,"b":{"c":1},"d":[1]}`), []byte(`{"e":0,"b":{"c":2},"d":[1.0]}`))
	if want := `{"e":0,"b":{"c":2},"a":null}`; string(got) != want || !changed {
		t.Errorf("got %s, %v, want %s", got, changed, want)
	}
}
