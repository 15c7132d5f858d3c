package password

import (
	"crypto/hmac"
	"crypto/sha512"
	"encoding/base64"
	"strings"
)

// wordpress is the text before a bcrypt hash of WordPress since 6.8 (wp_hash_password).
const wordpress, wordpressName = "$wp", "wordpress-bcrypt"

// wordpressDigest returns what WordPress hashes with bcrypt: a digest of the trimmed
// password, because bcrypt uses only 72 bytes.
func wordpressDigest(plain string) []byte {
	mac := hmac.New(sha512.New384, []byte("wp-sha384"))
	_, _ = mac.Write([]byte(strings.Trim(plain, phpBlanks)))
	return []byte(base64.StdEncoding.EncodeToString(mac.Sum(nil)))
}

// asWordPress returns what reaches the hash when somebody types a password on a page of
// WordPress: wp_magic_quotes escapes every field of a form, and wp_signon and
// reset_password use this text as it is, trimmed.
func asWordPress(plain string) string {
	return strings.Trim(phpSlashes.Replace(plain), phpBlanks)
}

// phpSlashes is PHP's addslashes.
var phpSlashes = strings.NewReplacer(`'`, `\'`, `"`, `\"`, `\`, `\\`, "\x00", `\0`)
