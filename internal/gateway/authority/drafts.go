package authority

import "sync"

// drafts are policies that were made for a thing that is not created yet.
// Nobody can refer to one meanwhile: it may be removed again, and whoever had
// relied on it would be left without.
type drafts struct {
	mu  sync.Mutex
	ids map[string]int // how many things are being created with it
}

// Draft has a policy count as a draft until done is called.
func (a *Authority) Draft(policyID string) (done func()) {
	d := &a.drafts
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.ids == nil {
		d.ids = map[string]int{}
	}
	d.ids[policyID]++
	return func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		if d.ids[policyID]--; d.ids[policyID] == 0 {
			delete(d.ids, policyID)
		}
	}
}

func (d *drafts) has(policyID string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.ids[policyID] > 0
}
