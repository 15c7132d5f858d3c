package password

import (
	"encoding/hex"
	"regexp"
	"strconv"
)

var _ = register(format{name: "payload", read: readPayload, model: func(Params, int, string) storedHash {
	return payloadHash{newDerivedKey("sha256", payloadIterations, 32), payloadBefore}
}})

// payloadHash is a hash of Payload (payloadcms), whose columns a statement joins to
// salt:hash. The digits of the salt are the salt. In the column hash a text that tells
// the parameters precedes the key; in older hashes there is none.
type payloadHash struct {
	derivedKey
	before string
}

const (
	payloadBefore     = "pbkdf2-sha256-v1:"
	payloadIterations = 600_000
	// The parameters of older hashes.
	payloadOldIterations, payloadOldKey = 25_000, 512
)

var payloadSyntax = regexp.MustCompile(`^([0-9a-f]{64}):(pbkdf2-sha256-v1:|pbkdf2-sha256-v2-i([0-9]{1,8})-l32:|)([0-9a-f]+)$`)

func (h payloadHash) name() string {
	if h.before == "" {
		return "payload-25000"
	}
	return "payload"
}

func (h payloadHash) fresh(in input) (text string, err error) {
	h.salt = hex.AppendEncode(nil, random(32))
	h.key, err = h.derive(in)
	return h.String(), err
}

// strong changes nothing: older versions of Payload know only the older form.
func (h payloadHash) strong() storedHash { return h }

func (h payloadHash) String() string {
	return string(h.salt) + ":" + h.before + hex.EncodeToString(h.key)
}

func readPayload(stored string) (storedHash, error) {
	parts := payloadSyntax.FindStringSubmatch(stored)
	if parts == nil {
		return nil, errForeign
	}
	key, err := hex.DecodeString(parts[4])
	h := payloadHash{derivedKey{"sha256", payloadIterations, []byte(parts[1]), key}, parts[2]}
	size := 32
	if h.before == "" {
		h.iterations, size = payloadOldIterations, payloadOldKey
	} else if parts[3] != "" {
		h.iterations, err = strconv.Atoi(parts[3])
	}
	if err != nil || len(key) != size {
		return nil, errBroken
	}
	return h, h.check()
}
