package thing

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/rql"
)

// patchConditions returns a header with n conditions of length bytes each, with their quotes.
func patchConditions(n, length int) string {
	var b strings.Builder
	for i := range n {
		predicate := `exists(attributes/`
		predicate += strings.Repeat("x", length-len(predicate)-len(`)""`)) + `)`
		fmt.Fprintf(&b, `,"k%d":"%s"`, i, predicate)
	}
	return `"merge-thing-patch-conditions":{` + strings.TrimPrefix(b.String(), ",") + `}`
}

// TestBoundsOfConditions checks how much of predicates a command may have.
func TestBoundsOfConditions(t *testing.T) {
	const most = maxPatchConditionLength / 4
	long := strings.Repeat("x", rql.MaxLength)
	for name, tc := range map[string]struct{ header, want string }{
		"as many conditions of a patch as there may be": {patchConditions(maxPatchConditions, 40), ""},
		"one more":                    {patchConditions(maxPatchConditions+1, 40), "400 things:condition.invalid"},
		"as long as they may be":      {patchConditions(4, most), ""},
		"longer":                      {strings.Replace(patchConditions(4, most), "attributes/x", "attributes/xx", 1), "400 things:condition.invalid"},
		"the longest condition":       {`"condition":"exists(attributes/` + long[len(`exists(attributes/)`):] + `)"`, ""},
		"too long a condition":        {`"condition":"exists(attributes/` + long[len(`exists(attributes/)`)-1:] + `)"`, "400 things:condition.invalid"},
		"too deep a condition":        {`"condition":"` + strings.Repeat("not(", 64) + `exists(attributes/a)` + strings.Repeat(")", 64) + `"`, "400 things:condition.invalid"},
		"too long one for the device": {`"live-channel-condition":"exists(attributes/` + long + `)"`, "405 things:live.channelcondition.notallowed"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := NewCommand(decode(t, `{"topic":"ns/t/things/twin/commands/merge","path":"/attributes",`+
				`"headers":{"content-type":"application/merge-patch+json",`+tc.header+`},"value":{"a":1}}`))
			if got := codeOf(err); got != tc.want {
				t.Errorf("refused with %q, want %q", got, tc.want)
			}
			if err != nil && len(err.Message)+len(err.Description) > 1000 {
				t.Errorf("the error has %d bytes: %s", len(err.Message), err.Message)
			}
		})
	}
}

// TestConditionsThatTakeTooMuchWork checks that nothing is done, and nothing withheld, because of a condition that could not be
// decided on: its sender is told.
func TestConditionsThatTakeTooMuchWork(t *testing.T) {
	st := &State{Revision: 1, Created: created, Modified: modified, Doc: []byte(`{"thingId":"ns:t","policyId":"ns:p","attributes":{"list":[` +
		strings.Repeat(`"`+strings.Repeat("a", 99)+`",`, 900) + `0]}}`)}
	like := `like(attributes/list,\"` + "*" + strings.Repeat("a", 110) + `b\")`
	endless := `or(` + strings.Repeat(like+`,`, 7) + like + `)`
	for _, frame := range []string{
		`"topic":"ns/t/things/twin/commands/modify","path":"/attributes/a","value":1,"headers":{"condition":"` + endless + `"}`,
		`"topic":"ns/t/things/twin/commands/retrieve","path":"/","headers":{"condition":"not(` + endless + `)"}`,
		`"topic":"ns/t/things/twin/commands/merge","path":"/attributes","value":{"a":1},"headers":{` +
			`"content-type":"application/merge-patch+json","merge-thing-patch-conditions":{"a":"` + endless + `"}}`,
	} {
		outcome, err := decideFrame([]byte(`{`+frame+`}`), st, Limits{MaxSize: DefaultMaxSize}, newWorld(me))
		if got := codeOf(err); got != "400 things:condition.invalid" || outcome.State != nil || outcome.Response.Status != 0 {
			t.Errorf("refused with %q, answered with %d", got, outcome.Response.Status)
		} else if !strings.Contains(err.Description, rql.ErrTooMuchWork.Error()) {
			t.Errorf("refused with description %q", err.Description)
		}
	}
	// Each of these is little enough work.
	var shared strings.Builder
	for i := range 6 {
		fmt.Fprintf(&shared, `,"%c":"%s"`, 'a'+i, like)
	}
	for count, want := range map[string]string{`{"a":1,"b":2,"c":3}`: "", `{"a":1,"b":2,"c":3,"d":4,"e":5,"f":6}`: "400 things:condition.invalid"} {
		_, err := decideFrame([]byte(`{"topic":"ns/t/things/twin/commands/merge","path":"/attributes","value":`+count+`,"headers":{`+
			`"content-type":"application/merge-patch+json","merge-thing-patch-conditions":{`+shared.String()[1:]+`}}}`), st,
			Limits{MaxSize: DefaultMaxSize}, newWorld(me))
		if got := codeOf(err); got != want {
			t.Errorf("%s: refused with %q, want %q", count, got, want)
		}
	}
	several := decode(t, `{"topic":"_/_/things/twin/commands/retrieve","path":"/","value":{"thingIds":["ns:t"]},"headers":{"condition":"`+endless+`"}}`)
	r, err := NewRetrieveThings(several)
	if err != nil {
		t.Fatal(err)
	}
	if part, err := r.Part(st, newWorld(me), now, nil); codeOf(err) != "400 things:condition.invalid" || part != nil {
		t.Errorf("of several: %d bytes, refused with %q", len(part), codeOf(err))
	}
}

