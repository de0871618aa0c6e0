package document

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// thing2K is a thing of about 2 KB with ten features.
var thing2K = func() string {
	var b strings.Builder
	b.WriteString(`{"thingId":"org.eclipse.ditto:lamp-post-17","policyId":"org.eclipse.ditto:lamps","definition":"org.eclipse.ditto:lamp:1.2.0",` +
		`"attributes":{"manufacturer":"ACME demo corp.","model":"Große Straßenleuchte","location":{"latitude":44.673856,"longitude":8.261719},` +
		`"serialno":"42","tags":["street","night","LED"]},"features":{`)
	for i := range 10 {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `"lamp-%d":{"definition":["org.eclipse.ditto:lamp:1.0.0"],"properties":{"on":true,"color":{"red":%d,"green":100,"blue":5},`+
			`"reading":{"value":%d.25,"unit":"lm"}}}`, i, i*20, i*100)
	}
	b.WriteString(`}}`)
	return b.String()
}()

// envelope510 is a command envelope of 510 bytes.
const envelope510 = `{"topic":"org.eclipse.ditto/test-thing-47/things/twin/commands/modify","headers":{"correlation-id":"5d3f2c1e-8a7b-4c6d-9e0f-1a2b3c4d5e6f",` +
	`"response-required":true,"content-type":"application/json","requested-acks":["twin-persisted"],"timeout":"10s","device-class":"brewer"},` +
	`"path":"/features/coffee-brewer/properties","value":{"brewed-coffees":4711,"temperature":{"value":92.75,"unit":"K"},` +
	`"state":"brewing \"espresso\"","beans":["arabica","robusta"],"maintenance":{"due":false,"last":"2026-08-18T18:32:56Z"}}}`

// indented returns JSON as people write it.
func indented(tb testing.TB, text string) []byte {
	tb.Helper()
	var b bytes.Buffer
	if err := json.Indent(&b, []byte(text), "", "  "); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}
