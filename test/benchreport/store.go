package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
)

// Store is what is known of a store with things, each with its policy and one record of history, as it is after the gateway that has
// made it has ended in order.
type Store struct {
	Things int `json:"things"`
	// DiskBytes is the size of its files.
	DiskBytes int64 `json:"diskBytes"`
}

// store returns the directory of a store with so many things, which is made if it is not there; 0: an empty one of nobody else.
func (l *lab) store(ctx context.Context, things int) (string, error) {
	if things == 0 {
		return os.MkdirTemp(l.scratch, "empty-*")
	}
	dir := filepath.Join(l.data, "things-"+strconv.Itoa(things))
	text, err := os.ReadFile(dir + ".json")
	if errors.Is(err, fs.ErrNotExist) {
		text, err = l.fill(ctx, dir, things)
	}
	if err != nil {
		return "", err
	}
	name := storeFiles + "/" + strconv.Itoa(things)
	if l.done(name) {
		return dir, nil
	}
	return dir, l.keepText(name, text)
}

// fill makes a store, and leaves what is known of it beside it: there is no other sign that it is whole.
func (l *lab) fill(ctx context.Context, dir string, things int) ([]byte, error) {
	fmt.Fprintf(l.progress, "\nmaking %s things\n", count(int64(things)))
	n := strconv.Itoa(things)
	err := l.with(ctx, dir, func(g *gateway) error {
		return l.bench(ctx, g, []string{"warmup"}, "--things", n, "--warm", "1")
	})
	if err != nil {
		return nil, err
	}
	s := Store{Things: things}
	if s.DiskBytes, err = sizeOf(dir); err != nil {
		return nil, err
	}
	text, err := encode(s)
	if err != nil {
		return nil, err
	}
	return text, os.WriteFile(dir+".json", text, 0o600)
}

// sizeOf returns the size of all files of a directory.
func sizeOf(dir string) (size int64, err error) {
	err = filepath.WalkDir(dir, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err == nil {
			size += info.Size()
		}
		return err
	})
	return size, err
}

// encode returns a value as JSON that people can read.
func encode(v any) ([]byte, error) {
	text, err := json.MarshalIndent(v, "", "  ")
	return append(text, '\n'), err
}

// keepJSON writes a result that is no report of the benchmark.
func (l *lab) keepJSON(name string, v any) error {
	text, err := encode(v)
	if err != nil {
		return err
	}
	return l.keepText(name, text)
}

func (l *lab) keepText(name string, text []byte) error {
	return l.keep(name, func(file string) error { return os.WriteFile(file, text, 0o644) })
}
