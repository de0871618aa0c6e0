package rql

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// written returns an expression as text that shows its structure: properties in
// brackets, values with their kind.
func written(x Expression) string {
	switch x := x.(type) {
	case Comparison:
		return fmt.Sprintf("%s([%s] %s)", x.Operator, x.Property.Name, writtenValue(x.Value))
	case Membership:
		var values []string
		for _, v := range x.Values {
			values = append(values, writtenValue(v))
		}
		return fmt.Sprintf("in([%s] %s)", x.Property.Name, strings.Join(values, " "))
	case Presence:
		return fmt.Sprintf("%s([%s])", x.Test, x.Property.Name)
	case Negation:
		return fmt.Sprintf("not(%s)", written(x.Operand))
	case Combination:
		var operands []string
		for _, o := range x.Operands {
			operands = append(operands, written(o))
		}
		return fmt.Sprintf("%s(%s)", x.Connective, strings.Join(operands, " "))
	}
	return fmt.Sprintf("%T", x)
}

func writtenValue(v Value) string {
	switch v.Kind {
	case String:
		return fmt.Sprintf("%q", v.Text)
	case Placeholder:
		return fmt.Sprintf("%s%+v", v.Text, *v.Time)
	case Null:
		return "null"
	}
	return map[ValueKind]string{Number: "#", Boolean: "?"}[v.Kind] + v.Text
}

func TestExpressions(t *testing.T) {
	tests := []struct{ text, want string }{
		{`eq(attributes/a,1)`, `eq([attributes/a] #1)`},
		{`ne(attributes/a,"x")`, `ne([attributes/a] "x")`},
		{`gt(attributes/a,1.50)`, `gt([attributes/a] #1.50)`},
		{`ge(attributes/a,-9223372036854775808)`, `ge([attributes/a] #-9223372036854775808)`},
		{`lt(attributes/a,+9223372036854775807)`, `lt([attributes/a] #+9223372036854775807)`},
		{`le(attributes/a,0)`, `le([attributes/a] #0)`},
		{`eq(attributes/a,-0.0)`, `eq([attributes/a] #-0.0)`},
		{`like(thingId,"a:*?")`, `like([thingId] "a:*?")`},
		{`ilike(thingId,'A:*')`, `ilike([thingId] "A:*")`},
		{`eq(a,true)`, `eq([a] ?true)`},
		{`eq(a,false)`, `eq([a] ?false)`},
		{`eq(a,null)`, `eq([a] null)`},
		{`in(a,1)`, `in([a] #1)`},
		{`in(a,1,"2" ,true)`, `in([a] #1 "2" ?true)`},
		{`exists(features/lamp)`, `exists([features/lamp])`},
		{`empty(attributes/a)`, `empty([attributes/a])`},
		{`not(exists(a))`, `not(exists([a]))`},
		{`and(exists(a))`, `and(exists([a]))`},
		{`or(exists(a),exists(b), exists(c))`, `or(exists([a]) exists([b]) exists([c]))`},
		{`and(not(or(exists(a),eq(b,1))),in(c,2))`, `and(not(or(exists([a]) eq([b] #1))) in([c] #2))`},

		// Blanks are allowed in three places, and belong to the name in a fourth.
		{" \t\r\n\feq(a,1)", `eq([a] #1)`},
		{"eq(a,1 \n)", `eq([a] #1)`},
		{"and(exists(a), \t exists(b))", `and(exists([a]) exists([b]))`},
		{"exists( a )", `exists([ a ])`},
		{"eq(a b ,1)", `eq([a b ] #1)`},

		// One slash before a name does not count. Everything but four characters can
		// be in a name.
		{`exists(/attributes/a)`, `exists([attributes/a])`},
		{`exists(//a)`, `exists([/a])`},
		{`exists(features/*/properties/ü('x)`, `exists([features/*/properties/ü('x])`},
		{`exists(a\,b)`, ""},
		{`exists(a\"b\\c\/d)`, `exists([a"b\c/d])`},
		{`exists(a\u0029)`, `exists([a)])`},

		// Escape sequences in strings, each quote in its own.
		{`eq(a,"\"\\\/\b\f\n\r\t\u0041")`, `eq([a] "\"\\/\b\f\n\r\tA")`},
		{`eq(a,'\'"')`, `eq([a] "'\"")`},
		{`eq(a,"'")`, `eq([a] "'")`},
		{`eq(a,"\ud83d\ude00\u00e4")`, `eq([a] "😀ä")`},
		{`eq(a,"\ud83d")`, `eq([a] "` + "\uFFFD" + `")`},
		{`eq(a,"\ud83d\u0041")`, `eq([a] "` + "\uFFFD" + `A")`},
		{`eq(a,"")`, `eq([a] "")`},

		// Times.
		{`gt(_modified,time:now)`, `gt([_modified] time:now{Millis:false Offset:0 Unit:s Truncate:})`},
		{`gt(_modified,time:now-1h)`, `gt([_modified] time:now-1h{Millis:false Offset:-1 Unit:h Truncate:})`},
		{`gt(_modified,time:now-2d[d])`, `gt([_modified] time:now-2d[d]{Millis:false Offset:-2 Unit:d Truncate:d})`},
		{`gt(a,time:now_epoch_millis+5)`, `gt([a] time:now_epoch_millis+5{Millis:true Offset:5 Unit:s Truncate:})`},
		{`gt(a,time:now+1mo[ms])`, `gt([a] time:now+1mo[ms]{Millis:false Offset:1 Unit:mo Truncate:ms})`},
		{`gt(a,time:now[w])`, `gt([a] time:now[w]{Millis:false Offset:0 Unit:s Truncate:w})`},
		{`in(a,time:now,1)`, `in([a] time:now{Millis:false Offset:0 Unit:s Truncate:} #1)`},
	}
	for _, tt := range tests {
		x, err := Parse(tt.text)
		if tt.want == "" {
			if err == nil {
				t.Errorf("%q: parsed as %s", tt.text, written(x))
			}
			continue
		}
		if err != nil {
			t.Errorf("%q: %v", tt.text, err)
			continue
		}
		if diff := cmp.Diff(tt.want, written(x)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", tt.text, diff)
		}
	}
}

