package app

import (
	"context"
	"fmt"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/buildinfo"
	"github.com/dendro-carbon/dendro/internal/disclosure"
	"github.com/dendro-carbon/dendro/internal/disclosure/fold"
	"github.com/dendro-carbon/dendro/internal/disclosure/shelf"
	"github.com/dendro-carbon/dendro/internal/sign"
)

// simulated are the disclosures of a simulated facility, which are gone with the server,
// and the key that signs them.
type simulated struct {
	files *shelf.Memory
	key   *sign.PrivateKey
}

// simulatedShelf returns an empty shelf of disclosures, with a key of its own.
func simulatedShelf() (*shelf.Shelf, *simulated, error) {
	key, err := sign.NewKey(sign.Ed25519)
	if err != nil {
		return nil, nil, err
	}
	public, err := key.Public()
	if err != nil {
		return nil, nil, err
	}
	files := &shelf.Memory{}
	c := shelf.Config{Memory: files, Peek: sign.Open, Keys: []shelf.Key{shelfKey("simulated.pub", public)}}
	return shelf.New(c), &simulated{files, key}, nil
}

// simulatedMonths is how many months of a simulated facility are disclosed.
const simulatedMonths = 2

// disclose discloses the last months of a simulated facility that are over, as far as it
// reaches back, each chained to the one before.
func (s *simulated) disclose(ctx context.Context, p *Parts, past account.Span) error {
	var months []account.Span
	for month := range p.Store.Calendar().Periods(account.StepMonth, past) {
		if month = month.Overlap(past); month.To.Before(past.To) {
			months = append(months, month)
		}
	}
	var previous *disclosure.Link
	for _, month := range months[max(0, len(months)-simulatedMonths):] {
		link, err := s.month(ctx, p, month, previous)
		if err != nil {
			return fmt.Errorf("disclose the simulated month of %s: %w", month.From.Format(time.DateOnly), err)
		}
		previous = link
	}
	return nil
}

// month discloses one month.
func (s *simulated) month(ctx context.Context, p *Parts, span account.Span, previous *disclosure.Link) (*disclosure.Link, error) {
	r := disclosure.Request{
		Intent: disclosure.Internal, Confidentiality: disclosure.Confidential, Zone: p.Store.Calendar().Zone(), By: []string{account.LabelFacility, account.LabelGroup}, Names: p.Shown(),
		MadeAt: time.Now(), Program: disclosure.Program{Name: "dendro", Version: buildinfo.Read().Version}, Previous: previous,
		Org: &disclosure.Org{
			Organisation: disclosure.Organisation{Name: "Simulated research facility", Country: "GB"},
			Notes:        disclosure.OrgNotes{Disclaimers: []string{"Simulated: nothing of this was measured."}},
		},
	}
	period, err := fold.Known(ctx, p.Store, fold.LedgerConfig{Span: span, By: r.By, Names: r.Names})
	if err != nil {
		return nil, err
	}
	if err := fold.Method(ctx, p.Store, period, &r); err != nil {
		return nil, err
	}
	d, err := disclosure.New(period, r)
	if err != nil {
		return nil, err
	}
	text, err := d.Text()
	if err != nil {
		return nil, err
	}
	return &disclosure.Link{ID: d.ID, SHA256: disclosure.Hash(text)}, s.write("simulated-"+span.From.In(r.Zone).Format("2006-01")+".json", text)
}

// write writes a document after what lies beside it.
func (s *simulated) write(name string, text []byte) error {
	statement, err := disclosure.Statement(name, text)
	if err != nil {
		return err
	}
	envelope, err := sign.Sign(statement, s.key)
	if err != nil {
		return err
	}
	s.files.Put(disclosure.Beside(name, disclosure.StatementSuffix), statement)
	s.files.Put(disclosure.Beside(name, disclosure.EnvelopeSuffix), envelope)
	s.files.Put(name, text)
	return nil
}
