package controllers

import (
	"container/list"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/controllers/content"
	"github.com/twinway/twinway/internal/snapshot/compile"
)

// evaluationsKept bounds how many evaluations are remembered.
const evaluationsKept = 2048

// evaluator compiles Gateways. A Gateway and all that refers to it ask for the
// same evaluation, which is made once for each version of its input.
type evaluator struct {
	cache   client.Reader
	content *content.Reader
	kept    *configurations

	mu     sync.Mutex
	recent *list.List // of *remembered, the most recently used in front
	byName map[types.NamespacedName]*list.Element
}

// remembered is the last evaluation of a Gateway. Its lock is held while it is
// made, so that those who need it wait instead of making it again.
type remembered struct {
	gateway types.NamespacedName
	mu      sync.Mutex
	last    *evaluation
}

func newEvaluator(cache client.Reader, contents *content.Reader) *evaluator {
	return &evaluator{
		cache: cache, content: contents, kept: newConfigurations(configurationsCapacity),
		recent: list.New(), byName: map[types.NamespacedName]*list.Element{},
	}
}

// evaluate returns what a Gateway comes to now.
func (e *evaluator) evaluate(ctx context.Context, gateway *v1alpha1.Gateway) (*evaluation, error) {
	r := e.remember(client.ObjectKeyFromObject(gateway))
	r.mu.Lock()
	defer r.mu.Unlock()
	in, err := e.gather(ctx, gateway)
	if err != nil {
		return nil, err
	}
	fingerprint, err := e.fingerprint(ctx, in)
	if err != nil {
		return nil, err
	}
	if r.last != nil && r.last.fingerprint == fingerprint {
		return r.last, nil
	}
	outcome, encoded, err := e.compile(ctx, in)
	if err != nil {
		return nil, err
	}
	r.last = newEvaluation(fingerprint, outcome, encoded)
	r.last.connections = len(in.connections)
	for _, s := range in.subscriptions {
		r.last.subscriptions[s.Spec.ConnectionRef.Name]++
	}
	return r.last, nil
}

// configuration returns the encoded configuration of an evaluation: as it is kept,
// or else made once more.
//
// Errors: errMoved when it has become another one.
func (e *evaluator) configuration(ctx context.Context, gateway *v1alpha1.Gateway, of *evaluation) ([]byte, error) {
	if encoded := e.kept.get(of.hash); encoded != nil {
		return encoded, nil
	}
	in, err := e.gather(ctx, gateway)
	if err != nil {
		return nil, err
	}
	_, encoded, err := e.compile(ctx, in)
	if err != nil {
		return nil, err
	}
	if encoded == nil || hashOf(encoded) != of.hash {
		return nil, errMoved
	}
	return encoded, nil
}

// compile returns what the input comes to, with the configuration encoded; nil when
// there is none.
func (e *evaluator) compile(ctx context.Context, in input) (compile.Outcome, []byte, error) {
	objects, err := e.objects(ctx, in)
	if err != nil {
		return compile.Outcome{}, nil, err
	}
	outcomes, _ := compile.Gateways(objects)
	if len(outcomes) != 1 {
		return compile.Outcome{}, nil, errors.New("compile: a Gateway has no outcome")
	}
	if outcomes[0].Snapshot == nil {
		return outcomes[0], nil, nil
	}
	encoded := outcomes[0].Snapshot.Encode()
	e.kept.put(hashOf(encoded), encoded)
	return outcomes[0], encoded, nil
}

func (e *evaluator) remember(gateway types.NamespacedName) *remembered {
	e.mu.Lock()
	defer e.mu.Unlock()
	if element, ok := e.byName[gateway]; ok {
		e.recent.MoveToFront(element)
		return element.Value.(*remembered)
	}
	r := &remembered{gateway: gateway}
	e.byName[gateway] = e.recent.PushFront(r)
	if e.recent.Len() > evaluationsKept {
		e.drop(e.recent.Back())
	}
	return r
}

func (e *evaluator) forget(gateway types.NamespacedName) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if element, ok := e.byName[gateway]; ok {
		e.drop(element)
	}
}

func (e *evaluator) drop(element *list.Element) {
	delete(e.byName, e.recent.Remove(element).(*remembered).gateway)
}

// input is the objects that an evaluation is made from. Of Secrets and ConfigMaps
// it has the names.
type input struct {
	namespace           string
	gateway             *v1alpha1.Gateway
	connections         []v1alpha1.Connection
	subscriptions       []v1alpha1.Subscription
	secrets, configMaps []string
}

