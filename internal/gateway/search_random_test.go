package gateway_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
)

// This file makes random things, policies, filters and options.

// chance is where random things come from.
type chance struct{ *rand.Rand }

func newChance(seed, stream uint64) chance { return chance{rand.New(rand.NewPCG(seed, stream))} }

func oneOf[T any](c chance, of ...T) T { return of[c.IntN(len(of))] }

// in tells whether something happens that happens once in n times.
func (c chance) in(n int) bool { return c.IntN(n) == 0 }

// The names that properties and features have.
var (
	searchNames = []string{
		"a", "b", "c", "k", "A", "ω", "😀x", "~", "a~1b", "sp ace", "com,ma", "pa)r(en", `quo"te`, "dot.", "*", "1", "\ue000",
		strings.Repeat("long", 40), strings.Repeat("long", 40) + "er",
	}
	searchFeatures   = []string{"f", "f", "g", "f!", "f ", "*", "ﬁ🙂", "~0", strings.Repeat("F", 120), strings.Repeat("F", 120) + "G"}
	searchNamespaces = []string{"a", "a.b", "a.b.c", "c-d", "c-d.e"}
)

// searchNumbers are numbers as they are in documents. Those without an exponent can be in filters, too, if they are whole only
// up to 64 bits.
var searchNumbers = []string{
	"0", "-0", "0.0", "1", "1.0", "1e0", "10e-1", "2", "-1", "-1.5", "2.5", "25e-1", "10", "20", "1e2", "100", "0.1", "0.10000000000000001",
	"9007199254740992", "9007199254740993", "-9007199254740993", "9223372036854775807", "123456789012345678901234567890", "1e30",
	"1e400", "-1e400", "1e-400", "0.000000000001", "1" + strings.Repeat("0", 79) + "1", "1" + strings.Repeat("0", 79) + "2",
	"0." + strings.Repeat("12", 45), "0." + strings.Repeat("12", 45) + "1", "-0." + strings.Repeat("12", 45) + "1",
}

