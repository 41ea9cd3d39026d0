package api

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"path/filepath"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/dendro-carbon/dendro/internal/disclosure"
	"github.com/dendro-carbon/dendro/internal/disclosure/shelf"
)

// Refold folds the inputs of a document again.
type Refold func(ctx context.Context, d *disclosure.Document) (*disclosure.Period, error)

// refoldFor is how long the inputs of a document may be read.
const refoldFor = 10 * time.Minute

var (
	errNoInputs = errors.New("this server does not have the inputs; verify with dendro verify --inputs where they are")
	errBusy     = errors.New("the inputs of a disclosure are being read already; ask again when that is done")
	errNotThere = errors.New("it lies not beside the document")
)

type disclosuresInput struct {
	Limit int `query:"limit" default:"1000" minimum:"1" maximum:"10000" doc:"The most that are listed, the newest first"`
}

type disclosuresOutput struct {
	Body struct {
		shelf.List
		Keys   []disclosureKey `json:"keys" doc:"The public keys that signatures are verified with"`
		Inputs []string        `json:"inputs" doc:"The sources, archives or ledger, whose disclosures this server can work out again"`
		More   bool            `json:"more" doc:"There are more than the limit"`
	}
}

// disclosureKey is a public key that the server was given.
type disclosureKey struct {
	Name string `json:"name"`
	ID   string `json:"id"`
}

type disclosureInput struct {
	ID          string   `path:"id" doc:"The id of a disclosure, with or without urn:uuid:, or the SHA-256 of its file"`
	IfNoneMatch []string `header:"If-None-Match"`
}

// raw is an answer whose bytes are those of a file.
type raw struct{ Body func(huma.Context) }

type verifyInput struct {
	ID     string `path:"id" doc:"The id of a disclosure, or the SHA-256 of its file"`
	Inputs bool   `query:"inputs" doc:"Also work the figures out again from the server's archive or ledger, which takes a while"`
}

type verifyOutput struct {
	Body struct {
		File  string `json:"file"`
		Holds bool   `json:"holds" doc:"No check fails"`
		disclosure.Verification
	}
}

type compareInput struct {
	ID   string `path:"id" doc:"The id of a disclosure, or the SHA-256 of its file"`
	With string `query:"with" doc:"Id or hash of the other one; by default the one that it restates, follows or comes after"`
}

type compareOutput struct{ Body *disclosure.Comparison }

func (s *Server) disclosures() {
	if s.Disclosures == nil { // asked all the same, it is empty
		s.Disclosures = shelf.New(shelf.Config{})
	} else {
		s.Features = append([]string{"disclosures"}, s.Features...)
	}
	huma.Register(s.api, get("disclosures", "disclosures", "Disclosures of this server's folder",
		"The newest period first, each with its totals, who signed it, and whether form, sums, rules, statement and signature hold. "+
			"Files that are no disclosures are listed with what is wrong."), s.listDisclosures)
	one := func(id, at, summary, description, contentType string) huma.Operation {
		op := get(id, "disclosures/{id}"+at, summary, description)
		text := &huma.Schema{Type: huma.TypeString, Format: "binary"}
		op.Responses = map[string]*huma.Response{
			"200": {Description: "The file", Content: map[string]*huma.MediaType{contentType: {Schema: text}}},
			"304": {Description: "The file has the ETag that was sent"},
		}
		return op
	}
	huma.Register(s.api, one("disclosure", "", "A disclosure, byte for byte", "Its ETag is the SHA-256 of the file.", "application/json"), s.document)
	huma.Register(s.api, one("disclosure-statement", "/statement", "The statement about a disclosure (in-toto)",
		"SHA-256 of the file, id, period, organisation; it is not signed.", "application/vnd.in-toto+json"), s.statement)
	huma.Register(s.api, one("disclosure-envelope", "/envelope", "The signed statement about a disclosure (DSSE)",
		"The statement, and who signed it.", "application/vnd.dsse.envelope.v1+json"), s.envelope)
	huma.Register(s.api, one("disclosure-html", "/html", "A disclosure as a page for people",
		"One page with charts, without scripts, to be read or printed. It is not signed.", "text/html"), s.page)
	huma.Register(s.api, one("disclosure-csv", "/csv", "The rows of a disclosure as CSV", "With what is shared and the totals. It is not signed.", "text/csv"), s.rows)
	huma.Register(s.api, get("disclosure-verify", "disclosures/{id}/verify", "Verify a disclosure",
		"What dendro verify says: each check is ok, failed or not given. The previous disclosure is taken from the folder. One request at a time can have the inputs read."), s.verifyDisclosure)
	huma.Register(s.api, get("disclosure-compare", "disclosures/{id}/compare", "Compare a disclosure with another one",
		"Totals, rows, methods and factors of both, and why figures of the same period differ."), s.compareDisclosures)
}

