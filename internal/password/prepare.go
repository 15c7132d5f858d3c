package password

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"maps"
	"slices"

	"golang.org/x/text/unicode/norm"
)

// Preparation is how an application changes a password before it hashes it.
type Preparation string

// The preparations. Most applications hash the password unchanged.
const (
	None          Preparation = "none"
	NFC           Preparation = "nfc"            // Unicode Standard Annex 15
	NFKC          Preparation = "nfkc"           // the same
	WordPress     Preparation = "wordpress"      // its sign-in page escapes quotes and backslashes, then trims
	SHA256Hex     Preparation = "sha256-hex"     // Flask-Bcrypt with BCRYPT_HANDLE_LONG_PASSWORDS
	FlaskSecurity Preparation = "flask-security" // HMAC-SHA-512 of the NFKD form, in base64; the key is the pepper
)

// phpBlanks are what PHP's trim removes.
const phpBlanks = " \n\r\t\v\x00"

// preparations return what is hashed. Adding one is one line.
var preparations = map[Preparation]func(plain, pepper string) input{
	None:      func(plain, pepper string) input { return input{text: plain, pepper: pepper} },
	NFC:       func(plain, pepper string) input { return input{text: norm.NFC.String(plain), pepper: pepper} },
	NFKC:      func(plain, pepper string) input { return input{text: norm.NFKC.String(plain), pepper: pepper} },
	WordPress: func(plain, pepper string) input { return input{text: asWordPress(plain), pepper: pepper} },
	SHA256Hex: sha256Hex,
	FlaskSecurity: func(plain, pepper string) input {
		mac := hmac.New(sha512.New, []byte(pepper))
		_, _ = mac.Write([]byte(norm.NFKD.String(plain)))
		return input{text: base64.StdEncoding.EncodeToString(mac.Sum(nil)), digest: true}
	},
}

func sha256Hex(plain, pepper string) input {
	sum := sha256.Sum256([]byte(plain))
	return input{text: hex.EncodeToString(sum[:]), pepper: pepper}
}

// Preparations returns the possible values of Scheme.Prepare.
func Preparations() []string {
	var names []string
	for p := range maps.Keys(preparations) {
		names = append(names, string(p))
	}
	slices.Sort(names)
	return names
}

// NeedsPepper reports whether the preparation can't work without a pepper.
func (p Preparation) NeedsPepper() bool { return p == FlaskSecurity }
