// Package nix implements how Nix and Guix identify a file: their spellings of a
// SHA-256 digest, and the digest of a file's archive, which they use where its
// mode counts (outputHashMode "recursive" of Nix, (recursive? #t) of Guix).
//
// # Digests
//
// SRI is "sha256-" and the base64 of the digest, with padding.
//
// Nix-base32 reads the digest as a 256-bit little-endian number, and writes it
// with 52 digits of five bits, the highest first. The digits are those of
// "0123456789abcdfghijklmnpqrsvwxyz".
//
// # Archives
//
// The archive (NAR) of a file is
//
//	archive = str("nix-archive-1") str("(") str("type") file str(")")
//	file    = str("regular") [str("executable") str("")] str("contents") str(DATA)
//	str(S)  = the length of S in bytes, as 8 bytes, little-endian; S; zeros up to a multiple of 8
//
// A file is executable if its owner may execute it. The rest of the mode, the
// owner and the times are not part of an archive. Archives can also hold
// directories and symbolic links; no artefact of a ladder is one.
package nix

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"io"
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

// HashFile returns the SHA-256 of the archive of a file.
func HashFile(data []byte, executable bool) Digest {
	list := []string{"nix-archive-1", "(", "type", "regular"}
	if executable {
		list = append(list, "executable", "")
	}
	h := sha256.New()
	for _, s := range append(list, "contents", string(data), ")") {
		h.Write(binary.LittleEndian.AppendUint64(nil, uint64(len(s))))
		io.WriteString(h, s)
		h.Write(make([]byte, -len(s)&7))
	}
	return Digest(h.Sum(nil))
}