// TestReadPermissionOfConditions checks for all parts of a thing who may ask for them: who may read all of the part.
func TestReadPermissionOfConditions(t *testing.T) {
	for _, tc := range []struct {
		predicate, at, below string
		visible              bool // to all who may read anything
	}{
		{predicate: "eq(policyId,'x')", at: "/policyId"},
		{predicate: "eq(definition,'x')", at: "/definition"},
		{predicate: "eq(attributes/a,1)", at: "/attributes/a", below: "/attributes/a/b"},
		{predicate: "exists(attributes/o/x)", at: "/attributes/o/x", below: "/attributes/o/x/y/z"},
		{predicate: "empty(features/f)", at: "/features/f", below: "/features/f/definition"},
		{predicate: "in(features/f/definition,'x')", at: "/features/f/definition", below: "/features/f/definition/x"},
		{predicate: "exists(features/f/properties)", at: "/features/f/properties", below: "/features/f/properties/o/x"},
		{predicate: "like(features/f/properties/o/x,'x')", at: "/features/f/properties/o/x", below: "/features/f/properties/o/x/y"},
		{predicate: "exists(features/f/desiredProperties)", at: "/features/f/desiredProperties", below: "/features/f/desiredProperties/p"},
		{predicate: "lt(features/f/desiredProperties/p,1)", at: "/features/f/desiredProperties/p", below: "/features/f/desiredProperties/p/x"},
		{predicate: "eq(_metadata/features/f/properties/p,1)", at: "/features/f/properties/p", below: "/features/f/properties/p/x"},
		{predicate: "eq(_metadata/attributes/o/x/unit,1)", at: "/attributes/o/x/unit", below: "/attributes/o/x/unit/y"},
		{predicate: "eq(thingId,'x')", at: "/thingId", visible: true},
		{predicate: "eq(_revision,1)", at: "/_revision", visible: true},
		{predicate: "eq(_created,1)", at: "/_created", visible: true},
		{predicate: "eq(_modified,1)", at: "/_modified", visible: true},
		{predicate: "eq(_namespace,1)", at: "/_namespace", visible: true},
	} {
		rights := map[string]bool{
			"": false, "+w /": false, "+r /": true, "+r " + tc.at: true,
			"+r / -r " + tc.at:     tc.visible,
			"+r / -r /x":           true,
			"+r /x":                tc.visible,
			"+rw policy:/":         false,
			"+w / +r message:/x":   false,
			"+r " + tc.at + "more": tc.visible,
		}
		if tc.below != "" {
			rights["+r "+tc.below] = false
			rights["+r / -r "+tc.below] = false
			rights["+r / -r "+tc.below+" +r "+tc.below+"/again"] = false
		}
		p, err := rql.CompileCondition(tc.predicate)
		if err != nil {
			t.Fatal(err)
		}
		for pairs, want := range rights {
			got := authorizeCondition(p, rightsOf(t, pairs))
			if got == nil != want || got != nil && (got.Code != "things:condition.failed" || got.Status != 412) {
				t.Errorf("%s with %q: %v, want allowed: %t", tc.predicate, pairs, got, want)
			}
		}
	}
	if err := authorizeCondition(nil, nil); err != nil {
		t.Errorf("without a condition: %v", err)
	}
}

