package gateway_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/coder/websocket"

	"github.com/twinway/twinway/internal/gateway"
	"github.com/twinway/twinway/internal/snapshot"
)

// searchWorld is a gateway with random things and policies, and users who search.
type searchWorld struct {
	t     *testing.T
	g     *gateway.Gateway
	c     chance
	owner *client
	users []*searchUser
	// large says that there are many things, which are alike.
	large bool
	// things are the ids of those that are, and sorted.
	things []string
	// fields are what is selected of them, for the time being.
	fields []string
}

// searchUser is somebody who searches, and what the protocol shows them when they retrieve things one by one.
type searchUser struct {
	*client
	subjects string
	// may tells which namespaces may be addressed.
	may func(namespace string) bool
	// faces are what is seen, by the ids of the things of which that is anything.
	faces map[string]*face
}

const searchPolicies = 9

// narrow may address some namespaces only.
const narrow = "pre:narrow"

func mayNarrowly(namespace string) bool {
	return namespace == "a" || strings.HasPrefix(namespace, "c-") && namespace != "c-d.e"
}

// inNamespaces restricts the narrow user.
func inNamespaces(s *snapshot.Snapshot) {
	both := []snapshot.ResourceType{snapshot.ResourcePolicy, snapshot.ResourceThing}
	condition := func(op string) []string {
		return []string{`{{ request:subjectId | fn:filter('` + op + `','` + narrow + `') }}`}
	}
	s.NamespaceAccess = []snapshot.NamespaceRule{
		{Conditions: condition("ne"), ResourceTypes: both, AllowedNamespaces: []string{"*"}},
		{Conditions: condition("eq"), ResourceTypes: both, AllowedNamespaces: []string{"a", "c-*"}, BlockedNamespaces: []string{"c-d.e"}},
	}
}

// indexedIn limits what of things is in the index, which is not to be seen. Each world has another limit, the first none.
func indexedIn(world uint64) func(*snapshot.Snapshot) {
	return []func(*snapshot.Snapshot){
		everythingIndexed, indexed("attributes/a", "features/*/properties"), indexed(), indexed("attributes", "features/f", "_metadata"),
	}[world%4]
}

// Some worlds are large, so that a search rather goes along the index than looks at all that may match, and has pauses.
const (
	largeWorlds = 4 // one of so many
	largeWorld  = 1200
)

func newSearchWorld(t *testing.T, seed uint64) *searchWorld {
	t.Helper()
	g := start(t, trusting, inNamespaces, indexedIn(seed+seed/largeWorlds))
	w := &searchWorld{t: t, g: g, c: newChance(seed, 1), owner: dialFor(t, g, "pre:owner")}
	for _, subjects := range []string{"pre:owner", "pre:u1", "pre:u2", "pre:u3,pre:u4", "pre:u1,pre:u4", narrow, "pre:nobody"} {
		may := func(string) bool { return true }
		if subjects == narrow {
			may = mayNarrowly
		}
		w.users = append(w.users, &searchUser{client: dialFor(t, g, subjects), subjects: subjects, may: may})
	}
	for i := range searchPolicies {
		w.changePolicy(i, 201)
	}
	n := 60 + w.c.IntN(120)
	if w.large = seed%largeWorlds == 0; w.large {
		n = largeWorld
		w.users = slices.Concat(w.users[:2], w.users[5:6])
	}
	for range n {
		w.create()
	}
	return w
}

// policies returns the ids of the policies that things can be under, and of one that is not.
func (w *searchWorld) policies() (ids []string) {
	for i := range searchPolicies {
		ids = append(ids, "pol:"+searchPolicy(i))
	}
	return ids
}

// searchPolicy names a policy. The first two are imported by some of the others.
func searchPolicy(i int) string {
	if i < 2 {
		return fmt.Sprintf("base%d", i)
	}
	return fmt.Sprintf("p%d", i)
}

func (w *searchWorld) changePolicy(i, status int) {
	w.t.Helper()
	granted := []string{"pre:u1", "pre:u2", "pre:u3", "pre:u4", narrow}
	w.owner.mustDo(message("pol/"+searchPolicy(i)+"/policies/commands/modify", "/", w.c.policy(granted, i >= 2 && w.c.in(3))), status, "")
}

// create makes a thing with a random id.
func (w *searchWorld) create() {
	w.t.Helper()
	name := oneOf(w.c, "t", "t", "t", "T", "😀", "\ue000", "\uffee", "ab", "a:b") + strconv.Itoa(w.c.IntN(2000))
	id := oneOf(w.c, searchNamespaces...) + ":" + name
	if slices.Contains(w.things, id) {
		return
	}
	w.do(id, "create", "/", w.c.thing(w.policies(), w.large), w.metadata())
	w.things = append(w.things, id)
	slices.Sort(w.things)
}

// metadata returns a header that sets metadata, or nothing.
func (w *searchWorld) metadata() string {
	if !w.c.in(4) {
		return ""
	}
	return fmt.Sprintf(`,"put-metadata":[{"key":"/attributes/%s/%s","value":%s}]`, oneOf(w.c, "a", "b"), oneOf(w.c, "a", "b"), w.c.document(1))
}

// do sends a command of the owner, which must succeed.
func (w *searchWorld) do(id, action, path, value, headers string) {
	w.t.Helper()
	topic := searchTopic(id) + "/things/twin/commands/" + action
	if action == "merge" {
		headers += `,"content-type":"application/merge-patch+json"`
	}
	if status, code := w.owner.do(headed(topic, headers, path, value)); status < 200 || status > 299 {
		w.t.Fatalf("%s %s %s %s: %d %s", action, id, path, value, status, code)
	}
}

