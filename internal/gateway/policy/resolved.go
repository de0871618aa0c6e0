package policy

import (
	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/policy/model"
)

// merged returns the policy together with the entries that it takes over from others.
//
// Protocol rule: an entry is shown only to who may read any of it where it comes from. It is shown as it is written there,
// since what its references stand for may be from yet other policies.
func (d *decision) merged() []byte {
	directory := d.who.directory()
	resolved := model.Resolve(d.before, directory, d.settings.Roots, d.Namespace)
	p := d.before.Clone()
	for i, origin := range resolved.Origins {
		if origin.Policy == d.ID || !d.who.reads(origin.Policy, document.Pointer{"entries", origin.Label}) {
			continue
		}
		if written := entryOf(directory, origin); written != nil {
			entry := *written
			entry.Label = resolved.Entries[i].Label
			p.Entries = append(p.Entries, entry)
		}
	}
	return p.Append(nil)
}

// entryOf returns the entry of another policy, nil if there is none.
func entryOf(directory Directory, origin model.Origin) *model.Entry {
	p, ok := directory.Policy(origin.Policy)
	if !ok {
		return nil
	}
	return p.Entry(origin.Label)
}