// TestConditionsDoNotChangeTheCommand checks that a command that is decided again, on another state, has all of its patch.
func TestConditionsDoNotChangeTheCommand(t *testing.T) {
	c, err := NewCommand(decode(t, `{"topic":"ns/t/things/twin/commands/merge","path":"/attributes","value":{"a":5,"b":6},"headers":{`+
		`"content-type":"application/merge-patch+json","merge-thing-patch-conditions":{"a":"gt(_revision,7)"}}}`))
	if err != nil {
		t.Fatal(err)
	}
	newer := *fixtures["lamp"]
	newer.Revision++
	for _, tc := range []struct {
		st   *State
		want string
	}{
		{fixtures["lamp"], `{"b":6}`}, {&newer, `{"a":5,"b":6}`}, {fixtures["lamp"], `{"b":6}`},
	} {
		outcome, err := Decide(tc.st, c, newWorld(me), now, Limits{MaxSize: DefaultMaxSize})
		if err != nil || string(outcome.Event.Value) != tc.want {
			t.Errorf("at revision %d: event %s (%v), want %s", tc.st.Revision, eventValue(outcome.Event), err, tc.want)
		}
	}
}

// TestRetrieveThingsWithCondition checks that what of several things is not as demanded is left out, without telling whether it
// is the thing or the permission.
func TestRetrieveThingsWithCondition(t *testing.T) {
	for _, tc := range []struct{ condition, rights, want string }{
		{"eq(attributes/a,1)", "+r /", lamp},
		{"eq(attributes/a,2)", "+r /", ""},
		{"eq(attributes/a,1)", "+r /attributes/a", `{"thingId":"ns:t","attributes":{"a":1}}`},
		{"eq(attributes/a,1)", "+r /attributes/o", ""},
		{"ne(attributes/a,1)", "+r /attributes/o", ""},
		{"eq(_revision,7)", "+r /attributes/a", `{"thingId":"ns:t","attributes":{"a":1}}`},
		{"lt(_modified,time:now-31d)", "+r /", lamp},
		{"lt(_modified,time:now-32d)", "+r /", ""},
		{"eq(_revision,7)", "+w /", ""},
	} {
		r, err := NewRetrieveThings(decode(t, fmt.Sprintf(
			`{"topic":"_/_/things/twin/commands/retrieve","path":"/","value":{"thingIds":["ns:t"]},"headers":{"condition":%q}}`, tc.condition)))
		if err != nil {
			t.Fatal(err)
		}
		who := newWorld(me)
		who.permit("ns:p", tc.rights)
		part, err := r.Part(fixtures["lamp"], who, now.In(time.FixedZone("elsewhere", 3600)), nil)
		if string(part) != tc.want || err != nil {
			t.Errorf("%s with %s: %s (%v), want %s", tc.condition, tc.rights, part, err, tc.want)
		}
	}
}

func TestRetrieveThingsRefusesConditions(t *testing.T) {
	for header, want := range map[string]string{
		`"condition":"x"`: "400 things:condition.invalid",
		`"condition":"eq(topic:action,'retrieve')"`:         "400 things:condition.invalid",
		`"live-channel-condition":"x"`:                      "400 things:condition.invalid",
		`"live-channel-condition":"exists(features/f)"`:     "400 header.notsupported",
		`"merge-thing-patch-conditions":{"attributes":"x"}`: "",
	} {
		env := decode(t, `{"topic":"_/_/things/twin/commands/retrieve","path":"/","headers":{`+header+`},"value":{"thingIds":["ns:a"]}}`)
		if _, err := NewRetrieveThings(env); codeOf(err) != want {
			t.Errorf("%s: refused with %q, want %q", header, codeOf(err), want)
		}
	}
}

