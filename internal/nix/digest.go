package nix

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

// A Digest is a SHA-256 digest.
type Digest = [sha256.Size]byte

const (
	// letters are the digits of nix-base32, which omits e, o, t and u.
	letters = "0123456789abcdfghijklmnpqrsvwxyz"

	// base32Len is the number of five-bit digits for 256 bits. The first has
	// only one bit.
	base32Len = (8*sha256.Size + 4) / 5
)

// SRI returns a digest in the format of Subresource Integrity: sha256- and
// base64.
func SRI(d Digest) string {
	return "sha256-" + base64.StdEncoding.EncodeToString(d[:])
}

// Base32 returns a digest in nix-base32, without a "sha256:" prefix.
func Base32(d Digest) string {
	text := make([]byte, base32Len)
	for i := range text {
		text[base32Len-1-i] = letters[bits(&d, 5*i)]
	}
	return string(text)
}

// bits returns the five bits of d from bit at on, with zeros past its end.
func bits(d *Digest, at int) byte {
	n := uint16(d[at/8])
	if at/8+1 < len(d) {
		n |= uint16(d[at/8+1]) << 8
	}
	return byte(n>>(at%8)) & 0x1f
}

var errDigest = errors.New("is not a SHA-256 digest: expected sha256- and base64, or 52 digits of nix-base32, or 64 of hex")

// Parse parses the output of SRI and Base32. It also accepts hex, and the
// prefix "sha256:" before nix-base32 and hex. A digest has only one spelling in
// each format, except for the case of hex digits.
func Parse(s string) (Digest, error) {
	d, ok := parse(s)
	if !ok {
		return Digest{}, fmt.Errorf("%q %w", s, errDigest)
	}
	return d, nil
}

func parse(s string) (d Digest, ok bool) {
	if text, found := strings.CutPrefix(s, "sha256-"); found {
		data, err := base64.StdEncoding.Strict().DecodeString(text)
		// The decoder ignores line ends.
		return d, err == nil && copy(d[:], data) == len(data) && SRI(d) == s
	}
	s = strings.TrimPrefix(s, "sha256:")
	switch len(s) {
	case hex.EncodedLen(len(d)):
		_, err := hex.Decode(d[:], []byte(s))
		return d, err == nil
	case base32Len:
		return parseBase32(s)
	}
	return d, false
}

func parseBase32(s string) (d Digest, ok bool) {
	for i := range s {
		digit := strings.IndexByte(letters, s[base32Len-1-i])
		if digit < 0 {
			return d, false
		}
		at := 5 * i
		n := uint16(digit) << (at % 8)
		d[at/8] |= byte(n)
		switch {
		case at/8+1 < len(d):
			d[at/8+1] |= byte(n >> 8)
		case n>>8 != 0: // more than 256 bits
			return d, false
		}
	}
	return d, true
}
