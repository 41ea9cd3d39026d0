package remote_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/query"
	"github.com/dendro-carbon/dendro/internal/remote"
	"github.com/dendro-carbon/dendro/internal/slots"
)

// A server does the long work, and tells how far it is; the client waits for it.
func ExampleClient_Backfill() {
	calendar, err := account.NewCalendar(account.DefaultStep, time.UTC)
	if err != nil {
		fmt.Println(err)
		return
	}
	mux := http.NewServeMux()
	remote.Register(mux, worker{
		backfill: func(_ context.Context, span account.Span, _ func(slots.Progress)) (slots.Progress, error) {
			fmt.Println("fill", span)
			return slots.Progress{Done: 48, Total: 48}, nil
		},
		reconcile: func(_ context.Context, span account.Span, report func(slots.Reconciliation) bool) error {
			report(slots.Reconciliation{Slot: calendar.Grid().Slot(span.From), Hosts: []string{"n1"}})
			return nil
		},
	}, calendar)
	server := httptest.NewServer(mux)
	defer server.Close()

	client, err := remote.At(server.URL, "")
	if err != nil {
		fmt.Println(err)
		return
	}
	day := query.Window{From: "2026-01-28", To: "2026-01-28"}
	progress, err := client.Backfill(context.Background(), day, func(slots.Progress) {})
	fmt.Println(progress.Done, err, client.URL() == server.URL)
	err = client.Reconcile(context.Background(), day, func(r slots.Reconciliation) bool {
		fmt.Println(r.Slot, r.Hosts)
		return true
	})
	fmt.Println(err)
	// Output:
	// fill [2026-01-28T00:00:00Z, 2026-01-29T00:00:00Z)
	// 48 <nil> true
	// [2026-01-28T00:00:00Z, 2026-01-28T00:30:00Z) [n1]
	// <nil>
}

// A server leaves its address in its data folder, and takes it with it.
func ExampleAddress_Leave() {
	folder, err := os.MkdirTemp("", "data")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(folder)
	address := remote.NewAddress("http://127.0.0.1:8420")
	remove, err := address.Leave(folder)
	if err != nil {
		fmt.Println(err)
		return
	}
	files, _ := os.ReadDir(folder)
	fmt.Println(len(files), len(address.Token) > 20, remove())
	_, err = remote.Find(context.Background(), folder)
	fmt.Println(err != nil)
	// Output:
	// 1 true <nil>
	// true
}