// searchTexts are strings.
var searchTexts = func() []string {
	texts := []string{
		"", "a", "A", "ab", "aB", "abc", "b", "B", "é", "É", "ß", "😀", "😀a", "\uffee", "\ue000", "\U0010ffff", "line\nbreak", "tab\t", `"`, `\`, "'", "*", "a*",
		"?", "1", "1.0", "true", "null", "2020-01-01T00:00:00Z", "2099-01-01T00:00:00Z", "x y", " ", "~", "/", "a/b", "\u2028", "K", "ſ",
	}
	for _, around := range []string{"x", "é", "😀", "\uffee"} {
		for n := 254; n <= 258; n++ { // of bytes as the index has them
			width := map[string]int{"x": 1, "é": 2, "😀": 6, "\uffee": 3}[around]
			texts = append(texts, strings.Repeat(around, n/width)+strings.Repeat("y", n%width))
		}
		texts = append(texts, strings.Repeat(around, 300)+"a", strings.Repeat(around, 300)+"b")
	}
	return texts
}()

// document returns a random JSON value.
func (c chance) document(depth int) string {
	switch n := c.IntN(20); {
	case n < 6:
		return oneOf(c, searchNumbers...)
	case n < 8:
		return strconv.Itoa(c.IntN(30))
	case n < 12:
		return c.quoted(oneOf(c, searchTexts...), '"')
	case n < 14:
		return oneOf(c, "true", "false", "null")
	case n < 15:
		return oneOf(c, "{}", "[]", "[[]]", "[{}]", "[null]")
	case depth == 0:
		return oneOf(c, searchNumbers[:12]...)
	case n < 18:
		return c.object(depth - 1)
	}
	elements := make([]string, c.IntN(4))
	for i := range elements {
		elements[i] = c.document(depth - 1)
	}
	return "[" + strings.Join(elements, ",") + "]"
}

func (c chance) object(depth int) string {
	members := map[string]string{}
	for range 1 + c.IntN(4) {
		members[c.name()] = c.document(depth)
	}
	return c.members(members)
}

func (c chance) members(of map[string]string) string {
	var all []string
	for name, value := range of {
		all = append(all, c.quoted(name, '"')+":"+value)
	}
	slices.Sort(all) // so that a seed means the same again
	return "{" + strings.Join(all, ",") + "}"
}

// name returns the name of a property: mostly one of few, so that filters find something.
func (c chance) name() string {
	if c.in(3) {
		return oneOf(c, searchNames...)
	}
	return oneOf(c, searchNames[:4]...)
}

// quoted returns a string in quotes, with some characters written as escape sequences.
func (c chance) quoted(text string, quote rune) string {
	var b strings.Builder
	b.WriteRune(quote)
	for _, r := range text {
		switch {
		case r == quote || r == '\\':
			b.WriteRune('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r < ' ' || c.in(12):
			c.escaped(&b, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteRune(quote)
	return b.String()
}

func (chance) escaped(b *strings.Builder, r rune) {
	for _, unit := range utf16.Encode([]rune{r}) {
		fmt.Fprintf(b, `\u%04x`, unit)
	}
}

// thing returns a random thing under one of the policies. Things that are alike all have an attribute, of which most values are
// numbers.
func (c chance) thing(policies []string, alike bool) string {
	members := map[string]string{"policyId": strconv.Quote(oneOf(c, policies...))}
	switch {
	case alike:
		value := strconv.Itoa(c.IntN(30))
		if c.in(8) {
			value = c.document(2)
		}
		members["attributes"] = `{"a":` + value + `,"b":` + c.document(1) + `}`
	case !c.in(6):
		members["attributes"] = c.object(3)
	}
	if c.in(3) {
		members["definition"] = oneOf(c, `"org.acme:lamp:1"`, `"org.acme:lamp:2"`, `"org.b:pump:1"`)
	}
	if !c.in(6) {
		features := map[string]string{}
		for range c.IntN(4) {
			features[oneOf(c, searchFeatures...)] = c.feature()
		}
		members["features"] = c.members(features)
	}
	return c.members(members)
}

func (c chance) feature() string {
	members := map[string]string{}
	if c.in(3) {
		members["definition"] = oneOf(c, `["org.acme:lamp:1"]`, `["org.b:pump:1","org.acme:lamp:1"]`)
	}
	for _, name := range []string{"properties", "desiredProperties"} {
		if !c.in(3) {
			members[name] = oneOf(c, "{}", c.object(2), c.object(2), c.object(1))
		}
	}
	return c.members(members)
}

// property returns a property that can be compared, or one of which only the presence can be asked for.
func (c chance) property(presence bool) path {
	below := func(p ...string) path {
		for range 1 + c.IntN(4)*c.IntN(2) {
			p = append(p, c.name())
		}
		return p
	}
	feature := func() string { return oneOf(c, "*", oneOf(c, searchFeatures...)) }
	switch n := c.IntN(20); {
	case n < 9:
		return below("attributes")
	case n < 14:
		return below("features", feature(), oneOf(c, "properties", "properties", "desiredProperties"))
	case n < 15:
		return path{"features", feature(), "definition"}
	case n < 16:
		return below("_metadata", "attributes")
	case n < 18 && presence:
		return oneOf(c, path{"features", feature()}, path{"features", feature(), oneOf(c, "properties", "desiredProperties")})
	}
	return path{oneOf(c, "thingId", "policyId", "definition", "_revision", "_modified", "_created", "namespace")}
}

// filter returns a random filter.
func (c chance) filter(depth int, ids []string) *term {
	if depth > 0 && !c.in(3) {
		x := &term{op: oneOf(c, "and", "and", "or", "or", "not")}
		x.operands = append(x.operands, c.filter(depth-1, ids))
		for x.op != "not" && len(x.operands) < 4 && !c.in(2) {
			x.operands = append(x.operands, c.filter(depth-1, ids))
		}
		return x
	}
	x := &term{op: oneOf(c, "eq", "eq", "ne", "gt", "ge", "lt", "le", "in", "like", "ilike", "exists", "exists", "empty")}
	x.property = c.property(x.op == "exists" || x.op == "empty")
	switch x.op {
	case "exists", "empty":
	case "like", "ilike":
		x.values = []literal{c.pattern(x.property, ids)}
	case "in":
		for range 1 + c.IntN(4) {
			if v := c.literal(x.property, ids); v != nil { // null is no member
				x.values = append(x.values, v)
			}
		}
		if x.values == nil {
			x.values = []literal{true}
		}
	default:
		x.values = []literal{c.literal(x.property, ids)}
	}
	return x
}

// literal returns a value that a property may have.
func (c chance) literal(p path, ids []string) literal {
	switch p[0] {
	case "thingId":
		return oneOf(c, oneOf(c, ids...), "a", "a:", "b", "a.b:\ue000")
	case "namespace":
		return oneOf(c, searchNamespaces...)
	case "policyId":
		return "pol:p" + strconv.Itoa(c.IntN(9))
	case "definition":
		return oneOf(c, "org.acme:lamp:1", "org.b:pump:1")
	case "_revision":
		return number(strconv.Itoa(1 + c.IntN(5)))
	case "_modified", "_created":
		return oneOf[literal](c, moment("time:now-1h"), moment("time:now+1h"), "2020-01-01T00:00:00Z", "2099-01-01T00:00:00Z")
	}
	switch c.IntN(10) {
	case 0:
		return nil
	case 1:
		return c.in(2)
	case 2:
		return oneOf[literal](c, moment("time:now"), moment("time:now+2d"))
	case 3, 4, 5:
		return oneOf(c, searchTexts...)
	case 6:
		return number(strconv.Itoa(c.IntN(30)))
	}
	return number(oneOf(c, searchNumbers...))
}

// pattern returns a string with wildcards.
func (c chance) pattern(p path, ids []string) string {
	text := oneOf(c, searchTexts...)
	switch p[0] {
	case "thingId", "namespace":
		text = oneOf(c, ids...)
	case "definition", "policyId":
		text = oneOf(c, "org.acme:lamp:1", "pol:p1")
	case "_modified":
		return oneOf(c, "2*", "*Z", "20??-*")
	}
	runes := []rune(text)
	for range c.IntN(3) {
		if len(runes) == 0 {
			break
		}
		at := c.IntN(len(runes))
		runes = slices.Concat(runes[:at], oneOf(c, []rune("*"), []rune("?"), []rune("**")), runes[min(at+c.IntN(3), len(runes)):])
	}
	if c.in(2) {
		return string(runes) + "*"
	}
	return string(runes)
}

// text writes a filter as RQL.
func (c chance) text(x *term) string {
	var arguments []string
	if x.property != nil {
		arguments = append(arguments, c.named(x.property))
	}
	for _, v := range x.values {
		arguments = append(arguments, c.written(v))
	}
	separator := ","
	for _, o := range x.operands {
		arguments = append(arguments, c.text(o))
		separator = oneOf(c, ",", ", ")
	}
	return x.op + "(" + strings.Join(arguments, separator) + ")"
}

// named writes a property.
func (c chance) named(p path) string {
	var b strings.Builder
	if c.in(6) {
		b.WriteByte('/')
	}
	for i, name := range p {
		if i > 0 {
			b.WriteByte('/')
		}
		for _, r := range strings.ReplaceAll(name, "~", "~0") {
			if strings.ContainsRune(`,)"\`, r) {
				c.escaped(&b, r)
				continue
			}
			b.WriteRune(r)
		}
	}
	return b.String()
}

