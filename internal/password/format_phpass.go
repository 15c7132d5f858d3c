package password

import (
	"crypto/md5" //nolint:gosec // only to read hashes of other applications
	"crypto/sha512"
	"crypto/subtle"
	"encoding/hex"
	"hash"
	"strings"
)

var _ = register(format{read: readPHPass})

// phpassHash is a hash of the library phpass: a digest, repeated 2^n times. It is only
// read.
//
//	$P$9abcdefgh...      MD5: WordPress before 6.8, Drupal, others
//	$H$9abcdefgh...      the same, in phpBB 3.0
//	$S$Dabcdefgh...      SHA-512, cut off after 55 characters: Drupal 7 to 10
//	U$S$Dabcdefgh...     the same over the MD5 of the password, from Drupal 6
type phpassHash struct {
	readOnly
	over   bool   // the MD5 of the password, in hexadecimal digits, is hashed
	prefix string // $P$, $H$ or $S$
	log2   int
	salt   string
	rest   string
}

// itoa64 are the digits of crypt.
const itoa64 = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// The lengths of a hash, and the most repetitions, which take about a second.
const (
	md5Length, sha512Length       = 34, 55
	leastPHPass                   = 7
	mostPHPassMD5, mostPHPassSHA2 = 22, 20
)

func (p phpassHash) name() string {
	switch p.prefix {
	case "$S$":
		return "drupal-sha512"
	default:
		return "phpass"
	}
}

func (phpassHash) memoryKiB() uint32 { return 1 }

func (p phpassHash) strong() storedHash { return p }

func (p phpassHash) String() string {
	before := ""
	if p.over {
		before = "U"
	}
	return before + p.prefix + itoa64[p.log2:p.log2+1] + p.salt + p.rest
}

func (p phpassHash) matches(in input) bool {
	text, digest := in.whole(), md5.New
	if p.over {
		sum := md5.Sum([]byte(text)) //nolint:gosec // as above
		text = hex.EncodeToString(sum[:])
	}
	if p.prefix == "$S$" {
		digest = sha512.New
	}
	got := encode64(p.repeated(digest, text))
	return subtle.ConstantTimeCompare([]byte(got[:len(p.rest)]), []byte(p.rest)) == 1
}

func (p phpassHash) repeated(digest func() hash.Hash, text string) []byte {
	h := digest()
	_, _ = h.Write([]byte(p.salt + text))
	sum := h.Sum(nil)
	for range 1 << p.log2 {
		h.Reset()
		_, _ = h.Write(sum)
		_, _ = h.Write([]byte(text))
		sum = h.Sum(sum[:0])
	}
	return sum
}

// encode64 writes three bytes, the lowest bits first, as four digits.
func encode64(bytes []byte) string {
	var text strings.Builder
	for i := 0; i < len(bytes); i += 3 {
		value, digits := 0, 1
		for j := 0; j < 3 && i+j < len(bytes); j++ {
			value |= int(bytes[i+j]) << (8 * j)
			digits++
		}
		for range digits {
			text.WriteByte(itoa64[value&63])
			value >>= 6
		}
	}
	return text.String()
}

func readPHPass(stored string) (storedHash, error) {
	p := phpassHash{}
	text, over := strings.CutPrefix(stored, "U$")
	if over {
		text, p.over = "$"+text, true
	}
	length, most := md5Length, mostPHPassMD5
	switch {
	case strings.HasPrefix(text, "$S$"):
		length, most = sha512Length, mostPHPassSHA2
	case !strings.HasPrefix(text, "$P$") && !strings.HasPrefix(text, "$H$"):
		return nil, errForeign
	}
	if len(text) != length || strings.Trim(text[3:], itoa64) != "" {
		return nil, errBroken
	}
	p.prefix, p.log2, p.salt, p.rest = text[:3], strings.IndexByte(itoa64, text[3]), text[4:12], text[12:]
	if p.log2 < leastPHPass || p.log2 > most {
		return nil, errBroken
	}
	return p, nil
}
