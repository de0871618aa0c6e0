package plugin

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/yaml"

	"github.com/twinway/twinway/api/v1alpha1"
)

// Bundle writes a compressed archive of what a person who helps needs to know
// about a Gateway: objects, findings, events and logs. It holds no value of a
// Secret or ConfigMap. when is the time that the files carry.
//
// What could not be read is told in the archive and as problems; an error means
// that there is no such Gateway, or that the archive could not be written.
func (p *Plugin) Bundle(ctx context.Context, namespace, name string, when time.Time, w io.Writer) (problems []string, err error) {
	g, err := p.gateway(ctx, namespace, name)
	if err != nil {
		return nil, err
	}
	compressed := gzip.NewWriter(w)
	b := &bundle{
		Plugin: p, gateway: g, seen: map[types.UID]bool{},
		tar: tar.NewWriter(compressed), when: when, folder: fmt.Sprintf("twinway-%s-%s/", namespace, name),
	}
	b.versions()
	b.customResources(ctx)
	b.rendered(ctx)
	b.configuration(ctx)
	b.events(ctx)
	b.logs(ctx)
	b.file("problems.txt", []byte(strings.Join(append(b.problems, ""), "\n")))
	for _, c := range []io.Closer{b.tar, compressed} {
		if err := c.Close(); b.err == nil {
			b.err = err
		}
	}
	if b.err != nil {
		return nil, fmt.Errorf("write the bundle: %w", b.err)
	}
	return b.problems, nil
}

// bundle is an archive that is being written.
type bundle struct {
	*Plugin
	gateway *v1alpha1.Gateway
	// seen are the objects whose events belong in the archive.
	seen map[types.UID]bool
	tar  *tar.Writer
	// folder is the only one at the top of the archive.
	folder string
	when   time.Time
	// problems says what could not be read; err is the first error of writing.
	problems []string
	err      error
}

// file adds a file, unless one could not be written before.
func (b *bundle) file(name string, data []byte) {
	if b.err != nil {
		return
	}
	header := &tar.Header{Name: b.folder + name, Mode: 0o600, Size: int64(len(data)), ModTime: b.when, Format: tar.FormatPAX}
	if b.err = b.tar.WriteHeader(header); b.err == nil {
		_, b.err = b.tar.Write(data)
	}
}

// yaml adds a file of YAML.
func (b *bundle) yaml(name string, value any) {
	data, err := yaml.Marshal(value)
	if err != nil {
		b.problem(name, err)
		return
	}
	b.file(name, data)
}

// printed adds a file of what is printed for people.
func (b *bundle) printed(name string, write func(io.Writer) error) {
	var out bytes.Buffer
	_ = write(&out) // to memory
	b.file(name, out.Bytes())
}

func (b *bundle) problem(what string, err error) {
	b.problems = append(b.problems, clean(fmt.Sprintf("%s: %v", what, Explain(err))))
}

func (b *bundle) versions() { b.yaml("versions.yaml", b.Versions) }