func TestWhatIsNoExpression(t *testing.T) {
	const syntax = "invalid RQL expression at byte "
	tests := []struct{ text, want string }{
		{``, `0: expected an operator with its parentheses`},
		{`eq`, `2: expected an opening parenthesis`},
		{`EQ(a,1)`, `0: expected an operator with its parentheses, found "EQ(a,1)"`},
		{`eq (a,1)`, `0: expected an operator with its parentheses, found "eq (a,1)"`},
		{`near(a,1)`, `0: expected an operator with its parentheses, found "near(a,1)"`},
		{`eq(a,1) `, `7: expected the end, found " "`},
		{`eq(a,1)eq(a,1)`, `7: expected the end, found "eq(a,1)"`},
		{`eq(a,1`, `6: expected a closing parenthesis`},
		{`eq(a)`, `4: expected a comma, found ")"`},
		{`eq(a,)`, `5: expected a value, found ")"`},
		{`eq(,1)`, `3: expected a property, found ",1)"`},
		{`eq(/,1)`, `4: expected a property, found ",1)"`},
		{`exists()`, `7: expected a property, found ")"`},
		{`exists(a,b)`, `8: expected a closing parenthesis, found ",b)"`},
		{`exists(a`, `8: expected a closing parenthesis`},
		{`eq(a, 1)`, `5: expected a value, found " 1)"`},
		{`eq(a,-0)`, `5: expected a number of at most 64 bits, found "-0)"`},
		{`eq(a,01)`, `6: expected a closing parenthesis, found "1)"`},
		{`eq(a,1.)`, `6: expected a closing parenthesis, found ".)"`},
		{`eq(a,.5)`, `5: expected a value, found ".5)"`},
		{`eq(a,1e5)`, `6: expected a closing parenthesis, found "e5)"`},
		{`eq(a,9223372036854775808)`, `5: expected a number of at most 64 bits, found "9223372036854775808)"`},
		{`eq(a,trues)`, `9: expected a closing parenthesis, found "s)"`},
		{`eq(a,TRUE)`, `5: expected a value, found "TRUE)"`},
		{`eq(a,b)`, `5: expected a value, found "b)"`},
		{`eq(a,header:b)`, `5: expected a value, found "header:b)"`},
		{`eq(a,"b)`, `8: expected the closing quote`},
		{`eq(a,'b")`, `9: expected the closing quote`},
		{`eq(a,"\x")`, `6: expected an escape sequence, found "\\x\")"`},
		{`eq(a,"\'")`, `6: expected an escape sequence, found "\\'\")"`},
		{`eq(a,"\u00g0")`, `6: expected an escape sequence, found "\\u00g0\")"`},
		{`eq(a,"\u+041")`, `6: expected an escape sequence, found "\\u+041\")"`},
		{`eq(a,"\`, `6: expected an escape sequence, found "\\"`},
		{`exists(a"b)`, `8: expected a closing parenthesis, found "\"b)"`},
		{`like(a,1)`, `7: expected a string, found "1)"`},
		{`ilike(a,null)`, `8: expected a string, found "null)"`},
		{`in(a)`, `4: expected a comma, found ")"`},
		{`in(a,1,null)`, `7: expected a value other than null, found "null)"`},
		{`not()`, `4: expected an operator with its parentheses, found ")"`},
		{`not(exists(a),exists(b))`, `13: expected a closing parenthesis, found ",exists(b))"`},
		{`not( exists(a))`, `4: expected an operator with its parentheses, found " exists(a))"`},
		{`and()`, `4: expected an operator with its parentheses, found ")"`},
		{`and(exists(a) ,exists(b))`, `13: expected a closing parenthesis, found " ,exists(b))"`},
		{`and(exists(a),)`, `14: expected an operator with its parentheses, found ")"`},
		{`gt(a,time:later)`, `5: expected a time such as time:now-1h[d], found "time:later)"`},
		{`gt(a,time:now-1x)`, `5: expected a time such as time:now-1h[d], found "time:now-1x)"`},
		{`gt(a,time:now )`, `5: expected a time such as time:now-1h[d], found "time:now )"`},
		{"eq(a,\xff)", `0: expected UTF-8`},
	}
	for _, tt := range tests {
		x, err := Parse(tt.text)
		if err == nil {
			t.Errorf("%q: parsed as %s", tt.text, written(x))
			continue
		}
		if err.Error() != syntax+tt.want || !errors.Is(err, ErrSyntax) {
			t.Errorf("%q: error\n%s, want\n%s", tt.text, err, syntax+tt.want)
		}
	}
}

func TestExpressionsAreBounded(t *testing.T) {
	nested := func(depth int) string {
		return strings.Repeat("not(", depth-1) + "exists(a)" + strings.Repeat(")", depth-1)
	}
	long := func(size int) string { return "exists(" + strings.Repeat("a", size-len("exists()")) + ")" }
	for _, tt := range []struct {
		text string
		want error
	}{
		{nested(MaxDepth), nil},
		{nested(MaxDepth + 1), ErrTooComplex},
		{strings.Repeat("and(", MaxLength/4), ErrTooComplex},
		{long(MaxLength), nil},
		{long(MaxLength + 1), ErrTooComplex},
	} {
		if _, err := Parse(tt.text); !errors.Is(err, tt.want) {
			t.Errorf("%.20s… of %d bytes: error %v, want %v", tt.text, len(tt.text), err, tt.want)
		}
	}
}

func TestPropertiesOfSignals(t *testing.T) {
	const (
		everywhere = "compared and asked for"
		presence   = "asked for"
		nowhere    = "unknown"
	)
	for name, want := range map[string]string{
		"thingId": everywhere, "policyId": everywhere, "definition": everywhere, "_namespace": everywhere,
		"_revision": everywhere, "_modified": everywhere, "_created": everywhere,
		"/thingId": everywhere, "thingId/a": nowhere, "namespace": nowhere, "other": nowhere,
		"attributes/a": everywhere, "attributes/a/b": everywhere, "attributes": nowhere, "attributes/": nowhere,
		"features/f/properties/a": everywhere, "features/f/desiredProperties/a/b": everywhere, "features/f/definition": everywhere,
		"features/*/properties/a": everywhere,
		"features/f":              presence, "features/f/properties": presence, "features/f/desiredProperties": presence,
		"features": nowhere, "features/f/other": nowhere, "features/f/other/a": nowhere, "features//properties/a": nowhere,
		"_metadata/a": everywhere, "_metadata": nowhere,
		"topic:full": everywhere, "topic:namespace": everywhere, "topic:entityName": everywhere, "topic:group": everywhere,
		"topic:channel": everywhere, "topic:criterion": everywhere, "topic:action": everywhere, "topic:subject": everywhere,
		"topic:action-subject": everywhere, "topic:other": nowhere,
		"resource:path": everywhere, "resource:type": everywhere, "resource:other": nowhere,
		"entity:id": everywhere, "entity:namespace": everywhere, "entity:name": everywhere, "thing:id": everywhere,
		"feature:id": everywhere, "feature:name": nowhere,
		"header:a": nowhere, "time:now": nowhere,
	} {
		for _, tt := range []struct {
			text  string
			known bool
		}{
			{"eq(" + name + ",1)", want == everywhere},
			{"in(" + name + ",1)", want == everywhere},
			{"exists(" + name + ")", want != nowhere},
			{"and(exists(thingId),or(not(empty(" + name + "))))", want != nowhere},
		} {
			x, err := Parse(tt.text)
			if err != nil {
				t.Errorf("%s: %v", tt.text, err)
				continue
			}
			if err := CheckSignal(x); (err == nil) != tt.known || err != nil && !errors.Is(err, ErrProperty) {
				t.Errorf("%s: error %v, known %v", tt.text, err, tt.known)
			}
		}
	}
}

func TestErrorsOfPropertiesSayWhere(t *testing.T) {
	x, err := Parse(`and(exists(thingId), eq(temperature,1))`)
	if err != nil {
		t.Fatal(err)
	}
	want := `unknown property at byte 24, found "temperature"`
	if err := CheckSignal(x); err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
}
