package podrunner

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// verdict is what a probe has found so far.
type verdict int

const (
	undecided verdict = iota
	passing
	failing
)

// prober asks one process, again and again, until its context ends.
type prober struct {
	url       string
	delay     time.Duration
	period    time.Duration
	timeout   time.Duration
	successes int
	failures  int

	mu      sync.Mutex
	verdict verdict
	row     int // how often in a row the answer was other than the verdict
}

// newProber returns nil for a container without that probe.
func (p *pod) newProber(probe *corev1.Probe) (*prober, error) {
	if probe == nil {
		return nil, nil
	}
	if probe.HTTPGet == nil {
		return nil, fmt.Errorf("only probes over HTTP are known here")
	}
	port, err := p.portOf(probe.HTTPGet.Port)
	if err != nil {
		return nil, err
	}
	period := p.runner.options.ProbePeriod
	if period == 0 {
		period = seconds(probe.PeriodSeconds, 10)
	}
	return &prober{
		url:       "http://" + net.JoinHostPort(p.ip.String(), fmt.Sprint(port)) + probe.HTTPGet.Path,
		delay:     seconds(probe.InitialDelaySeconds, 0),
		period:    period,
		timeout:   seconds(probe.TimeoutSeconds, 1),
		successes: int(max(1, probe.SuccessThreshold)),
		failures:  orDefault(int(probe.FailureThreshold), 3),
	}, nil
}

func seconds(n, otherwise int32) time.Duration {
	return time.Duration(orDefault(int(n), int(otherwise))) * time.Second
}

func orDefault(n, otherwise int) int {
	if n == 0 {
		return otherwise
	}
	return n
}

// run probes until ctx ends.
func (p *prober) run(ctx context.Context) {
	client := &http.Client{Timeout: p.timeout, Transport: &http.Transport{DisableKeepAlives: true}}
	timer := time.NewTimer(p.delay)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		p.note(p.ask(ctx, client))
		timer.Reset(p.period)
	}
}

func (p *prober) ask(ctx context.Context, client *http.Client) bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, p.url, nil)
	if err != nil {
		return false
	}
	response, err := client.Do(request)
	if err != nil {
		return false
	}
	_ = response.Body.Close()
	return response.StatusCode >= 200 && response.StatusCode < 400
}

// note counts an answer: the verdict changes when enough in a row say so.
func (p *prober) note(ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	answer, needed := failing, p.failures
	if ok {
		answer, needed = passing, p.successes
	}
	if p.verdict == answer {
		p.row = 0
		return
	}
	p.row++
	if p.row >= needed {
		p.verdict, p.row = answer, 0
	}
}

// is says whether there is such a probe, and that is its verdict.
func (p *prober) is(v verdict) bool {
	if p == nil {
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.verdict == v
}
