package bench

import (
	"math"
	"os"
	"strings"
	"testing"
	"time"
)

func TestParameters(t *testing.T) {
	for name, test := range map[string]struct {
		change func(p *Parameters)
		fails  string
	}{
		"defaults":        {func(*Parameters) {}, ""},
		"no things":       {func(p *Parameters) { p.Things = 0 }, "--things: 0"},
		"too warm":        {func(p *Parameters) { p.Warm = 1001 }, "--warm: 1001 is not from 0 to 1000"},
		"no sessions":     {func(p *Parameters) { p.Sessions = 0 }, "--sessions"},
		"wide":            {func(p *Parameters) { p.Window = 5000 }, "--window"},
		"never":           {func(p *Parameters) { p.Repeat = 0 }, "--repeat"},
		"many views":      {func(p *Parameters) { p.Views = 101 }, "--views: 101 is not from 1 to 100"},
		"backwards":       {func(p *Parameters) { p.Rate = -1 }, "--rate"},
		"hardly ever":     {func(p *Parameters) { p.Rate = 1e-9 }, "--rate"},
		"no rate":         {func(p *Parameters) { p.Rate = math.NaN() }, "--rate: NaN"},
		"warm for ever":   {func(p *Parameters) { p.Warmup = Span(2 * time.Hour) }, "--warmup"},
		"no time":         {func(p *Parameters) { p.Duration = 0 }, "--duration"},
		"namespace":       {func(p *Parameters) { p.Namespace = "a b" }, "--namespace"},
		"no subject":      {func(p *Parameters) { p.Subject = "" }, "--subject"},
		"subject in JSON": {func(p *Parameters) { p.Subject = `a":{}` }, "--subject"},
		"mix of nothing":  {func(p *Parameters) { p.Mix = Mix{} }, "a mix of nothing"},
		"connections":     {func(p *Parameters) { p.Connections = -1 }, "--connections"},
	} {
		t.Run(name, func(t *testing.T) {
			p := Defaults()
			p.Subject = "nginx:ada"
			test.change(&p)
			err := p.Check()
			if test.fails == "" && err != nil || test.fails != "" && (err == nil || !strings.Contains(err.Error(), test.fails)) {
				t.Errorf("error %v, want %q", err, test.fails)
			}
		})
	}
}

func TestMix(t *testing.T) {
	for text, want := range map[string]Mix{
		"read=60,modify=30,search=5,message=5": {60, 30, 5, 5}, "read=1": {Read: 1}, "message=2, read=0": {Message: 2},
	} {
		m, err := ParseMix(text)
		if err != nil || m != want {
			t.Errorf("%s is %v %v", text, m, err)
		}
		if again, err := ParseMix(m.String()); err != nil || again != m {
			t.Errorf("%v is read as %v %v", m, again, err)
		}
	}
	for _, text := range []string{"", "read", "read=x", "write=1", "read=-1", "read=0", "read=1,,"} {
		if m, err := ParseMix(text); err == nil {
			t.Errorf("%q is %v", text, m)
		}
	}
}

func TestPick(t *testing.T) {
	for names, want := range map[string]int{"all": len(Scenarios), "search": 3, "search-id": 1, "read modify read": 2, "modify all": len(Scenarios)} {
		picked, err := Pick(strings.Fields(names))
		if err != nil || len(picked) != want {
			t.Errorf("%s are %d %v, want %d", names, len(picked), err, want)
		}
	}
	for _, name := range []string{"write", "sear", "search-", ""} {
		if _, err := Pick([]string{"read", name}); err == nil {
			t.Errorf("there is a scenario %q", name)
		}
	}
}

func TestProgressIsReadable(t *testing.T) {
	for want, p := range map[string]Progress{
		"3s of 10s, warming up":          {Elapsed: 3200 * time.Millisecond, Of: 10 * time.Second},
		"5s of 10s, 1,200/s, 3 failed":   {Elapsed: 5 * time.Second, Of: 10 * time.Second, Warm: true, Done: 5000, Recent: 1200, Failed: 3},
		"250 of 1,000, 2.50/s, 30s left": {Elapsed: 10 * time.Second, Of: endless, Warm: true, Done: 250, Recent: 2.5, Operations: 1000},
		"20 of 1,000, 10/s":              {Of: endless, Warm: true, Done: 20, Recent: 10, Operations: 1000},
	} {
		if got := p.String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// What a process uses is known on Linux: this one has used some of both.
func TestProcess(t *testing.T) {
	if _, err := os.Stat("/proc/self/statm"); err != nil {
		t.Skip(err)
	}
	before := time.Now()
	for time.Since(before) < 50*time.Millisecond { // some ticks of work
	}
	u, err := Process(os.Getpid()).Usage(t.Context())
	if err != nil || u.Memory < 1<<20 || u.CPU <= 0 {
		t.Errorf("%+v %v", u, err)
	}
	if u, err := Process(1 << 30).Usage(t.Context()); err == nil {
		t.Errorf("a process that there is none of uses %+v", u)
	}
}