func (s *Server) listDisclosures(ctx context.Context, in *disclosuresInput) (*disclosuresOutput, error) {
	ctx, cancel := within(ctx)
	defer cancel()
	list, err := s.Disclosures.List(ctx)
	if err != nil {
		return nil, s.problem(ctx, err)
	}
	out := &disclosuresOutput{}
	out.Body.List, out.Body.Keys, out.Body.Inputs = *list, []disclosureKey{}, []string{}
	if out.Body.More = len(list.Items) > in.Limit; out.Body.More {
		out.Body.Items = list.Items[:in.Limit]
	}
	for _, key := range s.Disclosures.Keys() {
		out.Body.Keys = append(out.Body.Keys, disclosureKey{key.Name, key.ID})
	}
	for _, source := range []string{disclosure.SourceArchives, disclosure.SourceLedger} {
		if s.Inputs[source] != nil {
			out.Body.Inputs = append(out.Body.Inputs, source)
		}
	}
	return out, nil
}

// file answers with a file that is made of a document.
func (s *Server) file(ctx context.Context, in *disclosureInput, of func(*shelf.Document) (*attached, error)) (*raw, error) {
	d, err := s.Disclosures.Read(ctx, in.ID)
	if err != nil {
		return nil, s.problem(ctx, err)
	}
	f, err := of(d)
	if err != nil {
		return nil, s.problem(ctx, err)
	}
	return &raw{func(c huma.Context) { f.serve(c, in.IfNoneMatch) }}, nil
}

// attached is a file that is given out.
type attached struct {
	name, contentType string
	text              []byte
	// policy is the Content-Security-Policy of a page.
	policy string
}

func (f *attached) serve(c huma.Context, known []string) {
	tag := `"` + disclosure.Hash(f.text) + `"`
	c.SetHeader("ETag", tag)
	c.SetHeader("Cache-Control", "private, no-cache")
	for _, one := range known {
		if one = strings.TrimPrefix(strings.TrimSpace(one), "W/"); one == tag || one == "*" {
			c.SetStatus(http.StatusNotModified)
			return
		}
	}
	c.SetHeader("Content-Type", f.contentType)
	c.SetHeader("Content-Length", fmt.Sprint(len(f.text)))
	c.SetHeader("Content-Disposition", mime.FormatMediaType("inline", map[string]string{"filename": f.name}))
	if f.policy != "" {
		c.SetHeader("Content-Security-Policy", f.policy)
	}
	c.SetStatus(http.StatusOK)
	_, _ = c.BodyWriter().Write(f.text) // the client has gone
}

func (s *Server) document(ctx context.Context, in *disclosureInput) (*raw, error) {
	return s.file(ctx, in, func(d *shelf.Document) (*attached, error) {
		return &attached{name: d.Item.File, contentType: "application/json", text: d.Text}, nil
	})
}

