package staff

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"resetd/internal/password"
	"resetd/internal/reset"
)

// stateBytes is the length of the keys of states, which is that of the digest.
const stateBytes = sha256.Size

// Ticket identifies the signed-in member in a session. It does not contain the role,
// which is read for each request.
type Ticket struct {
	ID    string
	State string // digest of the password hash and TOTP secret at the sign-in
}

// Ticket returns the ticket of a member who has just signed in.
func (s *Service) Ticket(m Member) Ticket { return Ticket{m.ID.String(), state(s.states[0], m)} }

// Tries are the numbers of a failed sign-in, if it is one: of those to this member
// from one network, and from all.
type Tries struct {
	Number, Total int
	Locks         bool   // further sign-ins are refused unchecked
	Source        string // digest of the network
}

// SignIn returns the member with this name, password and code, or
// reset.ErrCredentials, which does not reveal what is wrong. Success and refusal are
// recorded, a refusal with its reason. A member without a TOTP secret needs no code.
func (s *Service) SignIn(ctx context.Context, name, plain, code string, by reset.Client, tries Tries) (Member, error) {
	m, err := s.Find(ctx, name)
	if err != nil && !errors.Is(err, reset.ErrNotFound) {
		return Member{}, fmt.Errorf("staff sign-in: %w", err)
	}
	// The password is verified for every name. Without a member the hash is empty.
	right, err := s.passwords.Verify(ctx, password.ForSignIn, m.PasswordHash, plain)
	if err != nil {
		return Member{}, fmt.Errorf("staff sign-in: %w", err)
	}
	refused, err := s.refuse(ctx, &m, right, code, s.now())
	if err != nil {
		return Member{}, fmt.Errorf("staff sign-in: %w", err)
	}
	e := Entry{Member: strings.TrimSpace(name), Action: SignedIn, Refused: refused, IP: by.IP, Agent: by.Agent}
	if refused != "" {
		if err := s.failed(ctx, m, e, tries); err != nil {
			return Member{}, err
		}
		return Member{}, reset.ErrCredentials
	}
	e.Member, e.Role = m.Name, m.Role
	if err := s.record(ctx, e); err != nil {
		return Member{}, err
	}
	return m, nil
}

// refuse returns why a sign-in is refused, or "" if it is allowed. It always checks
// the code, but marks the code as used only if everything else is right. Then it also
// seals the secret under the first key, so an older key can be removed.
func (s *Service) refuse(ctx context.Context, m *Member, right bool, code string, now time.Time) (string, error) {
	secret, sealed, unsealed := nobodysSecret, "", error(nil)
	if m.TOTP != "" {
		secret, sealed, unsealed = s.sealer.open(m.ID, m.TOTP)
	}
	step, fits := stepOf(secret, code, now)
	switch {
	case m.ID == reset.ID{}:
		return "no such member", nil
	case !right:
		return "wrong password", nil
	case !m.Active:
		return "disabled", nil
	case m.TOTP == "":
		return "", nil
	case unsealed != nil:
		return unsealed.Error(), nil //nolint:nilerr // returned as the reason
	case !fits:
		return "wrong code", nil
	}
	first, err := s.store.TakeStep(ctx, *m, step, sealed)
	if err == nil && !first {
		return "code used before", nil
	}
	m.TOTP = sealed
	return "", err
}

// Member returns the current member of a session. It returns reset.ErrSignedOut if
// the member was disabled or has another password or TOTP secret. It must be called
// for each request.
func (s *Service) Member(ctx context.Context, t Ticket) (Member, error) {
	id, err := uuid.Parse(t.ID)
	if err != nil {
		return Member{}, reset.ErrSignedOut // nobody has signed in
	}
	m, err := s.store.MemberByID(ctx, id)
	if errors.Is(err, reset.ErrNotFound) || (err == nil && (!m.Active || !s.sameState(t.State, m))) {
		return Member{}, reset.ErrSignedOut
	}
	if err != nil {
		return Member{}, fmt.Errorf("session's member: %w", err)
	}
	return m, nil
}

func (s *Service) sameState(then string, m Member) bool {
	return slices.ContainsFunc(s.states, func(key []byte) bool { return hmac.Equal([]byte(then), []byte(state(key, m))) })
}

// state returns a keyed digest of a member's password hash and TOTP secret.
func state(key []byte, m Member) string {
	h := hmac.New(sha256.New, key)
	h.Write(m.ID[:])
	h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(m.PasswordHash))))
	h.Write([]byte(m.PasswordHash + m.TOTP))
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil))
}
