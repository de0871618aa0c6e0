package document

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"testing"
)

func TestEqual(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want bool
	}{
		{``, ``, true}, {``, `null`, false}, {`null`, `null`, true}, {`true`, `false`, false}, {`null`, `0`, false},
		{`"a"`, `"a"`, true}, {`"a"`, `"b"`, false}, {`"1"`, `1`, false},
		{`{}`, `{}`, true}, {`{}`, `[]`, false}, {`[]`, `[]`, true}, {`[]`, `[1]`, false}, {`[[]]`, `[]`, false},
		{`[1,2]`, `[1.0,2]`, true}, {`[1,2]`, `[2,1]`, false}, {`[1,2]`, `[1.0,2,3]`, false}, {`[1,2,3]`, `[1.0,2]`, false},
		{`{"a":1,"b":2}`, `{"b":2,"a":1}`, true}, {`{"a":1,"b":2}`, `{"a":2,"b":1}`, false},
		{`{"a":1}`, `{"a":1,"b":2}`, false}, {`{"a":1,"b":2}`, `{"a":1}`, false}, {`{"a":1,"b":2}`, `{"a":1,"c":2}`, false},
		{`{"a":{"b":[{"c":1,"d":null}]}}`, `{"a":{"b":[{"d":null,"c":1e0}]}}`, true},
		{`{"a":{"b":[{"c":1,"d":null}]}}`, `{"a":{"b":[{"d":null,"c":2}]}}`, false},
	} {
		if got := Equal([]byte(tt.a), []byte(tt.b)); got != tt.want {
			t.Errorf("%s and %s: got %v", tt.a, tt.b, got)
		}
		if got := Equal([]byte(tt.b), []byte(tt.a)); got != tt.want {
			t.Errorf("%s and %s: got %v", tt.b, tt.a, got)
		}
	}
}

func TestEqualLargeObjects(t *testing.T) {
	var up, down []string
	for i := range 100 {
		up = append(up, fmt.Sprintf(`"k%d":%d`, i, i))
		down = append(down, fmt.Sprintf(`"k%d":%d.0`, 99-i, 99-i))
	}
	a, b := "{"+strings.Join(up, ",")+"}", "{"+strings.Join(down, ",")+"}"
	if !Equal([]byte(a), []byte(b)) {
		t.Error("should be equal")
	}
	if Equal([]byte(a), []byte(strings.Replace(b, "k50", "x50", 1))) {
		t.Error("should not be equal")
	}
}

func TestEqualNumbers(t *testing.T) {
	nines := strings.Repeat("9", 40)
	classes := [][]string{
		{"0", "-0", "0.0", "0e5", "-0.000E-999999999999999999999999"},
		{"1", "1.0", "1e0", "10e-1", "0.1e1", "0.001E+3", "1000e-3", "1e-00000000000000000000000000"},
		{"-1", "-1.00", "-0.1e1"},
		{"10", "1e1", "1E+1", "0.0100e3"},
		{"100.5", "1005e-1", "0.01005e4", "100.50"},
		{"105", "1.05e2"}, {"15"}, {"1.05"}, {"1.5"}, {"1.005"},
		{"9007199254740993", "9007199254740993.0"}, {"9007199254740992"},
		{"0.1"}, {"0.1000000000000000055511151231257827"},
		{"1e999999999", "10e999999998", "0.1e1000000000"}, {"1e999999998"}, {"1e-999999999"},
		{"1e" + nines, "10e" + nines[:39] + "8", "0.1e1" + strings.Repeat("0", 40)},
		{"1e99999999999999999999", "10e99999999999999999998", "0.1e100000000000000000000"},
		{"1e99999999999999999998"}, {"-1e99999999999999999999"}, {"2e99999999999999999999"},
		{"1e999999999999999999", "0.1e1000000000000000000", "10e999999999999999998"}, {"-1e999999999999999999", "-0.01e1000000000000000001"},
		{"1e-999999999999999999", "10e-1000000000000000000"}, {"1e1000000000000000000"},
		{"1e-99999999999999999999", "0.1e-99999999999999999998"},
	}
	for i, class := range classes {
		for _, a := range class {
			for j, other := range classes {
				for _, b := range other {
					if got := Equal([]byte(a), []byte(b)); got != (i == j) {
						t.Errorf("%s and %s: got %v", a, b, got)
					}
				}
			}
		}
	}
}

func TestEqualNumbersIsCheap(t *testing.T) {
	a, b := []byte("1e999999999"), []byte("1e-999999999")
	if n := testing.AllocsPerRun(10, func() { Equal(a, b) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzEqual(f *testing.F) {
	f.Add([]byte(`{"a":[1,{"b":2.50}],"c":null}`), []byte(`{"c":null,"a":[1.0,{"b":25e-1}]}`))
	f.Add([]byte(`-0.1e5`), []byte(`-10000`))
	f.Fuzz(func(t *testing.T, a, b []byte) {
		a, b = fuzzDocument(t, a), fuzzDocument(t, b)
		if a == nil || b == nil {
			return
		}
		want, ok := naiveEqual(parseTree(t, a), parseTree(t, b))
		if !ok {
			return
		}
		if got := Equal(a, b); got != want {
			t.Fatalf("%s and %s: got %v", a, b, got)
		}
		if Equal(b, a) != want {
			t.Fatalf("%s and %s: not symmetrical", a, b)
		}
		if !Equal(a, a) {
			t.Fatalf("%s does not equal itself", a)
		}
	})
}

// naiveEqual reports not ok if there is an exponent that big.Rat should not be asked to expand.
func naiveEqual(a, b tree) (equal, ok bool) {
	switch a := a.(type) {
	case *object:
		b, isObject := b.(*object)
		if !isObject || len(a.names) != len(b.names) {
			return false, true
		}
		for _, name := range a.names {
			other, present := b.values[name]
			if !present {
				return false, true
			}
			if equal, ok := naiveEqual(a.values[name], other); !equal || !ok {
				return equal, ok
			}
		}
		return true, true
	case []tree:
		b, isArray := b.([]tree)
		if !isArray || len(a) != len(b) {
			return false, true
		}
		for i := range a {
			if equal, ok := naiveEqual(a[i], b[i]); !equal || !ok {
				return equal, ok
			}
		}
		return true, true
	}
	x, ok1 := rational(a)
	y, ok2 := rational(b)
	if x != nil && y != nil {
		return x.Cmp(y) == 0, true
	}
	return a == b, ok1 && ok2
}

// rational returns the value of a number, or nil and false if it is too large, or nil and true if v is no number.
func rational(v tree) (*big.Rat, bool) {
	if _, ok := v.(*object); ok {
		return nil, true
	}
	s := fmt.Sprintf("%s", v)
	if fmt.Sprintf("%T", v) != "json.Number" {
		return nil, true
	}
	if e := strings.IndexAny(s, "eE"); e >= 0 {
		if n, err := strconv.Atoi(s[e+1:]); err != nil || n > 2000 || n < -2000 {
			return nil, false
		}
	}
	r, ok := new(big.Rat).SetString(s)
	return r, ok
}
