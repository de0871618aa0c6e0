package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"

	"github.com/twinway/twinway/internal/gateway"
	"github.com/twinway/twinway/internal/snapshot"
)

// startSnapshot starts a gateway from the snapshot in a file. If that cannot be
// used it starts from the last one that was in force, so that a bad file, or one
// of another version, does not stop who serves already.
func startSnapshot(file string, o gateway.Options) (*gateway.Gateway, error) {
	kept := lastKnownGood{dir: o.DataDir}
	o.Keep = kept.write
	data, err := readBounded(file)
	if err != nil {
		return startLast(file, err, snapshot.Identity{}, kept, o)
	}
	snap, err := snapshot.Decode(data)
	if err != nil {
		return startLast(file, err, identityIn(data), kept, o)
	}
	g, err := gateway.Start(snap, o)
	if _, unusable := errors.AsType[*gateway.UnusableError](err); unusable {
		return startLast(file, err, snap.Gateway, kept, o)
	}
	return g, err
}

// startLast starts from the last known good snapshot, since the one in the file
// cannot be used. It must be of the same Gateway, as far as that is known.
func startLast(file string, why error, of snapshot.Identity, kept lastKnownGood, o gateway.Options) (*gateway.Gateway, error) {
	snap, err := kept.read()
	if err == nil && of != (snapshot.Identity{}) && of != snap.Gateway {
		err = fmt.Errorf("%s is of Gateway %s", kept.path(), snap.Gateway)
	}
	if err != nil {
		return nil, fmt.Errorf("the snapshot %s cannot be used (%w), and there is no other to fall back on (%w); "+
			"let the operator write it again, or run the version that wrote it", file, why, err)
	}
	o.Logger.Error("the snapshot cannot be used; the last one that was in force is",
		"file", file, "error", why, "instead", kept.path(), slog.Any("gateway", snap.Gateway), "hash", snap.Hash())
	return gateway.Start(snap, o)
}

// identityIn returns the Gateway that data says it is of, zero if it does not.
func identityIn(data []byte) snapshot.Identity {
	var of struct {
		Gateway snapshot.Identity `json:"gateway"`
	}
	_ = json.Unmarshal(data, &of)
	return of.Gateway
}

// readBounded reads a file that must not be larger than a snapshot is.
func readBounded(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read snapshot: %w", err)
	}
	defer func() { _ = file.Close() }() // it was only read
	data, err := io.ReadAll(io.LimitReader(file, snapshot.MaxEncodedSize+1))
	if err != nil {
		return nil, fmt.Errorf("read snapshot: %w", err)
	}
	return data, nil
}