// TestConditionsOfLiveSignals checks the conditions of what is sent to a device: of a message, for example, which is no command.
func TestConditionsOfLiveSignals(t *testing.T) {
	for _, tc := range []struct{ condition, rights, want string }{
		{"eq(attributes/a,1)", everything, ""},
		{"eq(attributes/a,2)", everything, "412 things:condition.failed"},
		{"eq(attributes/a,1)", "+r /attributes/a", ""},
		{"eq(attributes/a,2)", "+r /attributes/a", "412 things:condition.failed"},
		{"eq(attributes/a,1)", "+r /attributes/o", "412 things:condition.failed lack of permission"},
		{"ne(attributes/a,1)", "+r /attributes/o", "412 things:condition.failed lack of permission"},
		{"eq(attributes/a,1)", "+w /", "412 things:condition.failed lack of permission"},
		{"eq(_revision,7)", "+r /attributes/o", ""},
		{"eq(_revision,8)", "+r /attributes/o", "412 things:condition.failed"},
		{"eq(_modified,time:now-2682061189ms)", "+r /attributes/o", ""},
		{"lt(_modified,time:now-2682061190ms)", "+r /attributes/o", "412 things:condition.failed"},
		{`eq(_metadata/attributes/a/unit,\"m\")`, "+r /attributes/a", ""},
		{`eq(_metadata/attributes/a/unit,\"m\")`, "+r /attributes/o", "412 things:condition.failed lack of permission"},
	} {
		env := decode(t, `{"topic":"ns/t/things/live/commands/retrieve","path":"/","headers":{"condition":"`+tc.condition+`"}}`)
		c, err := NewLiveCommand(env)
		if err != nil {
			t.Fatal(codeOf(err), err.Description)
		}
		rights := rightsOf(t, tc.rights)
		err = CheckCondition(c.Condition, fixtures["annotated"], rights, now.In(time.FixedZone("elsewhere", 3600)))
		got := codeOf(err)
		if err != nil && strings.Contains(err.Message, "permission") {
			got += " lack of permission"
		}
		if got != tc.want {
			t.Errorf("%s with %s: refused with %q, want %q", tc.condition, tc.rights, got, tc.want)
		}
	}
	if err := CheckCondition(nil, fixtures["lamp"], nil, now); err != nil {
		t.Errorf("no condition: refused with %s", codeOf(err))
	}
}

// TestAThingsFacts checks that what a predicate is told of a thing is what a retrieve shows.
func TestAThingsFacts(t *testing.T) {
	st := fixtures["lamp"]
	who := newWorld(me)
	for _, name := range []string{"_namespace", "_revision", "_created", "_modified"} {
		sel, err := document.ParseSelector(name)
		if err != nil {
			t.Fatal(err)
		}
		shown, _ := document.Get(View(st, st.Doc, sel, rightsOf(t, everything), who), document.Pointer{name})
		told, ok := facts{st}.AppendField([]byte("before"), name)
		if want := "before" + string(shown); !ok || string(told) != want || len(shown) == 0 {
			t.Errorf("%s: %s, want %s", name, told, want)
		}
	}
	if told, ok := (facts{st}).AppendField([]byte("before"), "_policy"); ok || string(told) != "before" {
		t.Errorf("_policy is %s", told)
	}
	if text, ok := (facts{st}).Placeholder("topic:action"); ok {
		t.Errorf("topic:action is %s", text)
	}
}

// BenchmarkCondition decides with a condition of three terms on a thing of 2 KB. For comparison with BenchmarkDecideModifyProperty.
func BenchmarkCondition(b *testing.B) {
	benchmarkDecide(b, everything, `{"topic":"ns/t/things/twin/commands/modify","headers":{"correlation-id":"c",`+
		`"condition":"and(eq(attributes/last,true), lt(features/coffee-brewer/properties/brewed-coffees,42), gt(_modified,\"2026-01-01T00:00:00Z\"))"},`+
		`"path":"/features/coffee-brewer/properties/brewed-coffees","value":42}`)
}

// BenchmarkConditionAlone evaluates that condition.
func BenchmarkConditionAlone(b *testing.B) {
	p, err := rql.CompileCondition(`and(eq(attributes/last,true), lt(features/coffee-brewer/properties/brewed-coffees,42), gt(_modified,"2026-01-01T00:00:00Z"))`)
	if err != nil {
		b.Fatal(err)
	}
	st, rights := largeThing(b), rightsOf(b, everything)
	b.ReportAllocs()
	for b.Loop() {
		if met, err := holds(p, st, now, nil); err != nil || !met || authorizeCondition(p, rights) != nil {
			b.Fatal(met, err)
		}
	}
}

