package disclosure

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// Given is what there is to verify a document with. What is nil is not given.
type Given struct {
	// Name is the name of the document's file, without its folder, and Text its content.
	Name string
	Text []byte
	// Statement is the file beside it.
	Statement []byte
	// Envelope is the signed statement, and Open what verifies it and returns the
	// statement in it. Key says that a key was given: then a signature has to be there.
	Envelope []byte
	Open     func(envelope []byte) ([]byte, error)
	Key      bool
	// Previous is the content of the document before.
	Previous []byte
	// Refold folds the inputs again, for a document.
	Refold func(*Document) (*Period, error)
}

// State is the result of a check.
type State string

// The states of checks.
const (
	OK       State = "ok"
	Failed   State = "failed"
	NotGiven State = "not given"
)

// Check is one thing that was verified.
type Check struct {
	Name  string   `json:"check"`
	State State    `json:"state"`
	Texts []string `json:"detail"`
}

// Verification is the result of [Verify].
type Verification struct {
	// Document is nil if the text is none.
	Document *Document `json:"-"`
	// Hash is the SHA-256 of the file.
	Hash   string  `json:"sha256"`
	Checks []Check `json:"checks"`
}

// Holds reports whether no check failed.
func (v *Verification) Holds() bool {
	for _, c := range v.Checks {
		if c.State == Failed {
			return false
		}
	}
	return true
}

// check adds a check that failed if there is anything wrong; otherwise its text is good.
func (v *Verification) check(name, good string, wrong ...string) {
	if len(wrong) > 0 {
		v.Checks = append(v.Checks, Check{name, Failed, wrong})
		return
	}
	v.Checks = append(v.Checks, Check{name, OK, []string{good}})
}

func (v *Verification) notGiven(name, text string) {
	v.Checks = append(v.Checks, Check{name, NotGiven, []string{text}})
}

// Verify checks a document of Dendro's against all that is given.
func Verify(g Given) *Verification {
	v := &Verification{Hash: Hash(g.Text)}
	d, err := Parse(g.Text)
	if err != nil {
		v.check("form", "", err.Error())
	} else {
		v.Document = d
		v.check("form", "the one legal text of "+Schema)
		v.content(d)
	}
	v.statement(&g)
	v.signature(&g)
	v.previous(&g)
	v.inputs(&g)
	return v
}

// content checks what the document says by itself.
func (v *Verification) content(d *Document) {
	id, err := d.identify()
	switch {
	case err != nil:
		v.check("id", "", err.Error())
	case id != d.ID:
		v.check("id", "", fmt.Sprintf("it is %s, the content makes %s", d.ID, id))
	default:
		v.check("id", d.ID)
	}
	v.check("sums", "rows and what is shared add up to the totals", Inconsistencies(d)...)
	if d.Intent != Official {
		v.notGiven("rules", "the document is "+string(d.Intent)+": rules are for official ones")
		return
	}
	var broken []string
	for _, x := range Violations(d) {
		broken = append(broken, x.Field+": "+x.Text)
	}
	v.check("rules", fmt.Sprintf("all %d rules of official disclosures", len(Rules())), broken...)
}

func (v *Verification) statement(g *Given) {
	const name = "statement"
	if g.Statement == nil {
		v.notGiven(name, "no statement lies beside the document")
		return
	}
	want, err := v.stated(g)
	switch {
	case err != nil:
		v.check(name, "", "no statement can be about what is no disclosure")
	case !bytes.Equal(want, g.Statement):
		v.check(name, "", aboutAnother(g, v.Hash)...)
	default:
		v.check(name, "SHA-256 "+v.Hash)
	}
}

// stated returns what a statement about the document has to be.
func (v *Verification) stated(g *Given) ([]byte, error) {
	if v.Document == nil {
		return nil, ErrDocument
	}
	return v.Document.stated(g.Name, g.Text)
}

// aboutAnother says in what a statement differs from that of the document.
func aboutAnother(g *Given, hash string) []string {
	var s statement
	if err := json.Unmarshal(g.Statement, &s); err != nil || len(s.Subject) != 1 {
		return []string{"it is no statement about one file"}
	}
	var wrong []string
	if is := s.Subject[0].Digest.SHA256; is != hash {
		wrong = append(wrong, fmt.Sprintf("it is about a file of SHA-256 %s, the document has %s", is, hash))
	}
	if is := s.Subject[0].Name; is != g.Name {
		wrong = append(wrong, fmt.Sprintf("it is about a file named %q, and not %q", is, g.Name))
	}
	if len(wrong) == 0 {
		wrong = append(wrong, "it does not say of the document what it is")
	}
	return wrong
}

