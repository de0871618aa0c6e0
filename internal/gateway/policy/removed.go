package policy

import "github.com/twinway/twinway/internal/gateway/policy/model"

// removed returns the subjects that a policy has before and not afterwards, nil if it is gone, and that want to be told.
//
// Protocol rule: whether a subject is the same is a matter of its id alone. Each is told once, however many entries it was
// in, and only if no entry has it any more.
func removed(before, after *model.Policy) []Removed {
	var all []Removed
	seen := map[string]bool{}
	if after != nil {
		for i := range after.Entries {
			for _, subject := range after.Entries[i].Subjects {
				seen[subject.ID] = true
			}
		}
	}
	for i := range before.Entries {
		entry := &before.Entries[i]
		for _, subject := range entry.Subjects {
			if a := subject.Announcement; a == nil || !a.WhenDeleted || seen[subject.ID] {
				continue
			}
			seen[subject.ID] = true
			all = append(all, Removed{Label: entry.Label, Subject: subject})
		}
	}
	return all
}
