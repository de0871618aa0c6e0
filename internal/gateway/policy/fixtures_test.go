package policy

import "strings"

const (
	readWrite = `{"grant":["READ","WRITE"],"revoke":[]}`
	read      = `{"grant":["READ"],"revoke":[]}`

	// owner is an entry for nginx:me, who may do everything.
	owner = `"owner":{"subjects":{"nginx:me":{"type":"t"}},"resources":{"policy:/":` + readWrite + `,"thing:/":` + readWrite +
		`},"importable":"implicit"}`
	// guest is an entry with everything that can be in one, but for references.
	guest = `"guest":{"subjects":{"nginx:guest":{"type":"t"},"nginx:bye":{"type":"t","announcement":{"whenDeleted":true}}},` +
		`"resources":{"thing:/attributes":` + read + `,"message:/":{"grant":[],"revoke":["EXECUTE"]}},` +
		`"importable":"explicit","namespaces":["ns"],"allowedAdditions":["subjects"]}`
	// limited is an entry for some who may do little: nginx:reader and nginx:writer, who may read and write the entry guest,
	// and nginx:picky, who may write it but for one of its subjects.
	limited = `"readers":{"subjects":{"nginx:reader":{"type":"t"}},"resources":{"policy:/entries/guest":` + read + `},"importable":"never"},` +
		`"writers":{"subjects":{"nginx:writer":{"type":"t"}},"resources":{"policy:/entries/guest":{"grant":["WRITE"],"revoke":[]}},"importable":"never"},` +
		`"picky":{"subjects":{"nginx:picky":{"type":"t"}},"resources":{"policy:/entries/guest":` + readWrite +
		`,"policy:/entries/guest/subjects/nginx:bye":{"grant":[],"revoke":["READ","WRITE"]}},"importable":"never"}`
)

// policyOf returns the text of the policy ns:p with these members.
func policyOf(members string) string { return `{"policyId":"ns:p",` + members + `}` }

func state(doc string) *State {
	return &State{Revision: 7, Created: created, Modified: modified, Doc: []byte(doc)}
}

// fixtures are the policies that cases begin with.
var fixtures = map[string]*State{
	"never":   nil,
	"deleted": {Revision: 7, Modified: modified, Deleted: true},
	"house":   state(policyOf(`"entries":{` + owner + `,` + guest + `,` + limited + `}`)),
	"bare":    state(policyOf(`"entries":{` + owner + `}`)),
	"other":   state(policyOf(`"entries":{` + strings.ReplaceAll(owner, "nginx:me", "nginx:other") + `}`)),
	"other with import": state(policyOf(`"imports":{"ns:open":{"entries":[]},"ns:closed":{"entries":[]}},"entries":{` +
		strings.ReplaceAll(owner, "nginx:me", "nginx:other") + `}`)),
	"two subjects": state(policyOf(`"entries":{"owner":{"subjects":{"nginx:me":{"type":"t"},"nginx:expiring":{"type":"t","expiry":` +
		`"2026-03-01T00:00:00Z","announcement":{"beforeExpiry":"1h","whenDeleted":true,"randomizationInterval":"0s"}}},"resources":{"policy:/":` + readWrite + `},"importable":"implicit"},` +
		`"again":{"subjects":{"nginx:expiring":{"type":"t"}},"resources":{},"importable":"implicit"}}`)),
	"announced": state(policyOf(`"entries":{` + owner + `,"a":{"subjects":{"nginx:x":{"type":"t","announcement":{"whenDeleted":false}},` +
		`"nginx:y":{"type":"t"},"nginx:bye":{"type":"t","announcement":{"whenDeleted":true}}},"resources":{},"importable":"implicit"},` +
		`"b":{"subjects":{"nginx:bye":{"type":"t","announcement":{"whenDeleted":true}}},"resources":{},"importable":"implicit"}}`)),
	"linked": state(policyOf(`"entries":{` + owner + `,"target":{"subjects":{},"resources":{"thing:/":` + read + `},"importable":"implicit"},` +
		`"linked":{"subjects":{"nginx:a":{"type":"t"}},"resources":{},"importable":"implicit","references":[{"entry":"target"}]}}`)),
	"importing": state(policyOf(`"imports":{"ns:base":{"entries":["explicit"],"transitiveImports":["ns:open"]},"ns:open":{"entries":[]}},"entries":{` + owner +
		`,"linked":{"subjects":{"nginx:a":{"type":"t"}},"resources":{},"importable":"implicit","references":[{"import":"ns:base","entry":"explicit"}]}}`)),
	"importing implicitly": state(policyOf(`"imports":{"ns:base":{"entries":["plain"]}},"entries":{` + owner +
		`,"linked":{"subjects":{},"resources":{},"importable":"implicit","references":[{"import":"ns:base","entry":"plain"}]}}`)),
	"partial import": state(policyOf(`"imports":{"ns:partial":{"entries":[]}},"entries":{` + owner + `}`)),
	"empty import":   state(policyOf(`"imports":{"ns:open":{"entries":[]}},"entries":{` + owner + `}`)),
	"stale": state(policyOf(`"imports":{"ns:gone":{"entries":["e"]}},"entries":{` + owner +
		`,"linked":{"subjects":{},"resources":{},"importable":"implicit","references":[{"import":"ns:gone","entry":"e"}]}}`)),
}

