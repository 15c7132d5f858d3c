package password

import (
	"encoding/base64"
	"encoding/binary"
	"slices"
)

var _ = register(format{name: aspnet.name, minCost: 100_000, defaultCost: 100_000, read: readASPNet, model: newDerived(aspnet, "sha512", 32)})

// aspnet is the form of ASP.NET Core Identity (PasswordHasher, format 3): the base64 of
// 0x01, three 32-bit numbers (digest, iterations, length of the salt), salt and key.
var aspnet = &derivedForm{name: "aspnet-identity-v3", write: func(d derivedKey) string {
	text := []byte{1}
	for _, n := range []int{slices.Index(aspnetDigests, d.digest), d.iterations, len(d.salt)} {
		text = binary.BigEndian.AppendUint32(text, uint32(n))
	}
	return base64.StdEncoding.EncodeToString(slices.Concat(text, d.salt, d.key))
}}

// aspnetV2 is the form of ASP.NET Identity 1 and 2: 0x00, a salt of 16 bytes and a key of
// 32 bytes, with 1,000 iterations of SHA-1. It is too weak to be written.
var aspnetV2 = &derivedForm{name: "aspnet-identity-v2", fixed: true, onlyRead: true, write: func(d derivedKey) string {
	return base64.StdEncoding.EncodeToString(slices.Concat([]byte{0}, d.salt, d.key))
}}

// aspnetDigests are the numbers of the digests (KeyDerivationPrf).
var aspnetDigests = []string{"sha1", "sha256", "sha512"}

// aspnetHeader is the length of what precedes the salt.
const aspnetHeader = 1 + 3*4

func readASPNet(stored string) (storedHash, error) {
	text, err := base64.StdEncoding.Strict().DecodeString(stored)
	if err != nil || len(text) < aspnetHeader || text[0] > 1 {
		return nil, errForeign
	}
	if text[0] == 0 {
		return readASPNetV2(text)
	}
	digest, iterations, salt := binary.BigEndian.Uint32(text[1:]), binary.BigEndian.Uint32(text[5:]), binary.BigEndian.Uint32(text[9:])
	if int64(digest) >= int64(len(aspnetDigests)) || iterations > maxIterations || int64(salt) > int64(len(text)-aspnetHeader) {
		return nil, errBroken
	}
	text = text[aspnetHeader:]
	d := derivedKey{aspnetDigests[digest], int(iterations), text[:salt], text[salt:]}
	return derivedHash{d, aspnet}, d.check()
}

func readASPNetV2(text []byte) (storedHash, error) {
	if len(text) != 1+16+32 {
		return nil, errForeign
	}
	return derivedHash{derivedKey{"sha1", 1000, text[1:17], text[17:]}, aspnetV2}, nil
}
