// Package sign has the keys of disclosures, and the envelopes (DSSE) in which a
// statement is signed. Keys are Ed25519 or ECDSA on P-256, in the PEM files that
// openssl reads and writes; nothing is looked up anywhere.
//
// The fact that a reader would get wrong: an envelope has one legal byte form. What
// a lenient reader would take for the same envelope, such as another key id beside
// a good signature, is refused, so that no byte of it can be changed unseen.
package sign

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
)

// ErrKey is wrapped by the errors of keys that cannot be used.
var ErrKey = errors.New("not a usable key")

// Kind is an algorithm of keys.
type Kind string

// The kinds of keys.
const (
	Ed25519   Kind = "ed25519"
	ECDSAP256 Kind = "ecdsa-p256"
)

// The types of the PEM blocks.
const (
	privateBlock = "PRIVATE KEY"
	publicBlock  = "PUBLIC KEY"
)

// PrivateKey signs. The zero value is not usable; make one with [NewKey] or
// [ParsePrivate].
type PrivateKey struct{ signer crypto.Signer }

// PublicKey verifies. Make one with [ParsePublic] or [PrivateKey.Public].
type PublicKey struct {
	key crypto.PublicKey
	der []byte
}

// NewKey returns a new key from the system's source of randomness. An unknown kind
// wraps [ErrKey].
func NewKey(kind Kind) (*PrivateKey, error) {
	switch kind {
	case Ed25519:
		_, key, err := ed25519.GenerateKey(rand.Reader)
		return &PrivateKey{key}, err
	case ECDSAP256:
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		return &PrivateKey{key}, err
	}
	return nil, fmt.Errorf("%w: kind %q is not %s or %s", ErrKey, kind, Ed25519, ECDSAP256)
}

// ParsePrivate reads a key from a PEM file (PKCS #8). What is no such key wraps
// [ErrKey].
func ParsePrivate(text []byte) (*PrivateKey, error) {
	block, err := block(text, privateBlock)
	if err != nil {
		return nil, err
	}
	key, err := x509.ParsePKCS8PrivateKey(block)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKey, err)
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, fmt.Errorf("%w: %T cannot sign", ErrKey, key)
	}
	if err := supported(signer.Public()); err != nil {
		return nil, err
	}
	return &PrivateKey{signer}, nil
}

// ParsePublic reads a public key from a PEM file, or takes that of the private key
// in it. What is neither wraps [ErrKey].
func ParsePublic(text []byte) (*PublicKey, error) {
	if private, err := ParsePrivate(text); err == nil {
		return private.Public()
	}
	der, err := block(text, publicBlock)
	if err != nil {
		return nil, err
	}
	key, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKey, err)
	}
	return newPublic(key)
}

func newPublic(key crypto.PublicKey) (*PublicKey, error) {
	if err := supported(key); err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKey, err)
	}
	return &PublicKey{key, der}, nil
}

func block(text []byte, want string) ([]byte, error) {
	found, _ := pem.Decode(text)
	switch {
	case found == nil:
		return nil, fmt.Errorf("%w: no PEM block in it", ErrKey)
	case found.Type != want:
		return nil, fmt.Errorf("%w: a PEM block %q where %q is wanted", ErrKey, found.Type, want)
	}
	return found.Bytes, nil
}

func supported(key crypto.PublicKey) error {
	switch k := key.(type) {
	case ed25519.PublicKey:
		return nil
	case *ecdsa.PublicKey:
		if k.Curve == elliptic.P256() {
			return nil
		}
	}
	return fmt.Errorf("%w: %T is not Ed25519 or ECDSA on P-256", ErrKey, key)
}

// Public returns the key that verifies what this one signs.
func (k *PrivateKey) Public() (*PublicKey, error) { return newPublic(k.signer.Public()) }

// PEM returns the key as the text of a file (PKCS #8). It is not encrypted.
func (k *PrivateKey) PEM() ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(k.signer)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKey, err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: privateBlock, Bytes: der}), nil
}

// sign returns the signature of a text. The same key and text give the same
// signature: without randomness ECDSA derives its nonce from them (RFC 6979).
func (k *PrivateKey) sign(text []byte) ([]byte, error) {
	if _, ok := k.signer.(ed25519.PrivateKey); ok {
		return k.signer.Sign(nil, text, crypto.Hash(0))
	}
	digest := sha256.Sum256(text)
	return k.signer.Sign(nil, digest[:], crypto.SHA256)
}

// PEM returns the key as the text of a file (SubjectPublicKeyInfo).
func (k *PublicKey) PEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: publicBlock, Bytes: k.der})
}

// ID returns the name of the key: the SHA-256 of its SubjectPublicKeyInfo in DER, as
// openssl pkey -pubin -outform DER | sha256sum prints it.
func (k *PublicKey) ID() string {
	sum := sha256.Sum256(k.der)
	return hex.EncodeToString(sum[:])
}

// Kind returns the algorithm of the key.
func (k *PublicKey) Kind() Kind {
	if _, ok := k.key.(ed25519.PublicKey); ok {
		return Ed25519
	}
	return ECDSAP256
}

// verifies reports whether a signature of a text is this key's.
func (k *PublicKey) verifies(text, signature []byte) bool {
	switch key := k.key.(type) {
	case ed25519.PublicKey:
		return ed25519.Verify(key, text, signature)
	case *ecdsa.PublicKey:
		digest := sha256.Sum256(text)
		return ecdsa.VerifyASN1(key, digest[:], signature)
	}
	return false
}