// searchTopic returns how the topic about a thing begins.
func searchTopic(id string) string {
	namespace, name, _ := strings.Cut(id, ":")
	return namespace + "/" + name
}

// change changes one thing or policy.
func (w *searchWorld) change() {
	w.t.Helper()
	i := w.c.IntN(len(w.things))
	id := w.things[i]
	switch n := w.c.IntN(12); {
	case n < 2:
		w.create()
	case n < 4 && len(w.things) > 1:
		w.do(id, "delete", "/", "", "")
		w.things = slices.Delete(w.things, i, i+1)
	case n < 6:
		w.do(id, "modify", "/", w.c.thing(w.policies(), w.large), "")
	case n < 7:
		w.do(id, "modify", "/attributes", w.c.object(3), "")
	case n < 8:
		w.do(id, "merge", "/", `{"attributes":`+w.c.object(2)+`}`, "")
	case n < 9:
		w.do(id, "modify", "/policyId", strconv.Quote(oneOf(w.c, w.policies()...)), "")
	case n < 10:
		w.do(id, "merge", "/", oneOf(w.c, `{"attributes":{"a":null}}`, `{"features":null}`, `{"attributes":{"b":[1,"a"]}}`), "")
	case n < 11:
		w.do(id, "modify", "/attributes", `{"a":`+w.c.document(2)+`}`, w.metadata())
	default:
		w.changePolicy(w.c.IntN(searchPolicies), 204)
	}
}

// searchFields are what can be selected of the things that are found.
var searchFields = []string{
	"thingId", "thingId,attributes", "attributes/a", "features/*/properties/a", "thingId,attributes(a,b/a),features/f/definition",
	"thingId,_revision,_modified,_namespace,policyId", "_metadata", "definition,features",
}

// special selects what filters can ask for beside the document. Whatever is hidden of it, but for metadata, filters see.
const special = "_revision,_modified,_created,_metadata"

// look retrieves all things as everybody.
func (w *searchWorld) look() {
	w.t.Helper()
	w.fields = []string{"", oneOf(w.c, searchFields...), oneOf(w.c, searchFields...)} // as it is, and selected
	slices.Sort(w.fields)
	w.fields = slices.Compact(w.fields)
	var wait sync.WaitGroup
	for _, u := range w.users {
		wait.Go(func() { u.look(w.things, w.fields) })
	}
	wait.Wait()
	for _, u := range w.users {
		for id, f := range u.faces {
			f.whole = w.users[0].faces[id]
			for name, value := range f.whole.told {
				if name != "_metadata" {
					f.told[name] = value
				}
			}
		}
	}
}

// look retrieves things, one by one.
//
// Protocol rule: a thing is found by who may read any of what it has. The id, which everybody sees of it who may see anything of
// it, if it has that or not, does not count.
func (u *searchUser) look(things, fields []string) {
	u.faces = map[string]*face{}
	for _, id := range things {
		u.faces[id] = &face{raw: map[string]json.RawMessage{}, told: map[string]any{}}
	}
	all := append(slices.Clone(fields), special)
	var texts []string
	for i, id := range things {
		for j, fields := range all {
			texts = append(texts, fmt.Sprintf(`{"topic":"%s/things/twin/commands/retrieve","headers":{"correlation-id":"%d %d"},"path":"/","fields":%q}`,
				searchTopic(id), i, j, fields))
			if fields == "" {
				texts[len(texts)-1] = strings.Replace(texts[len(texts)-1], `,"fields":""`, "", 1)
			}
		}
	}
	u.pipeline(texts, func(e searchFrame) {
		var i, j int
		if _, err := fmt.Sscan(e.Headers.CorrelationID, &i, &j); err != nil {
			u.t.Errorf("%v in %+v", err, e)
			return
		}
		if e.Status == 200 {
			u.faces[things[i]].show(all[j], e.Value)
		}
	})
	maps.DeleteFunc(u.faces, func(_ string, f *face) bool { return !f.visible() })
	for id, f := range u.faces {
		namespace, _, _ := strings.Cut(id, ":")
		f.told["thingId"], f.told["namespace"] = id, namespace
	}
}

// show keeps what a retrieve has shown.
func (f *face) show(fields string, value json.RawMessage) {
	f.raw[fields] = value
	switch v, _ := tree(value).(map[string]any); fields {
	case "":
		f.doc = v
	case special:
		maps.Copy(f.told, v)
	}
}

func (f *face) visible() bool {
	doc, ok := f.doc.(map[string]any)
	return ok && (len(doc) > 1 || len(doc) == 1 && doc["thingId"] == nil)
}

// searchFrame is what a session receives.
type searchFrame struct {
	Topic   string
	Headers struct {
		CorrelationID string `json:"correlation-id"`
	}
	Status int
	Value  json.RawMessage
}

// pipeline sends texts and takes as many answers.
func (c *client) pipeline(texts []string, take func(searchFrame)) {
	go func() {
		for _, text := range texts {
			if c.ws.Write(c.t.Context(), websocket.MessageText, []byte(text)) != nil {
				return // reading fails, too
			}
		}
	}()
	for range texts {
		text, err := c.read()
		if err != nil {
			c.t.Errorf("no answer: %v", err)
			return
		}
		var e searchFrame
		if err := json.Unmarshal(text, &e); err != nil {
			c.t.Errorf("%v in %s", err, text)
		}
		take(e)
	}
}