func (c chance) written(v literal) string {
	blank := oneOf(c, "", "", " ")
	switch v := v.(type) {
	case nil:
		return "null" + blank
	case bool:
		return strconv.FormatBool(v) + blank
	case moment:
		return string(v)
	case decimal:
		return v.literal() + blank
	}
	return c.quoted(v.(string), oneOf(c, '"', '\'')) + blank
}

// literal writes a number without an exponent, and with a fraction if it is too large for 64 bits.
func (d decimal) literal() string {
	if d.exact.IsInt() && d.exact.Num().IsInt64() {
		return d.exact.Num().String()
	}
	if _, fraction, ok := strings.Cut(d.text, "."); ok && strings.Trim(fraction, "0123456789") == "" {
		return d.text
	}
	if d.exact.IsInt() {
		return d.exact.Num().String() + ".0"
	}
	return d.exact.FloatString(420)
}

// orders returns what to sort by: often what the filter is about, nil for none.
func (c chance) orders(x *term) (all []order) {
	asked := x.sortable()
	for range c.IntN(4) {
		o := order{c.property(false), c.in(2)}
		if len(asked) > 0 && c.in(2) {
			o.property = oneOf(c, asked...)
		}
		same := func(other order) bool { return slices.Equal(other.property, o.property) }
		if o.sortable() && !slices.ContainsFunc(all, same) {
			all = append(all, o)
		}
	}
	return all
}

