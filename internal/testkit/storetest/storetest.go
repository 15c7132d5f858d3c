// Package storetest tests the contract of reset.Store. Every database must pass.
package storetest

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"

	"resetd/internal/limit"
	"resetd/internal/reset"
	"resetd/internal/testkit"
)

// Fixture is an empty store and a function that adds an account.
type Fixture struct {
	Store    reset.Store
	Add      func(email, passwordHash string) reset.Account
	Counters limit.Counters // of the same database
}

// Run runs the suite. Each test gets a new fixture.
func Run(t *testing.T, fixture func(t *testing.T) Fixture) {
	tests := map[string]func(*testing.T, Fixture){
		"InsertedRowIsReturned":                insertedIsReturned,
		"InsertIsAtomic":                       insertIsAtomic,
		"UnknownIDIsNotFound":                  unknownIsNotFound,
		"FirstOpeningCounts":                   firstOpeningCounts,
		"UseRequiresALiveLink":                 useRequiresALiveLink,
		"UseAtExpiryIsTooLate":                 useAtExpiry,
		"OneOfFiftyUsesWins":                   fiftyUses,
		"RevokeAllLeavesOthersAlone":           revokeAll,
		"MailIsLeased":                         mailIsLeased,
		"MailFromBeforeAClockChangeComesFirst": delayedMailComesFirst,
		"LeasesNeverShareAMail":                leasesNeverShare,
		"SettleRequiresTheLease":               settleRequiresTheLease,
		"BadOutcomeFailsAlone":                 badOutcomeFailsAlone,
		"FailedTransactionIsRolledBack":        failedTransaction,
		"OneOfTwoWorkersMatches":               oneWorkerMatches,
		"MatchSettlesWithheldDeliveries":       matchSettles,
		"LastUsesAreNewest":                    lastUses,
		"BadTransactionInABatchFailsAlone":     oneFailsInBatch,
		"OnlyHeldDeliveriesAreRenewed":         renewHeld,
		"UnmatchedRequestsAreLeasedAlone":      unmatchedAreLeasedAlone,
		"OneOfManyDenialsWins":                 oneDenialWins,
		"OnlyANoticeIsDenied":                  denialNeedsANotice,
		"UsedRescueEndsOlderNotices":           usedRescueEndsOlderNotices,
		"RescueMailIsALinksMail":               rescueMailIsALinksMail,
		"ChangesWithoutALinkAreKnown":          changedSince,
		"SignUpsAreMatchedByTheirHolder":       signUpsAreMatchedByTheirHolder,
		"CountersStartAgainAfterTheirTime":     countUp,
		"SignInsOfOneOwnerAreCleared":          clearSignIns,
		"ClaimIsReturned":                      claimIsReturned,
		"OneClaimIsHeld":                       oneClaimIsHeld,
		"ClaimNeedsALiveTarget":                claimNeedsALiveTarget,
		"ClaimIsTakenOnce":                     claimIsTakenOnce,
		"ClaimedUseWins":                       claimedUseWins,
		"RevokeAllSparesLaterLinks":            revokeAllSparesLaterLinks,
		"ThreeCodesCanBeTyped":                 threeCodes,
		"RightCodeEndsACheck":                  rightCodeEnds,
		"NewCheckEndsTheOneBefore":             newCheckEnds,
		"BounceCountsOnce":                     bounceCountsOnce,
		"UnsentMailCannotBounce":               unsentMailCannotBounce,
		"BouncedNoticeIsNotTheLink":            bouncedNoticeIsNotTheLink,
		"TimesAreUTCToTheMicrosecond":          times,
		"TextIsStoredUnchanged":                texts,
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) { t.Parallel(); test(t, fixture(t)) })
	}
	RunDirectory(t, fixture)
}

// RunDirectory runs the tests of the accounts, which may be in another database.
func RunDirectory(t *testing.T, fixture func(t *testing.T) Fixture) {
	for name, test := range map[string]func(*testing.T, Fixture){
		"FindComparesWholeAddresses":    findCompares,
		"SetPasswordComparesTheOldHash": setPasswordCompares,
		"EachAddressFindsItsAccounts":   findEach,
		"AccountIsFoundByItsID":         accountByID,
		"FailedChangeIsRolledBack":      failedChange,
	} {
		t.Run(name, func(t *testing.T) { test(t, fixture(t)) })
	}
}

var now = time.Date(2031, 5, 6, 7, 8, 9, 123456000, time.UTC)

