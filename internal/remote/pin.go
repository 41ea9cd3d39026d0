package remote

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/ledger"
)

// pinsPath is where pins are asked for.
const pinsPath = "/api/v1/pins"

// RegisterPins adds POST /api/v1/pins to a server, with name, from and to as parameters:
// who discloses a period has the server keep its facts, since the ledger is open to
// that one alone.
func RegisterPins(mux *http.ServeMux, store ledger.Retention) {
	mux.HandleFunc("POST "+pinsPath, func(w http.ResponseWriter, r *http.Request) {
		pin, err := readPin(r.URL.Query())
		if err == nil {
			err = store.Pin(r.Context(), pin)
		}
		switch {
		case errors.Is(err, ledger.ErrInvalid):
			refuse(w, http.StatusBadRequest, err)
		case err != nil:
			refuse(w, http.StatusServiceUnavailable, fmt.Errorf("the period is not pinned: %w", err))
		default:
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(map[string]string{"pinned": pin.Name}) // the client has gone
		}
	})
}

// readPin reads a pin of now; other parameters are refused.
func readPin(values url.Values) (ledger.Pin, error) {
	for name := range values {
		switch name {
		case "name", "from", "to":
		default:
			return ledger.Pin{}, fmt.Errorf("%w: %q is not a parameter of %s; use name, from, to", ledger.ErrInvalid, name, pinsPath)
		}
	}
	from, err1 := time.Parse(time.RFC3339Nano, values.Get("from"))
	to, err2 := time.Parse(time.RFC3339Nano, values.Get("to"))
	if err := errors.Join(err1, err2); err != nil {
		return ledger.Pin{}, fmt.Errorf("%w: from and to: %w", ledger.ErrInvalid, err)
	}
	p := ledger.Pin{Name: values.Get("name"), Span: account.NewSpan(from, to), Since: account.Instant(time.Now())}
	return p, p.Validate()
}

// Pin has the server keep the facts of a span. It is done when Pin returns nil, and
// idempotent.
func (c *Client) Pin(ctx context.Context, p ledger.Pin) error {
	resp, err := c.send(ctx, http.MethodPost, pinsPath, url.Values{
		"name": {p.Name}, "from": {p.Span.From.Format(time.RFC3339Nano)}, "to": {p.Span.To.Format(time.RFC3339Nano)},
	})
	if err != nil {
		return err
	}
	return resp.Body.Close()
}