func (v *Verification) signature(g *Given) {
	const name = "signature"
	switch {
	case g.Envelope == nil && g.Key:
		v.check(name, "", "a key is given, and no signed statement lies beside the document")
		return
	case g.Envelope == nil:
		v.notGiven(name, "no signed statement lies beside the document")
		return
	}
	signed, err := g.Open(g.Envelope)
	if err != nil {
		v.check(name, "", err.Error())
		return
	}
	want, err := v.stated(g)
	switch {
	case err != nil || !bytes.Equal(signed, want):
		v.check(name, "", "what is signed is not the statement of this document")
	case !g.Key:
		v.notGiven(name, "there is one, of this document's statement; give its key by --key")
	default:
		v.check(name, "signed by the key that is given")
	}
}

func (v *Verification) previous(g *Given) {
	const name = "previous"
	switch {
	case v.Document == nil:
		return
	case g.Previous == nil && v.Document.Previous == nil:
		v.notGiven(name, "the document follows none")
		return
	case g.Previous == nil:
		v.notGiven(name, "it follows "+v.Document.Previous.ID+"; give that by --previous")
		return
	case v.Document.Previous == nil:
		v.check(name, "", "the document says that it follows none")
		return
	}
	v.check(name, "it follows "+v.Document.Previous.ID, notBefore(v.Document, g.Previous)...)
}

// notBefore says why a document does not follow another one.
func notBefore(d *Document, previous []byte) []string {
	var wrong []string
	if hash := Hash(previous); hash != d.Previous.SHA256 {
		wrong = append(wrong, fmt.Sprintf("that has SHA-256 %s, and the document follows %s", hash, d.Previous.SHA256))
	}
	p, err := Parse(previous)
	if err != nil {
		return append(wrong, err.Error())
	}
	if p.ID != d.Previous.ID {
		wrong = append(wrong, fmt.Sprintf("that is %s, and the document follows %s", p.ID, d.Previous.ID))
	}
	if !d.Follows(p) {
		wrong = append(wrong, fmt.Sprintf("that ends at %s and the document begins at %s: a gap, or an overlap",
			p.Period.To.Format(timeLayout), d.Period.From.Format(timeLayout)))
	}
	return wrong
}

func (v *Verification) inputs(g *Given) {
	const name = "inputs"
	switch {
	case v.Document == nil:
		return
	case g.Refold == nil:
		v.notGiven(name, "give them by --inputs to have the figures worked out again")
		return
	}
	p, err := g.Refold(v.Document)
	if err != nil {
		v.check(name, "", err.Error())
		return
	}
	wrong, err := Rederive(v.Document, p)
	if err != nil {
		wrong = append(wrong, err.Error())
	}
	v.check(name, "the inputs give these figures", wrong...)
}

// Rederive returns which members of a document a period folded from its inputs gives
// otherwise.
func Rederive(d *Document, p *Period) ([]string, error) {
	zone, err := d.Zone()
	if err != nil {
		return nil, err
	}
	again, err := New(p, Request{
		Intent: d.Intent, Confidentiality: d.Confidentiality, Zone: zone, By: d.Scope.By, MadeAt: d.MadeAt, Program: d.Program,
		Accounts: d.Method.Accounts, DataSets: d.Method.DataSets,
	})
	if err != nil {
		return nil, err
	}
	bare := *d
	bare.Quality.Findings = nil
	for _, f := range d.Quality.Findings {
		bare.Quality.Findings = append(bare.Quality.Findings, Acknowledged{Finding: f.Finding})
	}
	again.Quality.Findings = append([]Acknowledged(nil), again.Quality.Findings...)
	var wrong []string
	for _, part := range []struct {
		name      string
		have, new any
	}{
		{"totals", d.Totals, again.Totals},
		{"rows", d.Rows, again.Rows},
		{"shared", d.Shared, again.Shared},
		{"coverage", d.Coverage, again.Coverage},
		{"method", d.Method, again.Method},
		{"quality", bare.Quality, again.Quality},
		{"inputs", d.Inputs, again.Inputs},
		{"period", d.Period, again.Period},
	} {
		have, err1 := json.Marshal(part.have)
		now, err2 := json.Marshal(part.new)
		if err := errors.Join(err1, err2); err != nil {
			return nil, err
		}
		if !bytes.Equal(have, now) {
			wrong = append(wrong, part.name+": "+apart(string(have), string(now)))
		}
	}
	return wrong, nil
}

// apart shows where two texts begin to differ.
func apart(have, now string) string {
	at := max(difference([]byte(have), []byte(now)), 0)
	begin := max(strings.LastIndexAny(have[:at], "{,")+1, at-60, 0)
	cut := func(text string) string {
		text = text[min(begin, len(text)):]
		return text[:min(len(text), 90)]
	}
	return fmt.Sprintf("the document has …%s…, the inputs give …%s…", cut(have), cut(now))
}
