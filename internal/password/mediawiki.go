package password

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
)

var _ = register(format{read: readMediaWiki})

// mediaWikiHash is a hash of MediaWiki (Pbkdf2PasswordUsingHashExtension), which is
// only read: :pbkdf2:sha512:30000:64:salt:key, in base64.
type mediaWikiHash struct {
	readOnly
	derivedKey
}

func (mediaWikiHash) name() string { return "mediawiki" }

func (m mediaWikiHash) strong() record { return m }

func (m mediaWikiHash) String() string {
	return fmt.Sprintf(":pbkdf2:%s:%d:%d:%s:%s", m.digest, m.iterations, len(m.key),
		base64.StdEncoding.EncodeToString(m.salt), base64.StdEncoding.EncodeToString(m.key))
}

func readMediaWiki(stored string) (record, error) {
	parts := strings.Split(stored, ":")
	if argon, is := strings.CutPrefix(stored, ":argon2:"); is {
		inner, err := readArgon2(argon)
		return mediaWikiArgon2{record: inner}, err
	}
	if len(parts) != 7 || parts[0] != "" || parts[1] != "pbkdf2" {
		return nil, errForeign
	}
	m := mediaWikiHash{derivedKey: derivedKey{digest: parts[2]}}
	var errs [3]error
	m.iterations, errs[0] = strconv.Atoi(parts[3])
	m.salt, errs[1] = base64.StdEncoding.DecodeString(parts[5])
	m.key, errs[2] = base64.StdEncoding.DecodeString(parts[6])
	if errs != [3]error{} || parts[4] != strconv.Itoa(len(m.key)) {
		return nil, errBroken
	}
	return m, m.check()
}

// mediaWikiArgon2 is a PHC string behind MediaWiki's tag.
type mediaWikiArgon2 struct {
	readOnly
	record
}

func (mediaWikiArgon2) name() string { return "mediawiki" }

func (m mediaWikiArgon2) fresh(in input) (string, error) { return m.readOnly.fresh(in) }

func (m mediaWikiArgon2) strong() record { return m }

func (m mediaWikiArgon2) String() string { return ":argon2:" + m.record.String() }
