package remote_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/ledger"
	"github.com/dendro-carbon/dendro/internal/ledger/memory"
	"github.com/dendro-carbon/dendro/internal/query"
	"github.com/dendro-carbon/dendro/internal/remote"
)

// pinning returns a server of an empty ledger, and that.
func pinning() (*httptest.Server, *memory.Store, error) {
	calendar, err := account.NewCalendar(account.DefaultStep, time.UTC)
	if err != nil {
		return nil, nil, err
	}
	store, mux := memory.New(calendar), http.NewServeMux()
	remote.RegisterPins(mux, store)
	return httptest.NewServer(mux), store, nil
}

// Who discloses a period has the server keep its facts.
func ExampleRegisterPins() {
	calendar, err := account.NewCalendar(account.DefaultStep, time.UTC)
	if err != nil {
		fmt.Println(err)
		return
	}
	store, mux := memory.New(calendar), http.NewServeMux()
	remote.RegisterPins(mux, store)
	server := httptest.NewServer(mux)
	defer server.Close()
	client, err := remote.At(server.URL, "")
	if err != nil {
		fmt.Println(err)
		return
	}
	january := account.NewSpan(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC))
	fmt.Println(client.Pin(context.Background(), ledger.Pin{Name: "sha256:ab", Span: january}))
	pins, err := store.Pins(context.Background())
	fmt.Println(pins[0].Name, pins[0].Span, err)
	// Output:
	// <nil>
	// sha256:ab [2026-01-01T00:00:00Z, 2026-02-01T00:00:00Z) <nil>
}

func TestPinRefusesWhatIsNone(t *testing.T) {
	t.Parallel()
	server, store, err := pinning()
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	client, err := remote.At(server.URL, "")
	if err != nil {
		t.Fatal(err)
	}
	day := account.NewSpan(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC))
	other := account.NewSpan(day.From, day.To.Add(time.Hour))
	for _, c := range []struct {
		pin  ledger.Pin
		good bool
	}{
		{ledger.Pin{Name: "a", Span: day}, true},
		{ledger.Pin{Name: "a", Span: day}, true},
		{ledger.Pin{Name: "a", Span: other}, false},
		{ledger.Pin{Span: day}, false},
		{ledger.Pin{Name: "b"}, false},
	} {
		err := client.Pin(t.Context(), c.pin)
		if (err == nil) != c.good || err != nil && !errors.Is(err, query.ErrQuestion) {
			t.Errorf("%+v: %v", c.pin, err)
		}
	}
	for _, parameters := range []string{"?name=c&from=x&to=y", "?name=c&from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z&more=1", ""} {
		resp, err := http.Post(server.URL+"/api/v1/pins"+parameters, "", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusBadRequest {
			t.Errorf("%q: status %d", parameters, resp.StatusCode)
		}
	}
	if pins, err := store.Pins(t.Context()); err != nil || len(pins) != 1 {
		t.Errorf("pins are %+v, %v", pins, err)
	}
}
