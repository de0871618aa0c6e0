package authority

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync/atomic"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/policy/enforcer"
	"github.com/twinway/twinway/internal/gateway/policy/model"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/store"
)

// Reader reads entities as they are now.
type Reader interface {
	// Load returns the record of an entity, applied and perhaps not durable
	// yet. ErrNotFound: it never existed.
	Load(key store.Key) (store.Record, error)
}

// Policies knows what all policies say.
type Policies struct {
	reader  Reader
	roots   atomic.Pointer[model.RootPolicies]
	epoch   atomic.Uint64 // counts changes
	kept    *cache
	shared  shared
	imports importers
}

func newPolicies(r Reader, maxBytes int64, roots model.RootPolicies) *Policies {
	p := &Policies{reader: r, kept: newCache(maxBytes / 2), shared: shared{limit: maxBytes / 2}}
	p.roots.Store(&roots)
	return p
}

// setRoots replaces the policies that are merged into those of a namespace.
// What is compiled is dropped only if that makes a difference.
func (p *Policies) setRoots(roots model.RootPolicies) {
	if maps.EqualFunc(*p.roots.Load(), roots, slices.Equal[[]string]) {
		return
	}
	p.roots.Store(&roots)
	p.epoch.Add(1)
	for _, c := range p.kept.dropAll() {
		p.forget(c)
	}
}

// Compiled returns a policy as it is enforced.
//
// Errors: store.ErrNotFound when there is no such policy, those of the store.
func (p *Policies) Compiled(id string) (*Compiled, error) {
	if c := p.kept.get(id); c != nil {
		return c, nil
	}
	epoch := p.epoch.Load()
	record, err := p.record(id)
	if err != nil {
		return nil, err
	}
	c, err := p.compile(id, record)
	if err != nil {
		return nil, err
	}
	p.keep(c, epoch)
	return c, nil
}

// keep keeps what was compiled, unless something has changed since the epoch, or
// others needed the room of its enforcer meanwhile.
func (p *Policies) keep(c *Compiled, epoch uint64) {
	p.imports.add(c)
	gone, kept := p.kept.put(c, func() bool { return p.epoch.Load() == epoch && !c.shared.gone.Load() })
	if !kept {
		c.stale.Store(true)
		p.forget(c)
	}
	for _, old := range gone {
		p.forget(old)
	}
}

// forget releases what a policy needs while it is kept. It may be told twice.
func (p *Policies) forget(c *Compiled) {
	p.imports.remove(c)
	p.shared.release(c)
}

// compile compiles a policy, or takes what another policy was compiled to that
// says the same.
func (p *Policies) compile(id string, record *store.Record) (*Compiled, error) {
	c := &Compiled{id: id, revision: record.Revision}
	roots := *p.roots.Load() // once: what is shared must not have others that came meanwhile
	text := alone(id, record.Doc, roots)
	if text != nil && p.shared.find(c, text) {
		return c, nil
	}
	policy, err := load(id, record.Doc)
	if err != nil {
		return nil, err
	}
	resolved, err := p.resolve(policy, roots)
	if err != nil {
		return nil, err
	}
	c.uses = resolved.Uses
	for _, old := range p.shared.add(c, text, enforcer.Compile(resolved.Enforceable())) {
		p.kept.dropThis(old)
		p.forget(old)
	}
	return c, nil
}

// alone returns the text that says everything about a policy but its id, nil
// if others say something too.
func alone(id string, doc []byte, roots model.RootPolicies) []byte {
	if _, imports := document.Get(doc, importsPointer); imports || len(roots.For(protocol.NamespaceOf(id))) > 0 {
		return nil
	}
	entries, _ := document.Get(doc, entriesPointer)
	return entries
}

var (
	importsPointer = document.Pointer{"imports"}
	entriesPointer = document.Pointer{"entries"}
)

// compileState compiles a policy that need not be what is in the store.
func (p *Policies) compileState(id string, doc []byte) (*enforcer.Enforcer, error) {
	roots := *p.roots.Load()
	if text := alone(id, doc, roots); text != nil {
		if known := p.shared.peek(text); known != nil {
			return known, nil
		}
	}
	policy, err := load(id, doc)
	if err != nil {
		return nil, err
	}
	resolved, err := p.resolve(policy, roots)
	if err != nil {
		return nil, err
	}
	return enforcer.Compile(resolved.Enforceable()), nil
}

func (p *Policies) resolve(policy *model.Policy, roots model.RootPolicies) (model.Resolved, error) {
	others := &source{policies: p}
	resolved := model.Resolve(policy, others, roots, protocol.NamespaceOf(policy.ID))
	return resolved, others.err
}

// Policy returns a policy as it was written.
//
// Errors: store.ErrNotFound when there is no such policy, those of the store.
func (p *Policies) Policy(id string) (*model.Policy, error) {
	record, err := p.record(id)
	if err != nil {
		return nil, err
	}
	return load(id, record.Doc)
}

// record returns the record of a policy that exists.
func (p *Policies) record(id string) (*store.Record, error) {
	record, err := p.reader.Load(store.Key{Kind: store.Policy, ID: id})
	if err != nil {
		return nil, err
	}
	if record.Deleted {
		return nil, store.ErrNotFound
	}
	return &record, nil
}

func load(id string, doc []byte) (*model.Policy, error) {
	policy, err := model.Load(doc)
	if err != nil {
		return nil, fmt.Errorf("%w: policy %s: %w", store.ErrCorrupt, id, err)
	}
	return policy, nil
}

// Changed is told that a change of a policy is durable.
func (p *Policies) Changed(id string) {
	p.epoch.Add(1)
	for _, of := range p.imports.of(id) {
		if c := p.kept.drop(of); c != nil {
			p.forget(c)
		}
	}
	if c := p.kept.drop(id); c != nil {
		p.forget(c)
	}
}

// source gives a policy those that it imports. A policy that cannot be read
// ends the whole.
type source struct {
	policies *Policies
	err      error
}

// Policy implements model.Source.
func (s *source) Policy(id string) (*model.Policy, bool) {
	policy, err := s.policies.Policy(id)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		s.err = errors.Join(s.err, err)
	}
	return policy, err == nil
}
