package staff

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"resetd/internal/password"
	"resetd/internal/reset"
)

// stateBytes is the length of the keys of states: as long as the digest.
const stateBytes = sha256.Size

// Ticket is what a session keeps of who signed in. What the member may do is not
// in it: that is read anew for each request.
type Ticket struct {
	ID    string
	State string // of password and TOTP secret then
}

// Ticket is for a member who has just signed in.
func (s *Service) Ticket(m Member) Ticket { return Ticket{m.ID.String(), state(s.states[0], m)} }

// SignIn returns the member with this name, password and code, or
// reset.ErrCredentials, which says no more than that. Either is on record, under
// the name that was typed, with the reason of a refusal. A member without a TOTP
// secret needs no code.
func (s *Service) SignIn(ctx context.Context, name, plain, code string, by reset.Client) (Member, error) {
	m, err := s.named(ctx, name)
	if err != nil && !errors.Is(err, reset.ErrNotFound) {
		return Member{}, fmt.Errorf("staff sign-in: %w", err)
	}
	// Verified whoever it is: against nothing where there is no such member.
	right, err := s.passwords.Verify(ctx, password.ForSignIn, m.PasswordHash, plain)
	if err != nil {
		return Member{}, fmt.Errorf("staff sign-in: %w", err)
	}
	refused, err := s.refuse(ctx, &m, right, code, s.now())
	if err != nil {
		return Member{}, fmt.Errorf("staff sign-in: %w", err)
	}
	e := Entry{Member: strings.TrimSpace(name), Action: SignedIn, Refused: refused, IP: by.IP, Agent: by.Agent}
	if refused == "" {
		e.Member, e.Role = m.Name, m.Role
	}
	if err := s.record(ctx, e); err != nil {
		return Member{}, err
	}
	if refused != "" {
		return Member{}, reset.ErrCredentials
	}
	return m, nil
}

// Limited puts a sign-in on record that was not looked at, because there had been
// too many.
func (s *Service) Limited(ctx context.Context, name string, by reset.Client) error {
	return s.record(ctx, Entry{Member: strings.TrimSpace(name), Action: SignedIn, Refused: "too many tries", IP: by.IP, Agent: by.Agent})
}

// named returns a member by what was typed, or reset.ErrNotFound.
func (s *Service) named(ctx context.Context, typed string) (Member, error) {
	name := strings.TrimSpace(typed)
	if !validName(name) {
		return Member{}, reset.ErrNotFound
	}
	return s.store.Member(ctx, name)
}

// refuse returns why somebody may not sign in; empty: they may. The code is checked
// in every case, and used up only when all else is right. Its secret is
// then sealed under the first key, so that an older one can be taken away.
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
		return unsealed.Error(), nil //nolint:nilerr // the refusal says it
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

// Member returns who a session is of, as they are now, or reset.ErrSignedOut
// once they are disabled or have another password or TOTP secret. Ask it for
// each request.
func (s *Service) Member(ctx context.Context, t Ticket) (Member, error) {
	id, err := uuid.Parse(t.ID)
	if err != nil {
		return Member{}, reset.ErrSignedOut // a session in which nobody signed in
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
	for _, key := range s.states {
		if hmac.Equal([]byte(then), []byte(state(key, m))) {
			return true
		}
	}
	return false
}

// state is a keyed digest of what a member signs in with. A secret that is
// issued anew is sealed anew, so the sealed one stands for it.
func state(key []byte, m Member) string {
	h := hmac.New(sha256.New, key)
	h.Write(m.ID[:])
	h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(m.PasswordHash))))
	h.Write([]byte(m.PasswordHash + m.TOTP))
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil))
}