// live adds a live reset of an account to the store.
func live(t *testing.T, f Fixture, userID string, change ...func(*reset.Reset)) reset.Reset {
	t.Helper()
	r := testkit.Reset(now, userID, change...)
	must(t, f.Store.Insert(t.Context(), r, testkit.Delivery(now, r)))
	return r
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func load(t *testing.T, f Fixture, id reset.ID) reset.Reset {
	t.Helper()
	r, err := f.Store.Reset(t.Context(), id)
	must(t, err)
	return r
}

func same(t *testing.T, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateComparable(testkit.Visitor.IP)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func wantError(t *testing.T, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("error: got %v, want %v", got, want)
	}
}

func insertedIsReturned(t *testing.T, f Fixture) {
	r := live(t, f, "7")
	same(t, load(t, f, r.ID), r)
	nobody := live(t, f, "", func(r *reset.Reset) { r.Withheld, r.AccountState = reset.WithheldNoAccount, "" })
	same(t, load(t, f, nobody.ID), nobody)
}

func insertIsAtomic(t *testing.T, f Fixture) {
	first := live(t, f, "7")
	r := testkit.Reset(now, "7")
	d := testkit.Delivery(now, r)
	leased, err := f.Store.Lease(t.Context(), reset.AllDue, now, now.Add(time.Minute), 1)
	must(t, err)
	d.ID = leased[0].ID // not unique, so the insert of the delivery fails
	if err := f.Store.Insert(t.Context(), r, d); err == nil {
		t.Fatal("Insert accepted two deliveries with the same id")
	}
	_, err = f.Store.Reset(t.Context(), r.ID)
	wantError(t, err, reset.ErrNotFound)
	same(t, leased[0].ResetID, first.ID)
}

func unknownIsNotFound(t *testing.T, f Fixture) {
	_, err := f.Store.Reset(t.Context(), uuid.New())
	wantError(t, err, reset.ErrNotFound)
	_, err = f.Store.Use(t.Context(), uuid.New(), now, testkit.Visitor)
	wantError(t, err, reset.ErrNotFound)
	_, err = f.Store.Account(t.Context(), uuid.NewString())
	wantError(t, err, reset.ErrNotFound)
}

func firstOpeningCounts(t *testing.T, f Fixture) {
	r := live(t, f, "7")
	must(t, f.Store.Opened(t.Context(), r.ID, now.Add(time.Second), testkit.Visitor))
	must(t, f.Store.Opened(t.Context(), r.ID, now.Add(time.Minute), testkit.Visitor))
	got := load(t, f, r.ID)
	same(t, got.OpenedAt, now.Add(time.Second))
	same(t, got.OpenedByIP, testkit.Visitor.IP)
}

func useRequiresALiveLink(t *testing.T, f Fixture) {
	ctx := t.Context()
	good := live(t, f, "7")
	got, err := f.Store.Use(ctx, good.ID, now.Add(time.Minute), testkit.Visitor)
	must(t, err)
	same(t, got.UsedAt, now.Add(time.Minute))
	same(t, got.UsedByIP, testkit.Visitor.IP)
	same(t, got.UsedByAgent, testkit.Visitor.Agent)

	revoked := live(t, f, "7")
	must(t, f.Store.Revoke(ctx, revoked.ID, now, "staff:example"))
	withheld := live(t, f, "7", func(r *reset.Reset) { r.Withheld, r.AccountState = reset.WithheldInactive, "" })
	for name, id := range map[string]reset.ID{"used": good.ID, "revoked": revoked.ID, "withheld": withheld.ID} {
		_, err := f.Store.Use(ctx, id, now.Add(2*time.Minute), testkit.Visitor)
		if !errors.Is(err, reset.ErrNotFound) {
			t.Errorf("use of a %s link: got %v, want %v", name, err, reset.ErrNotFound)
		}
	}
	must(t, f.Store.Revoke(ctx, good.ID, now, "staff:example"))
	if r := load(t, f, good.ID); !r.RevokedAt.IsZero() {
		t.Error("a used link was revoked")
	}
}

func useAtExpiry(t *testing.T, f Fixture) {
	r := live(t, f, "7")
	_, err := f.Store.Use(t.Context(), r.ID, r.ExpiresAt, testkit.Visitor)
	wantError(t, err, reset.ErrNotFound)
	_, err = f.Store.Use(t.Context(), r.ID, r.ExpiresAt.Add(-time.Microsecond), testkit.Visitor)
	must(t, err)
}

func fiftyUses(t *testing.T, f Fixture) {
	r := live(t, f, "7")
	errs := make(chan error, 50)
	var wg sync.WaitGroup
	for range cap(errs) {
		wg.Go(func() {
			errs <- f.Store.InTx(t.Context(), func(tx reset.Tx) error {
				_, err := tx.Use(t.Context(), r.ID, now, testkit.Visitor)
				return err
			})
		})
	}
	wg.Wait()
	close(errs)
	won := 0
	for err := range errs {
		if err == nil {
			won++
		} else {
			wantError(t, err, reset.ErrNotFound)
		}
	}
	same(t, won, 1)
}

func revokeAll(t *testing.T, f Fixture) {
	ctx := t.Context()
	mine, other := live(t, f, "7"), live(t, f, "8")
	used := live(t, f, "7")
	_, err := f.Store.Use(ctx, used.ID, now, testkit.Visitor)
	must(t, err)
	must(t, f.Store.RevokeAll(ctx, "7", now.Add(time.Minute), reset.RevokedAccountChanged))
	same(t, load(t, f, mine.ID).RevokedBy, reset.RevokedAccountChanged)
	same(t, load(t, f, other.ID).RevokedBy, "")
	same(t, load(t, f, used.ID).RevokedBy, "")
}

func failedTransaction(t *testing.T, f Fixture) {
	r := live(t, f, "7")
	failure := errors.New("no")
	err := f.Store.InTx(t.Context(), func(tx reset.Tx) error {
		if _, err := tx.Use(t.Context(), r.ID, now, testkit.Visitor); err != nil {
			return err
		}
		return failure
	})
	wantError(t, err, failure)
	same(t, load(t, f, r.ID), r)
}

func times(t *testing.T, f Fixture) {
	zone := time.FixedZone("far away", -11*3600)
	r := live(t, f, "7", func(r *reset.Reset) {
		r.CreatedAt = now.Add(999 * time.Nanosecond).In(zone)
		r.ExpiresAt = now.Add(time.Hour).In(zone)
	})
	got := load(t, f, r.ID)
	same(t, got.CreatedAt, now)
	same(t, got.CreatedAt.Location().String(), "UTC")
	same(t, got.ExpiresAt, now.Add(time.Hour))
}

func texts(t *testing.T, f Fixture) {
	const agent = "Ω≈ç√ 🦭 'quoted' \"twice\" \\ % _ \x1b[31m"
	r := live(t, f, "7", func(r *reset.Reset) { r.CreatedByAgent, r.Email = agent, "日本語@xn--wgv71a.example" })
	same(t, load(t, f, r.ID), r)
}