// along returns a filter about a property that many things have, and an order by that, so that it is worth to follow its values.
func (c chance) along(ids []string) (*term, []order) {
	p := path{"attributes", oneOf(c, "a", "b", "c")}
	x := &term{op: oneOf(c, "gt", "ge", "lt", "le", "ne", "exists"), property: p}
	if x.op != "exists" {
		x.values = []literal{oneOf[literal](c, number("0"), number("1"), number("5"), number("1e30"), "", "a", false, true)}
	}
	if c.in(3) {
		x = &term{op: "and", operands: []*term{x, c.filter(1, ids)}}
	}
	return x, append([]order{{p, c.in(2)}}, slices.DeleteFunc(c.orders(nil), func(o order) bool { return slices.Equal(o.property, p) })...)
}

// sortable returns the properties of a filter that things can be sorted by.
func (x *term) sortable() (all []path) {
	if x == nil {
		return nil
	}
	if x.property != nil && (order{property: x.property}).sortable() {
		all = append(all, x.property)
	}
	for _, o := range x.operands {
		all = append(all, o.sortable()...)
	}
	return all
}

// sortable tells whether the property is one of a single feature, or of none, and no container.
func (o order) sortable() bool {
	p := o.property
	return p[0] != "features" || p[1] != "*" && (len(p) > 3 || len(p) == 3 && p[2] == "definition")
}

// options writes the options of a search.
func (c chance) options(orders []order, size int) string {
	var options, keys []string
	for _, o := range orders {
		sign := oneOf(c, "+", "+", "%2B")
		if o.descending {
			sign = oneOf(c, "-", "-", "%2d")
		}
		keys = append(keys, sign+c.named(o.property))
	}
	if len(keys) > 0 {
		options = append(options, "sort("+strings.Join(keys, ",")+")")
	}
	if size > 0 {
		options = append(options, "size("+strconv.Itoa(size)+")")
	}
	if c.in(2) {
		slices.Reverse(options)
	}
	return strings.Join(options, ",")
}

// policy returns the entries of a random policy: the owner may do everything, users this and that.
func (c chance) policy(users []string, imports bool) string {
	entries := []string{searchEntry("owner", "pre:owner", "", `"thing:/":{"grant":["READ","WRITE"],"revoke":[]},"policy:/":{"grant":["READ","WRITE"],"revoke":[]}`)}
	for i := range c.IntN(5) {
		var resources []string
		if c.in(3) {
			resources = append(resources, `"thing:/":`+searchPermissions("READ", ""))
		}
		for range c.IntN(4) {
			resource := "thing:/" + c.resource()
			permissions := oneOf(c, searchPermissions("READ", ""), searchPermissions("READ", ""), searchPermissions("", "READ"), searchPermissions("WRITE", ""))
			if !strings.Contains(strings.Join(resources, ","), plain(resource)+":") {
				resources = append(resources, plain(resource)+":"+permissions)
			}
		}
		options := oneOf(c, "", "", `,"importable":"explicit"`, `,"importable":"never"`) + oneOf(c, "", "", "", `,"namespaces":["a"]`, `,"namespaces":["a.*","c-d"]`)
		entries = append(entries, searchEntry(fmt.Sprintf("e%d", i), oneOf(c, users...), options, strings.Join(resources, ",")))
	}
	text := `{"entries":{` + strings.Join(entries, ",") + `}`
	if imports {
		text += `,"imports":{"pol:base0":{},"pol:base1":{"entries":["e0","e1"]}}`
	}
	return text + "}"
}

// plain quotes text in the same way each time.
func plain(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) + `"`
}

// resource returns a part of things that can be read.
func (c chance) resource() string {
	p := oneOf(c, path{"attributes"}, path{"attributes", c.name()}, path{"attributes", c.name()}, path{"attributes", c.name(), c.name()}, path{"features"},
		path{"features", oneOf(c, searchFeatures...)}, path{"features", oneOf(c, searchFeatures...), "properties"},
		path{"features", oneOf(c, searchFeatures...), "properties", c.name()}, path{"definition"})
	for i := range p {
		p[i] = strings.ReplaceAll(p[i], "~", "~0")
	}
	return strings.Join(p, "/")
}

func searchPermissions(grant, revoke string) string {
	list := func(name string) string {
		if name == "" {
			return "[]"
		}
		return `["` + name + `"]`
	}
	return `{"grant":` + list(grant) + `,"revoke":` + list(revoke) + `}`
}

func searchEntry(label, subject, options, resources string) string {
	return fmt.Sprintf(`%q:{"subjects":{%q:{"type":"test"}},"resources":{%s}%s}`, label, subject, resources, options)
}
