package cluster

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// cgroupMount is where control groups are, of either version.
const cgroupMount = "/sys/fs/cgroup"

// cgroup is a control group that everything on the node is below. With version 1
// it is one in each hierarchy.
type cgroup struct{ name string }

// newCgroup makes the control group.
func newCgroup(name string) (*cgroup, error) {
	g := &cgroup{name: name}
	for _, root := range hierarchies() {
		if err := g.makeIn(root); err != nil {
			g.remove()
			return nil, fmt.Errorf("control group: %w", err)
		}
	}
	return g, nil
}

// hierarchies returns the mounts that have control groups.
func hierarchies() []string {
	if _, err := os.Stat(filepath.Join(cgroupMount, "cgroup.controllers")); err == nil {
		return []string{cgroupMount}
	}
	found, _ := filepath.Glob(filepath.Join(cgroupMount, "*/cgroup.procs"))
	for i := range found {
		found[i] = filepath.Dir(found[i])
	}
	return found
}

func (g *cgroup) makeIn(root string) error {
	dir := filepath.Join(root, g.name)
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	// With version 1 a group has no processors and no memory of its own at first.
	for _, setting := range []string{"cpuset.cpus", "cpuset.mems"} {
		value, err := os.ReadFile(filepath.Join(root, setting))
		if err != nil || filepath.Base(root) != "cpuset" {
			continue
		}
		if err := os.WriteFile(filepath.Join(dir, setting), value, 0o644); err != nil {
			return err
		}
	}
	controllers, err := os.ReadFile(filepath.Join(dir, "cgroup.controllers"))
	if err != nil || len(controllers) == 0 {
		return nil
	}
	enabled := "+" + strings.Join(strings.Fields(string(controllers)), " +")
	return os.WriteFile(filepath.Join(dir, "cgroup.subtree_control"), []byte(enabled), 0o644)
}

// remove removes the control group and all below it, for some seconds: those of
// processes that were killed can be removed only a moment later.
func (g *cgroup) remove() {
	for range 50 {
		left := false
		for _, root := range hierarchies() {
			left = removeTree(filepath.Join(root, g.name)) || left
		}
		if !left {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// removeTree removes the groups of a tree from the leaves up, and says whether
// something is left.
func removeTree(root string) bool {
	var dirs []string
	_ = filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() {
			dirs = append(dirs, path)
		}
		return nil
	})
	for _, dir := range slices.Backward(dirs) {
		_ = os.Remove(dir)
	}
	_, err := os.Stat(root)
	return err == nil
}