func (e *evaluator) gather(ctx context.Context, gateway *v1alpha1.Gateway) (input, error) {
	in := input{namespace: gateway.Namespace, gateway: gateway}
	in.refer(compile.GatewayReferences(gateway))
	var connections v1alpha1.ConnectionList
	if err := e.cache.List(ctx, &connections, client.InNamespace(in.namespace), client.MatchingFields{indexGateway: gateway.Name}); err != nil {
		return in, fmt.Errorf("list Connections: %w", err)
	}
	in.connections = connections.Items
	slices.SortFunc(in.connections, func(a, b v1alpha1.Connection) int { return strings.Compare(a.Name, b.Name) })
	for i := range in.connections {
		c := &in.connections[i]
		in.refer(compile.ConnectionReferences(c))
		var subscriptions v1alpha1.SubscriptionList
		if err := e.cache.List(ctx, &subscriptions, client.InNamespace(in.namespace), client.MatchingFields{indexConnection: c.Name}); err != nil {
			return in, fmt.Errorf("list Subscriptions: %w", err)
		}
		in.subscriptions = append(in.subscriptions, subscriptions.Items...)
	}
	slices.SortFunc(in.subscriptions, func(a, b v1alpha1.Subscription) int { return strings.Compare(a.Name, b.Name) })
	in.secrets, in.configMaps = sortedOnce(in.secrets), sortedOnce(in.configMaps)
	return in, nil
}

func (in *input) refer(references compile.References) {
	in.secrets = append(in.secrets, references.Secrets...)
	in.configMaps = append(in.configMaps, references.ConfigMaps...)
}

func sortedOnce(names []string) []string {
	slices.Sort(names)
	return slices.Compact(names)
}

// fingerprint names every object and its version. Of our own kinds the generation
// says enough: status and annotations have no part in a configuration.
func (e *evaluator) fingerprint(ctx context.Context, in input) (string, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "%s/%d", in.gateway.UID, in.gateway.Generation)
	for _, c := range in.connections {
		fmt.Fprintf(&b, " %s/%d", c.UID, c.Generation)
	}
	for _, s := range in.subscriptions {
		fmt.Fprintf(&b, " %s/%d", s.UID, s.Generation)
	}
	for _, name := range in.secrets {
		version, err := e.content.SecretVersion(ctx, in.named(name))
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&b, " %s@%s", version.UID, version.ResourceVersion)
	}
	for _, name := range in.configMaps {
		version, err := e.content.ConfigMapVersion(ctx, in.named(name))
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&b, " %s@%s", version.UID, version.ResourceVersion)
	}
	return hashOf([]byte(b.String())), nil
}

func (in input) named(name string) types.NamespacedName {
	return types.NamespacedName{Namespace: in.namespace, Name: name}
}

// objects completes the input with the content that is referenced.
func (e *evaluator) objects(ctx context.Context, in input) (compile.Objects, error) {
	var objects compile.Objects
	if in.gateway != nil {
		objects.Gateways = []compile.Gateway{{Gateway: in.gateway}}
	}
	for i := range in.connections {
		objects.Connections = append(objects.Connections, compile.Connection{Connection: &in.connections[i]})
	}
	for i := range in.subscriptions {
		objects.Subscriptions = append(objects.Subscriptions, compile.Subscription{Subscription: &in.subscriptions[i]})
	}
	for _, name := range in.secrets {
		secret, err := e.content.Secret(ctx, in.named(name))
		if err != nil {
			return objects, err
		}
		if secret != nil {
			objects.Secrets = append(objects.Secrets, compile.Secret{Secret: secret})
		}
	}
	for _, name := range in.configMaps {
		configMap, err := e.content.ConfigMap(ctx, in.named(name))
		if err != nil {
			return objects, err
		}
		if configMap != nil {
			objects.ConfigMaps = append(objects.ConfigMaps, compile.ConfigMap{ConfigMap: configMap})
		}
	}
	return objects, nil
}

// orphanConnection says what can be said of a Connection without a Gateway.
func (e *evaluator) orphanConnection(ctx context.Context, c *v1alpha1.Connection) (link, error) {
	in := input{namespace: c.Namespace, connections: []v1alpha1.Connection{*c}}
	in.refer(compile.ConnectionReferences(c))
	objects, err := e.objects(ctx, in)
	if err != nil {
		return link{}, err
	}
	_, orphans := compile.Gateways(objects)
	return linksOf(orphans)[connectionObject(c)], nil
}

// orphanSubscription says what can be said of a Subscription without a Connection.
func orphanSubscription(s *v1alpha1.Subscription) link {
	_, orphans := compile.Gateways(compile.Objects{Subscriptions: []compile.Subscription{{Subscription: s}}})
	return linksOf(orphans)[subscriptionObject(s)]
}
