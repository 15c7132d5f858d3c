package password

import (
	"encoding/base64"
	"encoding/binary"
	"slices"
)

var _ = register(format{name: aspnetV3, minCost: 100_000, defaultCost: 100_000, read: readASPNet, fresh: func(_ Params, n int, _ string) record {
	return aspnetHash{newDerivedKey("sha512", n, 32)}
}})

const aspnetV3 = "aspnet-identity-v3"

// aspnetHash is a hash of ASP.NET Core Identity (PasswordHasher, format 3): the base64
// of 0x01, three 32-bit numbers (digest, iterations, length of the salt), salt and key.
type aspnetHash struct{ derivedKey }

// aspnetDigests are the numbers of the digests (KeyDerivationPrf).
var aspnetDigests = []string{"sha1", "sha256", "sha512"}

// aspnetHeader is the length of what precedes the salt.
const aspnetHeader = 1 + 3*4

func (aspnetHash) name() string { return aspnetV3 }

func (a aspnetHash) fresh(in input) (string, error) {
	key, err := a.again(in)
	return aspnetHash{key}.String(), err
}

func (a aspnetHash) strong() record { return aspnetHash{a.raised()} }

func (a aspnetHash) String() string {
	text := []byte{1}
	for _, n := range []int{slices.Index(aspnetDigests, a.digest), a.iterations, len(a.salt)} {
		text = binary.BigEndian.AppendUint32(text, uint32(n))
	}
	return base64.StdEncoding.EncodeToString(slices.Concat(text, a.salt, a.key))
}

func readASPNet(stored string) (record, error) {
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
	a := aspnetHash{derivedKey{aspnetDigests[digest], int(iterations), text[:salt], text[salt:]}}
	return a, a.check()
}

// aspnetV2Hash is the format of ASP.NET Identity 1 and 2: 0x00, a salt of 16 bytes and a
// key of 32 bytes, with 1,000 iterations of SHA-1. It is too weak to be written.
type aspnetV2Hash struct {
	readOnly
	derivedKey
}

func readASPNetV2(text []byte) (record, error) {
	if len(text) != 1+16+32 {
		return nil, errForeign
	}
	return aspnetV2Hash{derivedKey: derivedKey{"sha1", 1000, text[1:17], text[17:]}}, nil
}

func (aspnetV2Hash) name() string { return "aspnet-identity-v2" }

func (a aspnetV2Hash) strong() record { return a }

func (a aspnetV2Hash) String() string {
	return base64.StdEncoding.EncodeToString(slices.Concat([]byte{0}, a.salt, a.key))
}
