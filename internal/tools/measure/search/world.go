package search

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"net/netip"
	"strconv"
	"time"

	"github.com/google/uuid"

	"resetd/internal/history"
)

// world is a year of resets, oldest first: busy and rare accounts, addresses and
// networks, and an attack 300 days ago. The same number of resets always gives the same
// resets, except for their dates, which end now.
type world struct {
	resets int
	now    time.Time
	sample row // from the middle
}

// row is a reset.
type row struct {
	id       uuid.UUID
	at       time.Time
	account  int64 // 0: no account has the address
	email    string
	ip       netip.Addr
	agent    string
	withheld string
	mail     string
	used     time.Duration // after the request; 0: not used
	usedIP   netip.Addr
	opened   time.Duration
	revoked  string
	recent   bool // within 90 days
}

func newWorld(resets int, now time.Time) world {
	w := world{resets: resets, now: now}
	_ = w.each(func(i int, r row) error {
		if i >= resets/2 && w.sample.account == 0 && r.account > int64(resets)/100 && r.ip.Is4() && r.ip.As4()[0] < 96 {
			w.sample = r
		}
		return nil
	})
	return w
}

// The attack's share of all resets, and its time.
const (
	burst   = 50
	burstAt = -300 * 24 * time.Hour
)

// movedAt is when one account in fifty got another address.
const movedAt = -45 * 24 * time.Hour

// recent reports whether a time is within the days that a search without an exact key
// goes back.
func (w world) recent(at time.Time) bool { return at.After(w.now.AddDate(0, 0, -history.Days)) }

// each calls yield for every reset.
func (w world) each(yield func(i int, r row) error) error {
	dice := rand.New(rand.NewPCG(20, 31)) //nolint:gosec // the same rows each time
	attacked := w.resets / burst
	plain, step := w.resets-attacked, 365*24*time.Hour/time.Duration(w.resets-attacked)
	i, start := 0, w.now.Add(-365*24*time.Hour)
	for n := range plain {
		at := start.Add(time.Duration(n) * step)
		if at.Before(w.now.Add(burstAt)) != start.Add(time.Duration(n+1)*step).Before(w.now.Add(burstAt)) {
			for a := range attacked {
				if err := yield(i, w.attack(dice, a, attacked)); err != nil {
					return err
				}
				i++
			}
		}
		if err := yield(i, w.draw(dice, at)); err != nil {
			return err
		}
		i++
	}
	return nil
}

func (w world) attack(dice *rand.Rand, n, of int) row {
	return row{
		id: newID(dice), at: w.now.Add(burstAt).Add(time.Duration(n) * time.Hour / time.Duration(of)), email: fmt.Sprintf("victim%d@raided.test", n),
		ip: netip.MustParseAddr(fmt.Sprintf("198.51.100.%d", n%256)), agent: "curl/8.5.0", withheld: "no_account",
	}
}

var agents = []string{
	"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
	"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
	"Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
}

// draw returns a random reset. The account is the cube of a uniform number, so the
// busiest account has one in a hundred resets. One address in twelve has no account.
func (w world) draw(dice *rand.Rand, at time.Time) row {
	r := row{id: newID(dice), at: at, agent: agents[dice.IntN(len(agents))], ip: drawIP(dice), recent: w.recent(at)}
	kind := dice.Float64()
	if kind < 0.08 {
		r.email, r.withheld = fmt.Sprintf("nobody%d@example.test", dice.IntN(5e6)), "no_account"
		return r
	}
	r.account = int64(w.drawAccount(dice))
	r.email = address(int(r.account))
	if r.account%50 == 0 && at.Before(w.now.Add(movedAt)) {
		r.email = "former." + r.email
	}
	switch {
	case kind < 0.095:
		r.withheld = "throttled"
	case kind < 0.098:
		r.withheld = "inactive"
	case kind < 0.1:
		r.withheld = "no_password"
	}
	if r.withheld == "" {
		w.live(dice, &r)
	}
	return r
}

// live draws the course of a link.
func (w world) live(dice *rand.Rand, r *row) {
	took := 5*time.Second + time.Duration(math.Pow(dice.Float64(), 4)*float64(59*time.Minute))
	fate := dice.Float64()
	r.mail = "accepted"
	switch {
	case r.at.Add(took).After(w.now):
	case fate < 0.45:
		r.used, r.opened, r.usedIP = took, took*9/10, r.ip
		if dice.IntN(10) == 0 {
			r.usedIP = netip.AddrFrom4([4]byte{151, byte(dice.IntN(256)), byte(dice.IntN(256)), byte(dice.IntN(256))})
		}
	case fate < 0.53:
		r.opened = took
	case fate < 0.58:
		r.revoked = "other_link"
	case fate < 0.583:
		r.revoked = "not_me"
	case fate < 0.587:
		r.mail = "failed"
	case fate < 0.590:
		r.mail = "bounced"
	case fate < 0.591:
		r.mail = "unknown"
	}
}

// drawIP returns a random IP address: a quarter from busy offices, 5 % from one /24, 5 %
// IPv6, the others from anywhere.
func drawIP(dice *rand.Rand) netip.Addr {
	b := func() byte { return byte(dice.IntN(256)) }
	switch kind := dice.Float64(); {
	case kind < 0.25:
		return netip.AddrFrom4([4]byte{100, 64, byte(math.Pow(dice.Float64(), 2) * 8), b()})
	case kind < 0.30:
		return netip.AddrFrom4([4]byte{203, 0, 113, b()})
	case kind < 0.35:
		return netip.AddrFrom16([16]byte{0x20, 0x01, 0x0d, 0xb8, b(), b(), 14: b(), 15: b()})
	default:
		return netip.AddrFrom4([4]byte{byte(1 + dice.IntN(96)), b(), b(), b()})
	}
}

func newID(dice *rand.Rand) (id uuid.UUID) {
	binary.BigEndian.PutUint64(id[:8], dice.Uint64())
	binary.BigEndian.PutUint64(id[8:], dice.Uint64())
	id[6], id[8] = id[6]&0x0f|0x40, id[8]&0x3f|0x80 // version 4
	return id
}

var (
	firstNames = []string{"anna", "maria", "john", "peter", "lucas", "emma", "olga", "ivan", "fatima", "omar", "wei", "li", "yuki", "ken", "sara", "noah", "liam", "mia", "zoe", "hugo"}
	lastNames  = []string{
		"smith", "garcia", "muller", "rossi", "novak", "ivanov", "kim", "tanaka", "chen", "wang", "silva", "santos", "khan",
		"ali", "jensen", "larsen", "dubois", "moreau", "kovacs", "nagy", "brown", "jones", "davis", "miller", "wilson",
	}
	domains = []string{"example.test", "mail.test", "corp.test", "uni.test"}
)

func account(n int) string {
	return uuid.NewSHA1(uuid.NameSpaceOID, strconv.AppendInt(nil, int64(n), 10)).String()
}

func names(n int) (first, last string) {
	return firstNames[n*7919%len(firstNames)], lastNames[n*104729%len(lastNames)]
}

func address(n int) string {
	first, last := names(n)
	return fmt.Sprintf("%s.%s%d@%s", first, last, n, domains[n%len(domains)])
}