// others are the policies beside the one that commands are about.
var others = map[string]string{
	// base lets nginx:me read two of its entries.
	"ns:base": `{"policyId":"ns:base","imports":{"ns:open":{"entries":[]}},"entries":{` +
		`"plain":{"subjects":{"nginx:b":{"type":"t"}},"resources":{"thing:/":` + read + `},"importable":"implicit"},` +
		`"explicit":{"subjects":{"nginx:c":{"type":"t"}},"resources":{"thing:/":` + read + `},"importable":"explicit"},` +
		`"secret":{"subjects":{"nginx:d":{"type":"t"}},"resources":{"thing:/":` + read + `},"importable":"explicit"},` +
		`"own":{"subjects":{"nginx:me":{"type":"t"}},"resources":{"policy:/entries/plain":` + read + `,"policy:/entries/explicit":` + read +
		`,"policy:/entries/secret":{"grant":[],"revoke":["READ"]}},"importable":"never"}}}`,
	// open lets nginx:me read everything.
	"ns:open": `{"policyId":"ns:open","entries":{"o":{"subjects":{"nginx:me":{"type":"t"}},"resources":{"policy:/":` + read + `},"importable":"implicit"},` +
		`"n":{"subjects":{},"resources":{},"importable":"never"}}}`,
	// partial lets nginx:me read all of an entry but one of its subjects, one resource of another, and of a third what is not
	// there.
	"ns:partial": `{"policyId":"ns:partial","entries":{` +
		`"most":{"subjects":{"nginx:shown":{"type":"t"},"nginx:hidden":{"type":"t"}},"resources":{},"importable":"implicit"},` +
		`"little":{"subjects":{"nginx:hidden":{"type":"t"}},"resources":{"thing:/":` + read + `,"thing:/a":` + read + `},"importable":"implicit"},` +
		`"nothing":{"subjects":{"nginx:hidden":{"type":"t"}},"resources":{},"importable":"implicit"},` +
		`"own":{"subjects":{"nginx:me":{"type":"t"}},"resources":{"policy:/entries/most":` + read +
		`,"policy:/entries/most/subjects/nginx:hidden":{"grant":[],"revoke":["READ"]},"policy:/entries/little/resources/thing:/a":` + read +
		`,"policy:/entries/nothing/subjects/nginx:absent":` + read + `},"importable":"never"}}}`,
	// closed lets nobody read anything.
	"ns:closed": `{"policyId":"ns:closed","entries":{"x":{"subjects":{"nginx:e":{"type":"t"}},"resources":{"thing:/":` + read + `},"importable":"implicit"}}}`,
	// hidden does so too, and has nothing to import.
	"ns:hidden": `{"policyId":"ns:hidden","entries":{}}`,
	// grants lets nginx:me modify what imports it.
	"ns:grants": `{"policyId":"ns:grants","entries":{"g":{"subjects":{"nginx:me":{"type":"t"}},"resources":{"policy:/":` + readWrite + `},"importable":"implicit"}}}`,
	// readable lets nginx:me read an entry that cannot be imported without being named.
	"ns:readable": `{"policyId":"ns:readable","entries":{"x":{"subjects":{"nginx:me":{"type":"t"}},"resources":{"policy:/":` + read + `},"importable":"explicit"}}}`,
}
