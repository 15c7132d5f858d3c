package password

import "testing"

func TestRepetitionsAreRefused(t *testing.T) {
	for plain, want := range map[string]bool{
		"aaaaaaaa": true, "ZZZZZZZZZZ": true, "00000000": true, "abababab": true,
		"password1password1": true, "12341234": true, "dragondragondragon": true, "87654321": true, "drowssap": true,
		"aaaaaaaaaaaaaaaaaaaaa": false, "an otter in the attic": false, "otter42otter42": false, "aaaaaaab": true, "--------x": true, "        a": true, "abcabcabd": false,
		"abcdefgh": true, "AbCdEfGhIj": true, "abcabcabc": true, "123123123": true, "1111222233334444": true, "aabbccdd": true, "zyxwvuts": true,
		"password password": true, "Admin-Admin": true, "Summer!Summer!": true, "!@#$%^&*a": false, "qzebrax qzebrax": false, "abc defx y": false, "x7qwx7qw": false,
	} {
		if got := repeats(plain); got != want {
			t.Errorf("%q: got %v, want %v", plain, got, want)
		}
	}
}
