package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/twinway/twinway/internal/bench"
)

// Where credentials may be besides the command line, which everybody on the machine can read.
const (
	passwordVariable = "TWINWAY_PASSWORD"
	tokenVariable    = "TWINWAY_TOKEN"
)

// benchFlags are the command line of the benchmark.
type benchFlags struct {
	url, over, ca     string
	insecure, compare bool
	credentials       bench.Credentials
	parameters        bench.Parameters
	mix               string
	json, machine     string
	pid               int
	metrics           string
	positional        []string
}

func runBench(args []string, out, errs io.Writer) int {
	f, code, ok := parseBench(args, errs)
	if !ok {
		return code
	}
	var err error
	if f.compare {
		err = compareReports(f.positional, out)
	} else {
		err = f.measure(out, errs)
	}
	if err == nil {
		return exitOK
	}
	if err != errNotAll { //nolint:errorlint // alone: the table has said it
		fmt.Fprintln(errs, "twinway:", err)
	}
	if _, wrong := errors.AsType[usageError](err); wrong {
		return exitUsage
	}
	return exitFailed
}

// parseBench parses the command line. If ok is false the command ends with the code.
func parseBench(args []string, errs io.Writer) (f *benchFlags, code int, ok bool) {
	f = &benchFlags{parameters: bench.Defaults()}
	flags := newFlags("bench", benchSynopsis(), errs)
	f.addEndpoint(flags)
	f.addLoad(flags)
	f.addReport(flags)
	if f.positional, code, ok = parseMixed(flags, args); !ok {
		return nil, code, false
	}
	if len(f.positional) == 0 {
		flags.Usage()
		return nil, exitUsage, false
	}
	f.takeVariables()
	return f, exitOK, true
}

// takeVariables takes secrets that the command line leaves open from the environment.
func (f *benchFlags) takeVariables() {
	c := &f.credentials
	switch {
	case c.User != "" && c.Password == "":
		c.Password = os.Getenv(passwordVariable)
	case c.User == "" && c.Token == "" && c.PreAuthenticated == "":
		c.Token = os.Getenv(tokenVariable)
	}
}

// benchSynopsis is how the command is used, with its scenarios.
func benchSynopsis() string {
	var b strings.Builder
	b.WriteString("bench SCENARIO... [flags]\n       twinway bench --compare A.json B.json\n\n" +
		"Measures an endpoint of the Ditto protocol from outside: Twinway or any other. What it needs there it creates.\n\nScenarios, or \"all\":\n\n")
	for _, s := range bench.Scenarios {
		fmt.Fprintf(&b, "  %-17s %s (%s)\n", s.Name, s.Description, strings.Join(s.Over, ", "))
	}
	b.WriteString("\n\"search\" stands for the three of that name. Ctrl-C ends the run and prints what there is.")
	return b.String()
}

func (f *benchFlags) addEndpoint(flags *flag.FlagSet) {
	flags.StringVar(&f.url, "url", "http://localhost:8080", "where the endpoint is: http or https, host, port, and what stands before /ws/2 and /api/2")
	flags.StringVar(&f.credentials.User, "user", "", "the user")
	flags.StringVar(&f.credentials.Password, "password", "", "the user's password (default: the variable "+passwordVariable+")")
	flags.StringVar(&f.credentials.Token, "token", "", "a token in place of a user (default: the variable "+tokenVariable+")")
	flags.StringVar(&f.credentials.PreAuthenticated, "pre-authenticated", "", "subjects in place of a user, for the header x-ditto-pre-authenticated")
	flags.StringVar(&f.parameters.Subject, "subject", "", "the subject that may do everything with the things (default: nginx:USER)")
	flags.StringVar(&f.ca, "ca", "", "file of certificate authorities that are trusted for https (default: those of the system)")
	flags.BoolVar(&f.insecure, "insecure", false, "trust every certificate")
}

func (f *benchFlags) addLoad(flags *flag.FlagSet) {
	p := &f.parameters
	f.mix = p.Mix.String()
	flags.StringVar(&f.over, "over", bench.WebSocket, "ws, http or ws,http; what is only for one is left out for the other")
	flags.IntVar(&p.Things, "things", p.Things, "how many things there are; those that are missing are created")
	flags.IntVar(&p.Warm, "warm", 0, "how many of them are read and changed (default: all)")
	flags.StringVar(&p.Namespace, "namespace", p.Namespace, "the namespace of the things")
	flags.BoolVar(&p.Plain, "plain", false, "things without attributes for searches, exactly as in the reference's benchmark")
	flags.IntVar(&p.Sessions, "sessions", p.Sessions, "how many connections ask; for storm, how many are opened at once")
	flags.IntVar(&p.Window, "window", p.Window, "how much is under way on each; over HTTP it is always 1, for fanout 16 times as much")
	flags.Float64Var(&p.Rate, "rate", 0, "how much is asked in a second by all together; an answer is late from when it should have been asked for (default: as much as is answered)")
	flags.DurationVar((*time.Duration)(&p.Warmup), "warmup", time.Duration(p.Warmup), "how long each run is before it counts")
	flags.DurationVar((*time.Duration)(&p.Duration), "duration", time.Duration(p.Duration), "how long each run counts")
	flags.IntVar(&p.Repeat, "repeat", p.Repeat, "how often everything is run, in turn")
	flags.IntVar(&p.Subscribers, "subscribers", p.Subscribers, "how many sessions fanout delivers to")
	flags.IntVar(&p.Views, "views", p.Views, "how many different filters they have; 1: none has one")
	flags.IntVar(&p.Connections, "connections", p.Connections, "how many sessions idle holds, and storm opens")
	flags.StringVar(&f.mix, "mix", f.mix, "of what mixed is made, in proportion")
}

