package sign

import (
	"bytes"
	"context"
	"crypto"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/secure-systems-lab/go-securesystemslib/dsse"
)

// PayloadType is what an envelope says that its payload is: an in-toto statement.
const PayloadType = "application/vnd.in-toto+json"

// ErrSignature is wrapped by the errors of envelopes that do not verify.
var ErrSignature = errors.New("the signature does not hold")

// maxSignatures bounds the signatures of an envelope.
const maxSignatures = 16

// envelope is a DSSE envelope. Its fields stand in the order of its text.
type envelope struct {
	Payload     string      `json:"payload"`
	PayloadType string      `json:"payloadType"`
	Signatures  []signature `json:"signatures"`
}

type signature struct {
	KeyID string `json:"keyid"`
	Sig   string `json:"sig"`
}

// text returns the one legal text of the envelope: compact JSON and a line feed.
func (e *envelope) text() ([]byte, error) {
	text, err := json.Marshal(e)
	return append(text, '\n'), err
}

// Sign returns the text of an envelope with a statement, signed. The same statement
// and key give the same text.
func Sign(statement []byte, key *PrivateKey) ([]byte, error) {
	public, err := key.Public()
	if err != nil {
		return nil, err
	}
	signer, err := dsse.NewEnvelopeSigner(&provider{public, key})
	if err != nil {
		return nil, err
	}
	signed, err := signer.SignPayload(context.Background(), PayloadType, statement)
	if err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	e := envelope{Payload: signed.Payload, PayloadType: signed.PayloadType}
	for _, s := range signed.Signatures {
		e.Signatures = append(e.Signatures, signature{s.KeyID, s.Sig})
	}
	return e.text()
}

// Open returns the statement in an envelope and the ids of the keys that are said to
// have signed it, without a look at the signatures. What is no envelope in its legal
// form wraps [ErrSignature].
func Open(text []byte) (statement []byte, keys []string, err error) {
	e, err := read(text)
	if err != nil {
		return nil, nil, err
	}
	for _, s := range e.Signatures {
		keys = append(keys, s.KeyID)
	}
	statement, err = base64.StdEncoding.DecodeString(e.Payload)
	return statement, keys, err
}

// Verify returns the statement in an envelope that a key signed. Every signature in
// it must be one of the key: what it does not verify could be changed unseen. All
// else wraps [ErrSignature].
func Verify(text []byte, key *PublicKey) ([]byte, error) {
	e, err := read(text)
	if err != nil {
		return nil, err
	}
	verifier, err := dsse.NewEnvelopeVerifier(&provider{public: key})
	if err != nil {
		return nil, err
	}
	if len(e.Signatures) != 1 {
		return nil, fmt.Errorf("%w: %d signatures, and one key to verify them", ErrSignature, len(e.Signatures))
	}
	if e.Signatures[0].KeyID != key.ID() {
		return nil, fmt.Errorf("%w: it is of key %s, and not of %s", ErrSignature, e.Signatures[0].KeyID, key.ID())
	}
	foreign := &dsse.Envelope{PayloadType: e.PayloadType, Payload: e.Payload}
	for _, s := range e.Signatures {
		foreign.Signatures = append(foreign.Signatures, dsse.Signature{KeyID: s.KeyID, Sig: s.Sig})
	}
	_, statement, err := verifier.VerifyAndDecode(context.Background(), foreign)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSignature, err)
	}
	return statement, nil
}

// read reads an envelope that is written as [envelope.text] writes it.
func read(text []byte) (*envelope, error) {
	var e envelope
	if err := json.Unmarshal(text, &e); err != nil {
		return nil, fmt.Errorf("%w: no envelope: %w", ErrSignature, err)
	}
	again, err := e.text()
	if err != nil || !bytes.Equal(again, text) {
		return nil, fmt.Errorf("%w: the envelope is not in its legal form", ErrSignature)
	}
	if e.PayloadType != PayloadType {
		return nil, fmt.Errorf("%w: a payload of type %q, and not %s", ErrSignature, e.PayloadType, PayloadType)
	}
	if n := len(e.Signatures); n == 0 || n > maxSignatures {
		return nil, fmt.Errorf("%w: %d signatures", ErrSignature, n)
	}
	if !strict(e.Payload) {
		return nil, fmt.Errorf("%w: the payload is not in base64", ErrSignature)
	}
	for _, s := range e.Signatures {
		if !strict(s.Sig) {
			return nil, fmt.Errorf("%w: the signature is not in base64", ErrSignature)
		}
	}
	return &e, nil
}

// strict reports whether a text is what base64 makes of some bytes, to the last
// bit of its last character.
func strict(text string) bool {
	decoded, err := base64.StdEncoding.DecodeString(text)
	return err == nil && base64.StdEncoding.EncodeToString(decoded) == text
}

// provider lets the library of envelopes use a key.
type provider struct {
	public  *PublicKey
	private *PrivateKey
}

func (p *provider) KeyID() (string, error)   { return p.public.ID(), nil }
func (p *provider) Public() crypto.PublicKey { return p.public.key }

func (p *provider) Sign(_ context.Context, text []byte) ([]byte, error) { return p.private.sign(text) }

func (p *provider) Verify(_ context.Context, text, signature []byte) error {
	if !p.public.verifies(text, signature) {
		return ErrSignature
	}
	return nil
}
