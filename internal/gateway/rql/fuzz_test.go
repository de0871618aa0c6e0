package rql

import (
	"errors"
	"testing"
	"unicode/utf8"
)

// FuzzParse: whatever the text, it is an expression within the bounds or refused
// with one of the errors that there are, which says where.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		`and(gt(attributes/temperature,20.5), or(exists(features/lamp), in(thingId,"a:1",'a:2')), not(like(definition,"x:*")))`,
		`eq(a,"\ud83d\ude00")`, `gt(_modified,time:now-2d[d])`, `eq(a\u0029,null)`, `empty(/a )`, `ne(a,-0)`, `in(a,`, `not(`, "\f",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		x, err := Parse(text)
		if err == nil {
			mustHold(t, x, 1)
			_ = CheckSignal(x)
			return
		}
		typed, ok := errors.AsType[*Error](err)
		if !ok || x != nil || len(err.Error()) > 400 {
			t.Fatalf("expression %v with error %v", x, err)
		}
		if typed.Offset < 0 || typed.Offset > len(text) {
			t.Fatalf("the error is at byte %d of %d", typed.Offset, len(text))
		}
	})
}

// mustHold checks what the documentation of expressions promises.
func mustHold(t *testing.T, x Expression, depth int) {
	if depth > MaxDepth {
		t.Fatal("nested too deep")
	}
	switch x := x.(type) {
	case Comparison:
		mustBeProperty(t, x.Property)
		if (x.Operator == Like || x.Operator == LikeIgnoringCase) && x.Value.Kind != String {
			t.Fatalf("%s of %v", x.Operator, x.Value)
		}
		if (x.Value.Kind == Placeholder) != (x.Value.Time != nil) || !utf8.ValidString(x.Value.Text) {
			t.Fatalf("value %+v", x.Value)
		}
	case Membership:
		mustBeProperty(t, x.Property)
		if len(x.Values) == 0 {
			t.Fatal("no value")
		}
	case Presence:
		mustBeProperty(t, x.Property)
	case Negation:
		mustHold(t, x.Operand, depth+1)
	case Combination:
		if len(x.Operands) == 0 {
			t.Fatal("no operand")
		}
		for _, o := range x.Operands {
			mustHold(t, o, depth+1)
		}
	default:
		t.Fatalf("expression %T", x)
	}
}

func mustBeProperty(t *testing.T, p Property) {
	if p.Name == "" || !utf8.ValidString(p.Name) {
		t.Fatalf("property %q", p.Name)
	}
}
