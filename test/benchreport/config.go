package main

import (
	"fmt"
	"os"
	"path/filepath"
)

// The user of the gateways that are measured.
const (
	user     = "ditto"
	password = "ditto"
)

// manifest is the gateway that is measured: one user, room for the sessions, and a cache of a size. It goes away without waiting for load
// balancers, of which there are none.
const manifest = `apiVersion: twinway.dev/v1alpha1
kind: Gateway
metadata:
  name: benchmark
spec:
  listener:
    port: 8080
  authentication:
    basic:
      usersSecretRef:
        name: benchmark-users
  storage:
    cacheSize: %s
  limits:
    sessions:
      max: %d
  drain:
    minDelay: 0s
---
apiVersion: v1
kind: Secret
metadata:
  name: benchmark-users
stringData:
  %s: %s
`

// hash is the password's, as htpasswd -nbBC 10 prints it.
const hash = "$2a$10$cAdndSyx8xgdDH29EAGbQukWu2X3yjf6AxwnhF6DLPv3Yerl7qd5C"

// spare is how many sessions there is room for beside those that idle and storm open: some of a run before may not have ended.
const spare = 10_000

// writeConfig writes the manifests of a gateway to a directory.
func writeConfig(dir string, s Settings) error {
	text := fmt.Sprintf(manifest, s.Cache, s.Sessions+spare, user, hash)
	return os.WriteFile(filepath.Join(dir, "gateway.yaml"), []byte(text), 0o600)
}
