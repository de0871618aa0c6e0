package query

import (
	"fmt"
	"strings"
	"testing"

	"github.com/twinway/twinway/internal/gateway/protocol"
)

// describe says what a query is, but for its filter.
func describe(q *Query) string {
	text := ""
	for _, k := range q.Sort {
		sign := "+"
		if k.Descending {
			sign = "-"
		}
		text += sign + k.Property + " "
	}
	return text + fmt.Sprint(q.Size)
}

func TestOptions(t *testing.T) {
	for text, want := range map[string]string{
		``:                                     "+thingId 25",
		`size(1)`:                              "+thingId 1",
		`size(200)`:                            "+thingId 200",
		`sort(+attributes/a)`:                  "+attributes/a +thingId 25",
		`sort(-attributes/a,+_modified)`:       "-attributes/a +_modified +thingId 25",
		`sort(+attributes/x,-thingId),size(5)`: "+attributes/x -thingId 5",
		`size(5),sort(-thingId)`:               "-thingId 5",

		// What comes behind the id, or for the second time, makes no difference.
		`sort(-thingId,+attributes/a)`:                          "-thingId 25",
		`sort(+attributes/a,-attributes/a,+policyId)`:           "+attributes/a +policyId +thingId 25",
		`sort(+policyId,-policyId,+policyId,-thingId,+thingId)`: "+policyId -thingId 25",

		// Everything that has one value.
		`sort(+policyId,+definition,+_revision,+_modified,+_created,+namespace)`: "+policyId +definition +_revision +_modified +_created +namespace +thingId 25",
		`sort(+features/f/properties/a/b,-features/f/desiredProperties/c)`:       "+features/f/properties/a/b -features/f/desiredProperties/c +thingId 25",
		`sort(+features/f/definition,-_metadata/attributes/a/k)`:                 "+features/f/definition -_metadata/attributes/a/k +thingId 25",
		`sort(+/attributes/a)`:                  "+attributes/a +thingId 25",
		`sort(+attributes/a b,-attributes/ä/😀)`: "+attributes/a b -attributes/ä/😀 +thingId 25",
		`sort(+attributes/a\u002cb\u0029\"\\c)`: `+attributes/a,b)"\c +thingId 25`,
		`sort(+attributes/a~1b~0c)`:             "+attributes/a~1b~0c +thingId 25",
		`sort(+attributes/*,+attributes/+)`:     "+attributes/* +attributes/+ +thingId 25",

		// Signs as they are in URLs.
		`sort(%2Battributes/a,%2bpolicyId,%2D_modified,%2ddefinition)`: "+attributes/a +policyId -_modified -definition +thingId 25",
		`sort(+attributes/%2B)`: "+attributes/%2B +thingId 25",
	} {
		q, err := Stream(protocol.SearchParameters{Options: text})
		if err != nil {
			t.Errorf("%s: %s", text, err.Description)
			continue
		}
		if got := describe(q); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}

func TestOptionsThatAreWrong(t *testing.T) {
	for text, want := range map[string]string{
		`sort`:                           `At byte 4 there must be (`,
		`sort()`:                         "At byte 5 there must be a + or - before the property",
		`sort(thingId)`:                  "At byte 5 there must be a + or - before the property",
		`sort( thingId)`:                 "At byte 5 there must be a + or -",
		`sort(+thingId`:                  "At byte 13 there must be )",
		`sort(+thingId,)`:                "At byte 14 there must be a + or -",
		`sort(+thingId,policyId)`:        "At byte 14 there must be a + or -",
		`sort(+)`:                        "At byte 6 there must be a property",
		`sort(++thingId)`:                "At byte 6 there must be a property",
		`sort(+ thingId)`:                "At byte 6 there must be a property",
		`sort(+attributes)`:              "At byte 6 there must be a property",
		`sort(+attributes/)`:             "At byte 6 there must be a property",
		`sort(+attributes/a//b)`:         "At byte 6 there must be a property",
		`sort(+features)`:                "At byte 6 there must be a property",
		`sort(+features/f)`:              "At byte 6 there must be a property",
		`sort(+features/f/properties)`:   "At byte 6 there must be a property",
		`sort(+features/*/properties/a)`: "At byte 6 there must be a property",
		`sort(+features/*/definition)`:   "At byte 6 there must be a property",
		`sort(+policyId,-_namespace)`:    "At byte 16 there must be a property",
		`sort(+topic:action)`:            "At byte 6 there must be a property",
		`sort(+time:now)`:                "At byte 6 there must be a property",
		`sort(+attributes/a\)`:           "At byte 18 there must be an escape sequence",
		`sort(+attributes/a\x)`:          "At byte 18 there must be an escape sequence",
		`sort(+attributes/a"b")`:         "At byte 18 there must be )",
		`sort(+thingId),sort(-policyId)`: "At byte 15 there is sort for the second time",
		`size(5),size(5)`:                "At byte 8 there is size for the second time",
		`size()`:                         "At byte 5 there must be a number from 1 to 200",
		`size(0)`:                        "At byte 5 there must be a number from 1 to 200",
		`size(201)`:                      "At byte 5 there must be a number from 1 to 200",
		`size(-1)`:                       "At byte 5 there must be a number",
		`size(1.0)`:                      "At byte 5 there must be a number",
		`size(1e1)`:                      "At byte 5 there must be a number",
		`size( 1)`:                       "At byte 5 there must be a number",
		`size(99999999999999999999)`:     "At byte 5 there must be a number",
		`size(1,2)`:                      "At byte 6 there must be )",
		`size(1`:                         "At byte 6 there must be )",
		`size(5)size(5)`:                 "At byte 7 there must be a comma or the end",
		`size(5),`:                       "At byte 8 there must be sort, size, cursor or limit",
		`size(5), sort(+thingId)`:        "At byte 8 there must be sort, size, cursor or limit",
		`,size(5)`:                       "At byte 0 there must be sort, size, cursor or limit",
		` `:                              "At byte 0 there must be sort, size, cursor or limit",
		`SIZE(5)`:                        "At byte 0 there must be sort, size, cursor or limit",
		`page(5)`:                        "At byte 0 there must be sort, size, cursor or limit",
		`cursor(abc)`:                    "no cursors and limits",
		`limit(0,5)`:                     "no cursors and limits",
		`cursor()`:                       "At byte 7 there must be a cursor",
		`limit(5)`:                       "At byte 7 there must be ,",
		`limit(-1,5)`:                    "At byte 6 there must be a number from 0",
		`limit(0,0)`:                     "At byte 8 there must be a number from 1 to 200",
		`limit(0,201)`:                   "At byte 8 there must be a number from 1 to 200",
		`limit(0,5),size(5)`:             "With limit there can be neither size nor cursor",
		`cursor(a),limit(0,5)`:           "With limit there can be neither size nor cursor",
		"sort(" + strings.Repeat("+attributes/a,", 17) + "+thingId)":    "there are more than 16 properties",
		"sort(+attributes/" + strings.Repeat("a", 16<<10) + ")":         "They are longer than 16 KiB",
		"sort(+attributes/" + strings.Repeat("a/", 100) + "b)":          "At byte 6 there must be a property",
		"sort(+attributes/" + strings.Repeat("a,+attributes/", 3) + ")": "there must be a property",
	} {
		_, err := Stream(protocol.SearchParameters{Options: text})
		switch {
		case err == nil:
			t.Errorf("%.80s is accepted", text)
		case err.Code != "thing-search:search.option.invalid" || err.Status != 400:
			t.Errorf("%.80s: %d %s", text, err.Status, err.Code)
		case !strings.Contains(err.Description, want):
			t.Errorf("%.80s: %q, want %q", text, err.Description, want)
		case len(err.Message) > 512:
			t.Errorf("%.80s: an error of %d bytes", text, len(err.Message))
		}
	}
}
