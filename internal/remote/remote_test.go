package remote_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/query"
	"github.com/dendro-carbon/dendro/internal/remote"
	"github.com/dendro-carbon/dendro/internal/slots"
	"github.com/dendro-carbon/dendro/unit"
)

// worker is work that a test describes.
type worker struct {
	backfill  func(ctx context.Context, span account.Span, progress func(slots.Progress)) (slots.Progress, error)
	reconcile func(ctx context.Context, span account.Span, report func(slots.Reconciliation) bool) error
}

func (w worker) Backfill(ctx context.Context, span account.Span, progress func(slots.Progress)) (slots.Progress, error) {
	return w.backfill(ctx, span, progress)
}

func (w worker) Reconcile(ctx context.Context, span account.Span, report func(slots.Reconciliation) bool) error {
	return w.reconcile(ctx, span, report)
}

func calendar(t *testing.T) account.Calendar {
	t.Helper()
	c, err := account.NewCalendar(30*time.Minute, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// served starts a server with the routes and returns a client of it.
func served(t *testing.T, w worker) *remote.Client {
	t.Helper()
	mux := http.NewServeMux()
	remote.Register(mux, w, calendar(t))
	return client(t, mux)
}

func client(t *testing.T, h http.Handler) *remote.Client {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	c, err := remote.At(s.URL, "")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func january() query.Window { return query.Window{Month: "2026-01"} }

func TestBackfill(t *testing.T) {
	t.Parallel()
	var asked account.Span
	c := served(t, worker{backfill: func(_ context.Context, span account.Span, progress func(slots.Progress)) (slots.Progress, error) {
		asked = span
		progress(slots.Progress{Done: 1, Total: 1488})
		return slots.Progress{Done: 1480, Total: 1488, Gone: 8}, nil
	}})
	var seen []slots.Progress
	end, err := c.Backfill(t.Context(), january(), func(p slots.Progress) { seen = append(seen, p) })
	if err != nil {
		t.Fatal(err)
	}
	if asked.String() != "[2026-01-01T00:00:00Z, 2026-02-01T00:00:00Z)" {
		t.Errorf("asked for %v", asked)
	}
	want := []slots.Progress{{Done: 1, Total: 1488}, {Done: 1480, Total: 1488, Gone: 8}}
	if diff := cmp.Diff(want, seen); diff != "" || end != want[1] {
		t.Errorf("ended with %+v; %s", end, diff)
	}
}

// TestBackfillFails holds that an error that comes after the first line reaches
// the client.
func TestBackfillFails(t *testing.T) {
	t.Parallel()
	c := served(t, worker{backfill: func(_ context.Context, _ account.Span, progress func(slots.Progress)) (slots.Progress, error) {
		progress(slots.Progress{Done: 1, Total: 9})
		return slots.Progress{Done: 2, Total: 9}, errors.New("the source is away")
	}})
	end, err := c.Backfill(t.Context(), january(), func(slots.Progress) {})
	if err == nil || err.Error() != "the source is away" || end.Done != 2 {
		t.Errorf("got %+v, %v", end, err)
	}
}

// TestBreakOff holds that the work ends when the client goes away.
func TestBreakOff(t *testing.T) {
	t.Parallel()
	ended := make(chan struct{})
	c := served(t, worker{backfill: func(ctx context.Context, _ account.Span, progress func(slots.Progress)) (slots.Progress, error) {
		defer close(ended)
		progress(slots.Progress{Total: 1})
		<-ctx.Done()
		return slots.Progress{}, ctx.Err()
	}})
	ctx, cancel := context.WithCancel(t.Context())
	_, err := c.Backfill(ctx, january(), func(slots.Progress) { cancel() })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	<-ended
}

func TestOneAtATime(t *testing.T) {
	t.Parallel()
	begun, end := make(chan struct{}), make(chan struct{})
	c := served(t, worker{
		backfill: func(context.Context, account.Span, func(slots.Progress)) (slots.Progress, error) {
			close(begun)
			<-end
			return slots.Progress{}, nil
		},
	})
	first := make(chan error)
	go func() {
		_, err := c.Backfill(t.Context(), january(), func(slots.Progress) {})
		first <- err
	}()
	<-begun
	err := c.Reconcile(t.Context(), january(), func(slots.Reconciliation) bool { return true })
	if err == nil || !strings.Contains(err.Error(), "at work on such a request already") {
		t.Errorf("got %v", err)
	}
	close(end)
	if err := <-first; err != nil {
		t.Error(err)
	}
}

func TestReconcile(t *testing.T) {
	t.Parallel()
	slot := calendar(t).Grid().Slot(time.Date(2026, 1, 1, 9, 0, 0, 0, time.UTC))
	want := slots.Reconciliation{
		Slot: slot, Hosts: []string{"a"},
		Ledger: account.Quantities{Energy: 9_007_199_254_740_993}, Source: account.Quantities{Operational: unit.Mass(1)},
	}
	c := served(t, worker{reconcile: func(_ context.Context, _ account.Span, report func(slots.Reconciliation) bool) error {
		for report(want) {
		}
		return nil
	}})
	var seen []slots.Reconciliation
	err := c.Reconcile(t.Context(), january(), func(r slots.Reconciliation) bool {
		seen = append(seen, r)
		return len(seen) < 2
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]slots.Reconciliation{want, want}, seen); diff != "" {
		t.Error(diff)
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	c := served(t, worker{})
	for name, w := range map[string]query.Window{"no window is given": {}, "not a month": {Month: "x"}} {
		_, err := c.Backfill(t.Context(), w, func(slots.Progress) {})
		if !errors.Is(err, query.ErrQuestion) || !strings.Contains(err.Error(), name) {
			t.Errorf("got %v, want it refused: %s", err, name)
		}
	}
}

// TestAnswers holds what the client makes of what servers answer.
func TestAnswers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status int
		body   string
		want   string
		is     error
	}{
		"problem":   {400, `{"title":"Bad Request","detail":"step: no","errors":[{"message":"try: 1h"}]}`, "step: no\ntry: 1h", query.ErrQuestion},
		"not-found": {404, `{"detail":"no such figure"}`, "no such figure", query.ErrNoFigure},
		"token":     {401, `{"title":"a token is needed"}`, "a token is needed", nil},
		"a-page":    {502, "<html>\xffbad gateway", "<html>?bad gateway", nil},
		"empty":     {500, "", "500 Internal Server Error", nil},
		"cut-off":   {200, `{"from":`, "was cut off", io.ErrUnexpectedEOF},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := client(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(c.status)
				_, _ = io.WriteString(w, c.body)
			}))
			_, err := client.Query(t.Context(), query.Asked{})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
			if c.is != nil && !errors.Is(err, c.is) {
				t.Errorf("%v is not %v", err, c.is)
			}
		})
	}
}

