package pebble

import (
	"bytes"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/twinway/twinway/internal/gateway/store"
)

// TestWatermark damages batches in the log beyond what can be recognised as
// damage by itself. What comes later proves that they were there: where a
// batch's watermark does not, because nothing before can be read, the offset
// does that Pebble writes; and where that does not, because Pebble counts only
// the last part of what it writes at once, the watermark does.
func TestWatermark(t *testing.T) {
	for _, test := range []struct {
		name    string
		sizes   []int // of the documents, one batch each
		damaged int   // which
		want    error
	}{
		{"first", []int{100, 100, 100}, 0, store.ErrCorrupt},
		{"middle", []int{100, 100, 100}, 1, store.ErrCorrupt},
		{"after a long one", []int{100, 100_000, 100, 100}, 2, store.ErrCorrupt},
		{"long one", []int{100, 100_000, 100}, 1, store.ErrCorrupt},
		{"last", []int{100, 100, 100}, 2, nil},
		{"last, long", []int{100, 100, 100_000}, 2, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			fs := vfs.NewCrashableMem()
			s := mustOpen(t, Options{Dir: "/d", FS: fs})
			defer s.Close()
			for i, size := range test.sizes {
				a := change(thingKey(i), 1, 0)
				a.Record.Doc = bytes.Repeat([]byte{byte('a' + i)}, size)
				applyAll(t, s, a)
			}
			image := fs.CrashClone(vfs.CrashCloneCfg{})
			files, err := listFiles(image, "/d")
			if err != nil {
				t.Fatal(err)
			}
			log := files.logs[len(files.logs)-1]
			data, err := image.UnsafeGetFileDataBuffer(log)
			if err != nil {
				t.Fatal(err)
			}
			at := bytes.Index(data, bytes.Repeat([]byte{byte('a' + test.damaged)}, 50))
			copy(data[at:], "this is not what was there")
			if test.want != nil {
				wantRefused(t, Options{Dir: "/d", FS: image}, test.want, image.PathBase(log))
				return
			}
			if err := mustOpen(t, Options{Dir: "/d", FS: image}).Close(); err != nil {
				t.Error(err)
			}
		})
	}
}
