package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/twinway/twinway/internal/plugin"
)

// askTimeout is how long a gateway may take to answer.
const askTimeout = 10 * time.Second

// runLocalConnections asks the admin port of a gateway, which needs no cluster.
func runLocalConnections(args []string, out, errs io.Writer) int {
	flags := newFlags("twinway", "connections [flags]\n\nAsks a gateway that runs with --admin, such as one beside this command.", errs)
	admin := flags.String("admin", "127.0.0.1:8081", "the admin address of the gateway")
	name := flags.String("events", "", "the name of a Connection: what has happened on it lately")
	output := outputFlag(flags)
	if _, code, ok := pluginArguments(flags, args, 0, 0); !ok {
		return code
	}
	err := checkOutput(*output)
	if err == nil {
		err = askLocal(*admin, *name, *output, out)
	}
	if err == nil {
		return exitOK
	}
	fmt.Fprintln(errs, "twinway:", err)
	if _, wrong := errors.AsType[usageError](err); wrong {
		return exitUsage
	}
	return exitFailed
}

// askLocal prints the Connections, or the events of the one that has a name.
func askLocal(admin, name, output string, out io.Writer) error {
	ctx, cancel := context.WithTimeout(context.Background(), askTimeout)
	defer cancel()
	path := "/connections"
	if name != "" {
		path += "/" + url.PathEscape(name) + "/events"
	}
	answer, err := askAdmin(ctx, "http://"+admin+path)
	if err != nil {
		return fmt.Errorf("ask the gateway at %s: %w", admin, err)
	}
	defer answer.Close() //nolint:errcheck // it was only read
	if name != "" {
		events, err := plugin.ReadEvents(answer)
		return printed(output, out, events, err, func(w io.Writer) error { return plugin.PrintEvents(w, events) })
	}
	connections, err := plugin.ReadRunning(answer)
	return printed(output, out, connections, err, func(w io.Writer) error { return plugin.PrintRunning(w, connections) })
}

func printed(output string, out io.Writer, value any, err error, text func(io.Writer) error) error {
	if err != nil {
		return err
	}
	return printAs(output, out, value, text)
}

// askAdmin opens what is answered with success.
func askAdmin(ctx context.Context, target string) (io.ReadCloser, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, target, http.NoBody)
	if err != nil {
		return nil, usageError("--admin: it is no address")
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	if response.StatusCode == http.StatusOK {
		return response.Body, nil
	}
	defer response.Body.Close() //nolint:errcheck // it was only read
	said, _ := io.ReadAll(io.LimitReader(response.Body, 1<<10))
	return nil, fmt.Errorf("%s: %s", response.Status, strings.TrimSpace(string(said)))
}