func TestQueryParameters(t *testing.T) {
	t.Parallel()
	asked := query.Asked{By: []string{"group"}, Where: []string{"user=a&b"}, Window: january(), Step: "1d"}
	client := client(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got, err := query.FromValues(r.URL.Query())
		if diff := cmp.Diff(asked, got); diff != "" || err != nil || r.URL.Path != "/api/v1/query" {
			t.Errorf("asked at %s; %v; %s", r.URL.Path, err, diff)
		}
		_ = json.NewEncoder(w).Encode(&query.Answer{TimeZone: "UTC"})
	}))
	answer, err := client.Query(t.Context(), asked)
	if err != nil || answer.TimeZone != "UTC" {
		t.Errorf("got %+v, %v", answer, err)
	}
}

// alive answers as the server of an address does.
func alive(a *remote.Address) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set(remote.InstanceHeader, a.Instance)
		if r.Header.Get("Authorization") != "Bearer "+a.Token {
			w.WriteHeader(http.StatusUnauthorized)
		}
	})
}

func TestFind(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	var a remote.Address
	server := httptest.NewServer(alive(&a))
	defer server.Close()
	a = remote.NewAddress(server.URL)
	if _, err := remote.Find(t.Context(), folder); !errors.Is(err, remote.ErrNoServer) {
		t.Errorf("before: %v", err)
	}
	remove, err := a.Leave(folder)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(filepath.Join(folder, "server.json"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file is %v, %v", info, err)
	}
	c, err := remote.Find(t.Context(), folder)
	if err != nil || c.URL() != server.URL {
		t.Fatalf("found %v, %v", c, err)
	}
	if err := remove(); err != nil {
		t.Fatal(err)
	}
	if _, err := remote.Find(t.Context(), folder); !errors.Is(err, remote.ErrNoServer) {
		t.Errorf("after: %v", err)
	}
}

// TestFindStale holds that the file of a server that was killed leads nowhere, also
// when another program listens there now, and that a server does not remove the
// file of the next one.
func TestFindStale(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	other := httptest.NewServer(http.NotFoundHandler())
	defer other.Close()
	quiet := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer quiet.Close()
	for name, url := range map[string]string{"nobody": "http://127.0.0.1:1", "another": other.URL, "quiet": quiet.URL, "no address": "::"} {
		if _, err := remote.NewAddress(url).Leave(folder); err != nil {
			t.Fatal(err)
		}
		if _, err := remote.Find(t.Context(), folder); !errors.Is(err, remote.ErrNoServer) {
			t.Errorf("%s: %v", name, err)
		}
	}
	removeFirst, err := remote.NewAddress("http://127.0.0.1:1").Leave(folder)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := remote.NewAddress("http://127.0.0.1:2").Leave(folder); err != nil {
		t.Fatal(err)
	}
	if err := removeFirst(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(folder, "server.json")); err != nil {
		t.Errorf("the second server's file: %v", err)
	}
	if err := os.WriteFile(filepath.Join(folder, "server.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := remote.Find(t.Context(), folder); !errors.Is(err, remote.ErrNoServer) {
		t.Errorf("half a file: %v", err)
	}
}

func TestAt(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"127.0.0.1:8420": "http://127.0.0.1:8420", "https://x.example.org/base/": "https://x.example.org/base", "localhost:1": "http://localhost:1",
	} {
		c, err := remote.At(address, "")
		if err != nil || c.URL() != want {
			t.Errorf("%s: %v, %v", address, c, err)
		}
	}
	for _, address := range []string{"", "ftp://x", "http://", "a b"} {
		if _, err := remote.At(address, ""); err == nil {
			t.Errorf("%q is taken as an address", address)
		}
	}
	c, err := remote.At("127.0.0.1:1", "")
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Query(t.Context(), query.Asked{})
	var e *remote.Error
	if !errors.As(err, &e) || e.Hint() == "" || strings.Contains(err.Error(), "/api/v1") {
		t.Errorf("got %v", err)
	}
}
