package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime"
	"time"
)

func runSupportBundle(ctx context.Context, args []string, out, errs io.Writer) int {
	flags := newFlags(pluginName, "kubectl support-bundle NAME [flags]\n\nOf Secrets and ConfigMaps it holds keys and sizes.", errs)
	at := addClusterFlags(flags, false)
	file := flags.String("o", "", "the file to write, which must not exist (default twinway-NAMESPACE-NAME.tar.gz)")
	positional, code, ok := pluginArguments(flags, args, 1, 1)
	if !ok {
		return code
	}
	c, err := at.open()
	if err != nil {
		return pluginFailed(errs, err)
	}
	name := positional[0]
	if *file == "" {
		*file = fmt.Sprintf("twinway-%s-%s.tar.gz", c.namespace, name)
	}
	c.Versions = versions(c)
	problems, err := writeBundle(ctx, c, name, *file)
	if err != nil {
		return pluginFailed(errs, err)
	}
	for _, p := range problems {
		fmt.Fprintln(errs, "kubectl twinway: it lacks", p)
	}
	fmt.Fprintln(out, *file)
	return exitOK
}

// versions names what takes part. The image of the gateway is in its status.
func versions(c *cluster) map[string]string {
	versions := map[string]string{"plugin": version(), "go": runtime.Version(), "cluster": "unknown"}
	if server, err := c.discovery.ServerVersion(); err == nil {
		versions["cluster"] = server.GitVersion
	}
	return versions
}

// writeBundle writes the archive to a file of its own, which is removed again if
// that fails.
func writeBundle(ctx context.Context, c *cluster, name, file string) (problems []string, err error) {
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	problems, err = c.Bundle(ctx, c.namespace, name, time.Now(), f)
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		_ = os.Remove(file)
	}
	return problems, err
}
