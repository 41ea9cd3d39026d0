package postgres_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/derive"
	"github.com/dendro-carbon/dendro/internal/energy"
	"github.com/dendro-carbon/dendro/internal/intensity"
	"github.com/dendro-carbon/dendro/internal/ledger"
	"github.com/dendro-carbon/dendro/internal/ledger/ledgertest"
	"github.com/dendro-carbon/dendro/internal/ledger/memory"
	"github.com/dendro-carbon/dendro/internal/ledger/postgres"
	"github.com/dendro-carbon/dendro/internal/slots"
	"github.com/dendro-carbon/dendro/internal/source"
	"github.com/dendro-carbon/dendro/internal/testenv/pgtest"
	"github.com/dendro-carbon/dendro/unit"
)

// childEnv holds the URL of a ledger: the test binary is then a server that closes
// its slots, and can be killed.
const childEnv = "DENDRO_PG_CHILD"

func TestMain(m *testing.M) {
	if text := os.Getenv(childEnv); text != "" {
		var do task
		err := json.Unmarshal([]byte(text), &do)
		if err == nil {
			err = do.run()
		}
		if err != nil {
			fmt.Println("error:", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(pgtest.Main(m))
}

// task is what a child does.
type task struct {
	URL   string
	Slots int
}

// run closes all slots, whatever happens to the database meanwhile.
func (do task) run() error {
	ctx := context.Background()
	for {
		err := do.backfill(ctx)
		if err == nil || !errors.Is(err, ledger.ErrUnavailable) {
			return err
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func (do task) backfill(ctx context.Context) error {
	c, err := account.NewCalendar(account.DefaultStep, time.UTC)
	if err != nil {
		return err
	}
	s, err := postgres.Open(ctx, postgres.Config{URL: postgres.Secret(do.URL), Calendar: c, Connections: 4})
	if err != nil {
		return err
	}
	fmt.Println("open")
	_, err = fill(ctx, s, do.Slots, 2*time.Millisecond)
	return errors.Join(err, s.Close())
}

// fill closes the first slots of a year as a server does.
func fill(ctx context.Context, s ledger.Store, n int, delay time.Duration) (slots.Progress, error) {
	place := derive.PlaceRule{Region: "GB"}
	grid := facility{delay}
	d, err := slots.New(slots.Config{
		Method: derive.Method{
			Models: []derive.ModelRule{{Model: energy.Default()}}, Places: []derive.PlaceRule{place}, Chain: []string{"grid"},
			Accounting: grid.accounting(), Policy: derive.Policy{Name: "usage"},
		}, ReadSlots: 4,
	}, slots.Deps{Store: s, Sources: []source.Source{grid}, Intensities: []intensity.Source{meter{grid}}, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return slots.Progress{}, err
	}
	return d.Backfill(ctx, account.NewSpan(newYear(), newYear().Add(time.Duration(n)*account.DefaultStep)), nil)
}

func newYear() time.Time { return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) }

// facility is a source whose facts depend on nothing but the slot.
type facility struct{ delay time.Duration }

func (facility) Info() source.Info { return source.Info{Name: "facility", Replayable: true} }

func (f facility) Read(ctx context.Context, r source.Request) iter.Seq2[source.Reading, error] {
	return func(yield func(source.Reading, error) bool) {
		time.Sleep(f.delay)
		for slot := range r.Grid.Slots(r.Span) {
			if !yield(source.Reading{Facts: factsOf(slot)}, nil) {
				return
			}
		}
	}
}

func factsOf(slot account.Span) *account.Batch {
	r := rand.New(rand.NewPCG(uint64(slot.From.Unix()), 3))
	b := &account.Batch{Slot: slot, Origins: []account.Origin{{Source: "facility"}}}
	first := int(slot.From.Sub(newYear()) / (7 * account.DefaultStep)) // new names come all the time
	for i := range 60 {
		labels, _ := account.LabelsOf("group", fmt.Sprintf("g%04d", first+i))
		b.Subjects = append(b.Subjects, account.Subject{Host: fmt.Sprintf("h%04d", first+i), Labels: labels})
		b.Facts = append(b.Facts, account.Fact{
			Subject: i, To: slot.Length(), Busy: unit.Duration(r.Int64N(1e10)), Idle: unit.Duration(r.Int64N(1e10)),
			Observed: slot.Length(), Expected: slot.Length(),
		})
	}
	b.Sort()
	return b
}

func (facility) accounting() account.Accounting {
	return account.Accounting{Scope: "combustion", Approach: "location"}
}

// meter is the intensities of the facility's grid.
type meter struct{ facility }

func (m meter) Info() intensity.Info {
	return intensity.Info{Name: "grid", Accounting: m.accounting(), Licence: "none", Credit: "none"}
}

func (m meter) Fetch(_ context.Context, region string, span account.Span) ([]account.Intensity, error) {
	var out []account.Intensity
	for from := span.From.Truncate(time.Hour); from.Before(span.To); from = from.Add(time.Hour) {
		out = append(out, account.Intensity{
			Region: region, Span: account.NewSpan(from, from.Add(time.Hour)), Kind: account.IntensityActual,
			Value: unit.Intensity(1e8 + from.Unix()%1e7), Accounting: m.accounting(), Source: "grid",
		})
	}
	return out, nil
}

// start starts a server. It ends with the test.
func start(t *testing.T, do task) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	text, err := json.Marshal(do)
	if err != nil {
		t.Fatal(err)
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), childEnv+"="+string(text))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	return cmd, bufio.NewScanner(out)
}

// TestKill kills one of two servers, or their database, again and again while
// they close slots. In the end every slot is closed once, and the figures are those
// of one server that nobody disturbed. DENDRO_KILLS is how often.
func TestKill(t *testing.T) {
	t.Parallel()
	kills, err := strconv.Atoi(os.Getenv("DENDRO_KILLS"))
	if err != nil {
		kills = 12
	}
	number := 40 * kills
	r := rand.New(rand.NewPCG(1, uint64(kills)))
	server := pgtest.Start(t)
	do := task{server.URL(t), number}
	servers := make([]*exec.Cmd, 2)
	outputs := make([]*bufio.Scanner, 2)
	for i := range servers {
		servers[i], outputs[i] = start(t, do)
		outputs[i].Scan() // it is open
	}
	killed := [3]int{}
	for range kills {
		time.Sleep(time.Duration(r.Int64N(int64(150 * time.Millisecond))))
		who := r.IntN(5) // a server four times as often as the database
		if who == 4 {
			server.Kill()
			server.Restart(t)
			killed[2]++
			continue
		}
		who %= 2
		_ = servers[who].Process.Kill()
		rest(t, outputs[who])
		_ = servers[who].Wait()
		killed[who]++
		servers[who], outputs[who] = start(t, do)
	}
	for i := range servers {
		rest(t, outputs[i])
		if err := servers[i].Wait(); err != nil {
			t.Errorf("server %d: %v", i, err)
		}
	}
	t.Logf("killed %v times: either server, the database", killed)
	undisturbed(t, open(t, do.URL, calendarUTC(t)), number)
}

func calendarUTC(t *testing.T) account.Calendar {
	t.Helper()
	c, err := account.NewCalendar(account.DefaultStep, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// rest reads what a server still says.
func rest(t *testing.T, out *bufio.Scanner) {
	t.Helper()
	for out.Scan() {
		if out.Text() != "open" {
			t.Error(out.Text())
		}
	}
}

// undisturbed compares a ledger with one that a single server has filled.
func undisturbed(t *testing.T, s *postgres.Store, number int) {
	t.Helper()
	want := memory.New(s.Calendar())
	if p, err := fill(t.Context(), want, number, 0); err != nil || p.Done != number {
		t.Fatalf("undisturbed: %+v, %v", p, err)
	}
	all := account.NewSpan(newYear(), newYear().AddDate(1, 0, 0))
	for _, step := range append(account.RollupSteps(), account.StepSlot) {
		q := ledger.Query{Span: all, Step: step}
		if !slices.Equal(ledgertest.Collect(t, s.Rows(t.Context(), q)), ledgertest.Collect(t, want.Rows(t.Context(), q))) {
			t.Errorf("rows by %s differ from those of an undisturbed run", step)
		}
	}
	closed := ledgertest.Collect(t, s.Slots(t.Context(), all))
	if len(closed) != number {
		t.Errorf("%d slots are closed, want %d", len(closed), number)
	}
	for _, one := range closed {
		derivedAgain(t, s, one)
	}
	if err := s.Check(t.Context()); err != nil {
		t.Error(err)
	}
	leases, err := s.Leases(t.Context())
	if err != nil || len(leases) > 0 {
		t.Errorf("leases are left: %+v, %v", leases, err)
	}
}

// derivedAgain holds that a commit missed nothing that was known at its time.
func derivedAgain(t *testing.T, s *postgres.Store, one ledger.SlotState) {
	t.Helper()
	m, err := ledger.MethodAt(t.Context(), s, one.KnownAt)
	if err != nil {
		t.Fatal(err)
	}
	again, err := ledger.FoldDerived(t.Context(), s, ledger.Derivation{Span: one.Slot, Method: m, At: one.KnownAt})
	if err != nil {
		t.Fatal(err)
	}
	if again.Root.Quantities != one.Total {
		t.Errorf("slot %v was committed without something known at %v", one.Slot, one.KnownAt)
	}
}