// BenchmarkPatchConditions decides a merge of which one of two parts is left out.
func BenchmarkPatchConditions(b *testing.B) {
	benchmarkDecide(b, everything, `{"topic":"ns/t/things/twin/commands/merge","headers":{"content-type":"application/merge-patch+json",`+
		`"merge-thing-patch-conditions":{"attributes/last":"eq(attributes/last,true)","features/coffee-brewer":"gt(_revision,41)"}},`+
		`"path":"/","value":{"attributes":{"last":false},"features":{"coffee-brewer":{"properties":{"brewed-coffees":42}}}}}`)
}

// TestWorkOfConditionsIsSharedByThings checks that a condition may take for each of many things only a part of what it may take
// for one, but enough for an ordinary one on a large thing.
func TestWorkOfConditionsIsSharedByThings(t *testing.T) {
	list := &State{Revision: 1, Doc: []byte(`{"thingId":"ns:t","policyId":"ns:p","attributes":{"a":[` + strings.Repeat(`2,`, 2000) + `2]}}`)}
	large := &State{Revision: 1, Doc: []byte(`{"thingId":"ns:t","policyId":"ns:p","attributes":{"text":"` + strings.Repeat("x", 100_000) + `","a":1}}`)}
	terms := func(n int) string { return `or(` + strings.Repeat(`eq(attributes/a,7),`, n) + `eq(attributes/a,8))` }
	for _, tc := range []struct {
		things, terms int
		st            *State
		want          string
	}{
		{1, 60, list, ""}, {2, 60, list, "400 things:condition.invalid"}, {10, 5, list, ""}, {MaxThings, 5, list, "400 things:condition.invalid"},
		{MaxThings, 10, large, ""},
	} {
		ids := make([]string, tc.things)
		for i := range ids {
			ids[i] = fmt.Sprintf(`"ns:t%d"`, i)
		}
		r, err := NewRetrieveThings(decode(t, `{"topic":"_/_/things/twin/commands/retrieve","path":"/","headers":{"condition":"not(`+terms(tc.terms)+
			`)"},"value":{"thingIds":[`+strings.Join(ids, ",")+`]}}`))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.Part(tc.st, newWorld(me), now, nil); codeOf(err) != tc.want {
			t.Errorf("%d terms for each of %d things: %q, want %q", tc.terms, tc.things, codeOf(err), tc.want)
		}
	}
}

// TestWorkOfConditionsTellsNoSecret checks that it depends on nothing that the requester may not read whether a condition takes
// too much work: they could find out how much there is.
func TestWorkOfConditionsTellsNoSecret(t *testing.T) {
	who := newWorld(me)
	who.permit("ns:p", "+rw / -r /attributes/secret")
	outcomeOf := func(format string, terms, secret int) string {
		st := &State{Revision: 1, Created: created, Modified: modified, Doc: []byte(`{"thingId":"ns:t","policyId":"ns:p","attributes":{"secret":"` +
			strings.Repeat("x", secret) + `","list":[` + strings.Repeat(`2,`, 2000) + `2]}}`), Meta: []byte(`{"attributes":{"secret":{"by":"` +
			strings.Repeat("x", secret) + `"}}}`)}
		condition := `or(` + strings.Repeat(`eq(attributes/list,1),`, terms) + `ne(attributes/list,1))`
		_, err := decideFrame([]byte(`{`+fmt.Sprintf(format, condition)+`}`), st, Limits{MaxSize: 10 * DefaultMaxSize}, who)
		return codeOf(err)
	}
	for _, format := range []string{
		`"topic":"ns/t/things/twin/commands/retrieve","path":"/","headers":{"condition":"%s"}`,
		`"topic":"ns/t/things/twin/commands/merge","path":"/attributes","value":{"a":1},"headers":{` +
			`"content-type":"application/merge-patch+json","merge-thing-patch-conditions":{"a":"%s"}}`,
	} {
		seen := map[string]bool{}
		for terms := range 100 {
			alone := outcomeOf(format, terms, 0)
			if with := outcomeOf(format, terms, 100_000); with != alone {
				t.Errorf("with %d terms and a secret the answer is %q instead of %q", terms, with, alone)
			}
			seen[alone] = true
		}
		if !seen[""] || !seen["400 things:condition.invalid"] {
			t.Errorf("the answers are %v", seen)
		}
	}
}