func (s *Server) statement(ctx context.Context, in *disclosureInput) (*raw, error) {
	return s.file(ctx, in, func(d *shelf.Document) (*attached, error) {
		return beside(d, disclosure.StatementSuffix, "application/vnd.in-toto+json", d.Statement)
	})
}

func (s *Server) envelope(ctx context.Context, in *disclosureInput) (*raw, error) {
	return s.file(ctx, in, func(d *shelf.Document) (*attached, error) {
		return beside(d, disclosure.EnvelopeSuffix, "application/vnd.dsse.envelope.v1+json", d.Envelope)
	})
}

// beside returns a file that lies beside a document.
func beside(d *shelf.Document, suffix, contentType string, text []byte) (*attached, error) {
	name := disclosure.Beside(d.Item.File, suffix)
	if text == nil {
		return nil, fmt.Errorf("%s: %w", name, errNotThere)
	}
	return &attached{name: name, contentType: contentType, text: text}, nil
}

// pagePolicy lets a page have its own style and nothing else: no script can run in what a
// document says.
const pagePolicy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"

func (s *Server) page(ctx context.Context, in *disclosureInput) (*raw, error) {
	return s.file(ctx, in, func(d *shelf.Document) (*attached, error) {
		text, err := rendered(func(w io.Writer) error { return d.Content.WriteHTML(w, d.Item.SHA256) })
		return &attached{stem(d) + ".html", "text/html; charset=utf-8", text, pagePolicy}, err
	})
}

func (s *Server) rows(ctx context.Context, in *disclosureInput) (*raw, error) {
	return s.file(ctx, in, func(d *shelf.Document) (*attached, error) {
		text, err := rendered(d.Content.WriteCSV)
		return &attached{name: stem(d) + ".csv", contentType: "text/csv; charset=utf-8; header=present", text: text}, err
	})
}

func stem(d *shelf.Document) string {
	return strings.TrimSuffix(d.Item.File, filepath.Ext(d.Item.File))
}

func rendered(write func(io.Writer) error) ([]byte, error) {
	var b bytes.Buffer
	err := write(&b)
	return b.Bytes(), err
}

func (s *Server) verifyDisclosure(ctx context.Context, in *verifyInput) (*verifyOutput, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, refoldFor, errDeadline)
	defer cancel()
	refold, done, err := s.refold(ctx, in)
	if err != nil {
		return nil, s.problem(ctx, err)
	}
	defer done()
	file, v, err := s.Disclosures.Verify(ctx, in.ID, refold)
	if err == nil && refold != nil {
		err = context.Cause(ctx) // broken off is not failed
	}
	if err != nil {
		return nil, s.problem(ctx, err)
	}
	out := &verifyOutput{}
	out.Body.File, out.Body.Holds, out.Body.Verification = file, v.Holds(), *v
	return out, nil
}

// refold returns what reads the inputs of a disclosure, nil if they are not asked for. Only
// one may be read at a time, until done is called.
func (s *Server) refold(ctx context.Context, in *verifyInput) (_ shelf.Refold, done func(), err error) {
	done = func() {}
	if !in.Inputs {
		return nil, done, nil
	}
	d, err := s.Disclosures.Read(ctx, in.ID)
	if err != nil {
		return nil, done, err
	}
	read := s.Inputs[d.Item.Source]
	if read == nil {
		return nil, done, errNoInputs
	}
	select {
	case s.refolding <- struct{}{}:
	default:
		return nil, done, errBusy
	}
	return func(d *disclosure.Document) (*disclosure.Period, error) { return read(ctx, d) }, func() { <-s.refolding }, nil
}

func (s *Server) compareDisclosures(ctx context.Context, in *compareInput) (*compareOutput, error) {
	ctx, cancel := within(ctx)
	defer cancel()
	c, err := s.Disclosures.Compare(ctx, in.ID, in.With)
	if err != nil {
		return nil, s.problem(ctx, err)
	}
	return &compareOutput{c}, nil
}