func (f *benchFlags) addReport(flags *flag.FlagSet) {
	flags.StringVar(&f.json, "json", "", "file for the report, with everything that is needed to run it again but credentials")
	flags.StringVar(&f.machine, "machine", "", "measure what the machine allows as well, with the disk of this directory, such as that of the store")
	flags.IntVar(&f.pid, "pid", 0, "the process of the server, if it is on this machine, to see what it uses")
	flags.StringVar(&f.metrics, "metrics", "", "where the server's metrics are, for the same, such as http://localhost:8081/metrics")
	flags.BoolVar(&f.compare, "compare", false, "compare two reports instead")
}

// errNotAll says that not everything succeeded.
var errNotAll = errors.New("not everything succeeded")

// measure measures, and prints what came of it.
func (f *benchFlags) measure(out, errs io.Writer) error {
	scenarios, b, err := f.bench()
	if err != nil {
		return usageError(err.Error())
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // who sends another signal no longer wants to wait
	if b.Server != nil {
		if _, err := b.Server.Usage(ctx); err != nil {
			return fmt.Errorf("ask what the server uses: %w", err)
		}
	}
	line := newProgressLine(errs)
	b.Tell, b.Done = line.tell, line.done
	report := &bench.Report{
		Version: version(), Date: time.Now().UTC().Truncate(time.Second), Endpoint: f.url, Machine: bench.ThisMachine(), Parameters: f.parameters,
	}
	if f.machine != "" {
		report.Limits, err = b.Limits(ctx, f.machine)
	}
	if err == nil {
		report.Runs, err = b.Measure(ctx, scenarios)
	}
	line.clear()
	report.Cut = ctx.Err() != nil || err != nil
	if ctx.Err() != nil && len(report.Runs) == 0 {
		return errors.New("cut short before anything was measured")
	}
	published := f.publish(report, out)
	switch {
	case err == nil && published == nil && report.Failed():
		return errNotAll
	case err == nil:
		return published
	}
	return errors.Join(err, published)
}

// publish writes a report to the file, and prints it, whether or not that succeeded; first the file, as who reads the table may not read it
// to its end.
func (f *benchFlags) publish(r *bench.Report, out io.Writer) (err error) {
	if len(r.Runs) == 0 && len(r.Limits) == 0 {
		return nil
	}
	if f.json != "" {
		err = r.Write(f.json)
	}
	return errors.Join(err, r.Print(out))
}

// bench returns what the flags stand for.
func (f *benchFlags) bench() ([]*bench.Scenario, *bench.Bench, error) {
	scenarios, err := bench.Pick(f.positional)
	if err != nil {
		return nil, nil, err
	}
	p := &f.parameters
	if p.Mix, err = bench.ParseMix(f.mix); err != nil {
		return nil, nil, fmt.Errorf("--mix: %w", err)
	}
	if p.Subject == "" {
		p.Subject = f.credentials.Subject()
	}
	if p.Subject == "" {
		return nil, nil, errors.New("--subject is needed with a token")
	}
	if err := p.Check(); err != nil {
		return nil, nil, err
	}
	over, err := f.transports(scenarios)
	if err != nil {
		return nil, nil, err
	}
	if f.json != "" {
		if err := bench.CheckWritable(f.json); err != nil {
			return nil, nil, fmt.Errorf("--json: %w", err)
		}
	}
	options, err := f.tls()
	if err != nil {
		return nil, nil, err
	}
	e, err := bench.NewEndpoint(f.url, f.credentials, options)
	if err != nil {
		return nil, nil, err
	}
	b := bench.New(e, *p, over...)
	switch {
	case f.pid != 0 && f.metrics != "":
		return nil, nil, errors.New("--pid and --metrics tell the same")
	case f.pid != 0:
		b.Server = bench.Process(f.pid)
	case f.metrics != "":
		b.Server = bench.Metrics(f.metrics)
	}
	return scenarios, b, nil
}

// transports returns over what is measured. Each scenario must be for one of them.
func (f *benchFlags) transports(scenarios []*bench.Scenario) ([]string, error) {
	over := strings.Split(f.over, ",")
	for i, one := range over {
		if slices.Contains(over[:i], one) {
			return nil, fmt.Errorf("--over: %s stands there twice", one)
		}
		if one != bench.WebSocket && one != bench.HTTP {
			return nil, fmt.Errorf("--over: %q is neither ws nor http", one)
		}
	}
	for _, s := range scenarios {
		if !s.Runs(over) && !bench.IsAll(f.positional) {
			return nil, fmt.Errorf("%s is not for %s", s.Name, f.over)
		}
	}
	return over, nil
}

// tls returns how certificates are verified, nil for the usual way.
func (f *benchFlags) tls() (*tls.Config, error) {
	options := &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: f.insecure} //nolint:gosec // the user has asked for it
	if f.ca == "" {
		return options, nil
	}
	text, err := os.ReadFile(f.ca) //nolint:gosec // naming it is the user's business
	if err != nil {
		return nil, fmt.Errorf("--ca: %w", err)
	}
	options.RootCAs = x509.NewCertPool()
	if !options.RootCAs.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("--ca: there is no certificate in %s", f.ca)
	}
	return options, nil
}

// compareReports prints how two reports differ.
func compareReports(files []string, out io.Writer) error {
	if len(files) != 2 {
		return usageError("--compare takes two reports")
	}
	var reports [2]*bench.Report
	for i, file := range files {
		r, err := bench.ReadReport(file)
		if err != nil {
			return err
		}
		reports[i] = r
	}
	return bench.Compare(out, reports[0], reports[1])
}
