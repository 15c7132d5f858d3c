package password

import (
	"encoding/base64"
	"fmt"
	"strings"
)

var _ = register(format{read: readMediaWiki})

// mediaWiki is the form of MediaWiki (Pbkdf2PasswordUsingHashExtension), which is only
// read: :pbkdf2:sha512:30000:64:salt:key, in base64.
var mediaWiki = &derivedForm{name: "mediawiki", fixed: true, onlyRead: true, write: func(d derivedKey) string {
	return fmt.Sprintf(":pbkdf2:%s:%d:%d:%s:%s", d.digest, d.iterations, len(d.key),
		base64.StdEncoding.EncodeToString(d.salt), base64.StdEncoding.EncodeToString(d.key))
}}

func readMediaWiki(stored string) (storedHash, error) {
	parts := strings.Split(stored, ":")
	if argon, is := strings.CutPrefix(stored, ":argon2:"); is {
		inner, err := readArgon2(argon)
		return mediaWikiArgon2{storedHash: inner}, err
	}
	if len(parts) != 7 || parts[0] != "" || parts[1] != "pbkdf2" {
		return nil, errForeign
	}
	return mediaWiki.read(parts[2], parts[3], parts[5], parts[6], base64.StdEncoding.DecodeString) // a wrong size of the key makes another text
}

// mediaWikiArgon2 is a PHC string behind MediaWiki's tag.
type mediaWikiArgon2 struct {
	readOnly
	storedHash
}

func (mediaWikiArgon2) name() string { return "mediawiki" }

func (m mediaWikiArgon2) fresh(in input) (string, error) { return m.readOnly.fresh(in) }

func (m mediaWikiArgon2) strong() storedHash { return m }

func (m mediaWikiArgon2) String() string { return ":argon2:" + m.storedHash.String() }
