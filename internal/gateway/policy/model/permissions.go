package model

import "github.com/twinway/twinway/internal/gateway/policy/enforcer"

const permissionWrite = "WRITE"

// permissions are the permissions by name.
var permissions = [...]struct {
	name string
	set  enforcer.Permissions
}{
	{"READ", enforcer.Read}, {permissionWrite, enforcer.Write}, {"EXECUTE", enforcer.Execute},
}

// permissionsOf returns the permissions with these names. Others mean nothing.
func permissionsOf(names ...[]string) (set enforcer.Permissions) {
	for _, list := range names {
		for _, name := range list {
			for _, known := range permissions {
				if name == known.name {
					set |= known.set
				}
			}
		}
	}
	return set
}

// permissionNames returns the names of the permissions in the set.
func permissionNames(set enforcer.Permissions) []string {
	var names []string
	for _, known := range permissions {
		if set&known.set != 0 {
			names = append(names, known.name)
		}
	}
	return names
}
