package password

import (
	"encoding/hex"
	"testing"
)

const trouble = "Tr0ub4dor&3"

// foreign are hashes of trouble that the applications' own code made. Debian 12: Django
// 3.2, werkzeug 2.2, Flask-Bcrypt 1.0, bcrypt-ruby 3.1 for Devise, PHP 8.2 for Laravel,
// php-symfony-password-hasher 5.4, argon2-cffi 21.1. The others are packages of npm, and
// werkzeug and phpBB from their repositories. Only Django's scrypt was made with
// Python's hashlib; published has a hash of Django itself.
var foreign = map[string]string{
	"Django 3.2":            "pbkdf2_sha256$260000$abcdefghijklmnopqrstuv$eUwvVEL7ChdPIu2ZJBhMpAMDc8V0iPBOWRJv+2d0PXg=",
	"Django 4.2":            "pbkdf2_sha256$600000$abcdefghijklmnopqrstuv$JyR666J2Pdz0Qy5ydyHsASHSd2/8/A7rukqKk/x9LA4=",
	"Django, SHA-1":         "pbkdf2_sha1$260000$abcdefghijkl$UvmhIqiNEfFfB/XCChZaBxIWIKg=",
	"Django, argon2":        "argon2$argon2id$v=19$m=102400,t=2,p=8$YWJjZGVmZ2hpamtsbW5vcHFyc3R1dg$Com8p9IQXNf9b6gdq2+PXA",
	"Django, bcrypt-sha256": "bcrypt_sha256$$2b$12$abcdefghijklmnopqrstuux3Do8//fyUdXOVqk9ToTfOSsQYe38ta",
	"Django, bcrypt":        "bcrypt$$2b$12$abcdefghijklmnopqrstuuRI/kALEsLPxQo9AQB.2slJ/0SAZskBG",
	"Django 5.1, scrypt":    "scrypt$16384$abcdefghijklmnopqrstuv$8$5$EICSJwgLGxVRfCplHijgDV6XbxUjiFGxWCr4U2QskPajNfsPwfRRgNpvcsJLD4vc8hyObpecvpfcP1WzESO8kw==",
	"Django 4.0, scrypt":    "scrypt$16384$abcdefghijklmnopqrstuv$8$1$VUNZO+OrBFqZ5pVb7Ixac8I0J+WpoJZ745u2NmzBIi6njl701Sa6Dt6s9uSGDMaiyvBXrGj/nHV+ndWLddJIqw==",
	"werkzeug 2.2":          "pbkdf2:sha256:260000$abcdefghijklmnop$fa6d60bb8c9eb93f7b02b07043bef295ea2f2412c0085d48d3162ee7bdd8ae43",
	"werkzeug, SHA-512":     "pbkdf2:sha512:210000$abcdefghijklmnop$cf57d7703bd9d8f04f83c6dec38feb0554f94183060bbf21f99da9b04d5c2f32918c74a1035f61a4b1005e58fbc16d949128dcf7848722334547626d17a10bed",
	"werkzeug, SHA-1":       "pbkdf2:sha1:150000$abcdefghijklmnop$166ddce5617848caef0c21a53ef851507720f6a7",
	"werkzeug 3.2, scrypt":  "scrypt:32768:8:1$nVnH3J0-hlTAWi3sFMXdGA$feb2e531b400933956ceb655cc8ec3fc8e7caa8e24e4228d6fda295f9527b88bd220a58cb347abf8ae79adc60c4737c56199b07aec355ce54bb276d4a5f8bf57",
	"Flask-Bcrypt":          "$2b$12$abcdefghijklmnopqrstuuRI/kALEsLPxQo9AQB.2slJ/0SAZskBG",
	"Devise":                "$2a$10$C6QKRby3wx80zAdwOd4LR.fP9krsHtqjr6jaGnola7b/EpU3kTDT.",
	"Laravel":               "$2y$10$VRW/x1Qr/lJH0ENWMS/EO.V3WoxwjlRke9.utxOl0S4yp9RhfA56K",
	"Laravel, argon2id":     "$argon2id$v=19$m=65536,t=4,p=1$dmFlTUxqTzhmTzhFVzc5SA$5Fh6ft7THzZu26dAxEbD5C/ds3X1Mfx/nhjnJCOO3C4",
	"Symfony, sodium":       "$argon2id$v=19$m=65536,t=4,p=1$0b53lpa/YOZs+8NyAX/UOg$VxJEAIVPIX9oA6j39/aiGlbfXSpysFKEg15kWv+jeN8",
	"bcryptjs 3.0":          "$2b$10$dJxAWS8EW3xEamuj.QNuxO3kvq5Kb12l4BADLiF5DgV70fTI6kO2m",
	"bcrypt of npm 6.0":     "$2b$10$SJhLIPYEIVmUlaHx2IjmueR9TFGHTVf15FIDSVI6GNpdm9bz4I4iS",
	"@node-rs/bcrypt 1.10":  "$2b$10$0WVPn6W6JDtHSXUymnU0q.TVR0zI4BhDii68di1eqjcpHn97/Mw3S",
	"@node-rs/argon2 2.2":   "$argon2id$v=19$m=19456,t=2,p=1$Ot/nz/WaW+L/0E8Yt4eKAQ$qqTJkIGZuud7na0zsJc+JIKKDILWDxBDH1FUvBpQvRc",
	"argon2 of npm 0.44":    "$argon2id$v=19$m=65536,t=3,p=4$EaL7Knj9VtQ0HTyUKEVCtw$Wv6aeL/XbKdNEfLLaUjzG+x8UKb0afVeMC8P4f2xE+E",
	"argon2 of npm 0.45":    "$argon2id$v=19$m=65536,p=4,t=3$U+lz/pyd4grJV9k56dSq3Q$gJ5q7x9Ep8AEjt1hxFQNyehkqul7TDo73mb44ZK/MkU",
	"argon2i of npm 0.45":   "$argon2i$v=19$m=65536,p=4,t=3$ilDPedwsm0rG0MlqmwHyGQ$y9LQOCbjW2FCbgc0414W0VQU6woGKrWQ9J/7TwksMjM",
	"phpBB 4.0, argon2id":   "$argon2id$v=19$m=65536,t=4,p=2$WFl6ZEc3UVB1TGdhRmxIcw$pF6wL0almOB6/807pjnt6Tz8SP7zUYVp/jCBzfyVXXI",
	"argon2i":               "$argon2i$v=19$m=512,t=2,p=2$c2FsdHNhbHRzYWx0c2FsdA$CXFvVONDyH0uwG+f89GgkA",
}

// more are hashes of trouble in further formats: made by wp_hash_password of WordPress
// 6.8.3 and 7.1, and WordPress 6.1's class-phpass.php; aspnetcore-identity-password-hasher
// 1.0 and asp-identity-pw 1.1 of npm; Spring Security 7.2's PasswordEncoderFactories; passlib
// 1.7; pbkdf2_elixir 2.3; better-auth 1.7; Payload; phpBB 4.0's driver salted_md5; and MediaWiki 1.39.
// Drupal 11.4's module phpass accepts those of Drupal. Nextcloud's is PHP's with the
// version that its Hasher puts before it; columns was computed, see published for Gitea.
var more = map[string]struct{ hash, name string }{
	"WordPress 6.8.3":               {"$wp$2y$10$150j/007.wNeuzsbbkeoZuwfpcFDghf0PGPUwf.GZ/5I5TI3s0Jwi", "wordpress-bcrypt"},
	"WordPress 7.1":                 {"$wp$2y$10$XqKXQ2M1IzkBKmFcFEPoIuow2vQ/PNxc0BmCO0yhcJorkPuP2AA0m", "wordpress-bcrypt"},
	"ASP.NET, npm":                  {"AQAAAAEAACcQAAAAEHMbCErG3MCdvjE9q8RbrbPHBbFBiJUwPjqKnzhLkRRWnKM4LKeKJpr9Q32cD/87iQ==", "aspnet-identity-v3"},
	"Spring 7.2, PBKDF2":            {"{pbkdf2@SpringSecurity_v5_8}eac620446d817e2421beb9d9feb2103fabb11692b589fa2041e8b25a09a6092504a838dda89dfc0be216d8f13f2c3c67", "spring-pbkdf2"},
	"Spring 7.2, bcrypt":            {"{bcrypt}$2a$10$TO43JZCOHRXPATeNKtM.cOGVBxHJoW3FrrqKMXvTnggB6Uv7l4TSG", "{bcrypt}bcrypt $2a$"},
	"Spring 7.2, argon2":            {"{argon2@SpringSecurity_v5_8}$argon2id$v=19$m=16384,t=2,p=1$uIdGvKNeHVWN7kDEoIHvdA$0LmfXBt9/SrekG92yVgi9QvdNtTG0uqsEKOtmFK3HR8", "{argon2@SpringSecurity_v5_8}argon2id"},
	"Spring 5.2, argon2":            {"{argon2}$argon2id$v=19$m=4096,t=3,p=1$z6FVfrTN0iKA7UveKPFfsg$DNDLL2gCmpr+Grqosk4Ay5NSXPyTeHuV6jGK1XhFStY", "{argon2}argon2id"},
	"Nextcloud":                     {"3|$argon2id$v=19$m=65536,t=4,p=1$dmFlTUxqTzhmTzhFVzc5SA$5Fh6ft7THzZu26dAxEbD5C/ds3X1Mfx/nhjnJCOO3C4", "3|argon2id"},
	"passlib, SHA-512":              {"$pbkdf2-sha512$25000$XOtdizFGSOndW6t1jvE.xw$MITR6XWgF1Rqn4xHztPhHs9ZtEBW8wsp8GAS6DJejqy1PIz1j1NVHWYwji9LL/s/WBJY09HwZMGAndMgT/FcNQ", "passlib-pbkdf2-sha512"},
	"passlib, SHA-256":              {"$pbkdf2-sha256$29000$zNk7p9Q6J4SwNmbMOScEIA$dCwXDEpRTqK4Vq99EnbSYYDXlzOzepcHkE01fUAFxxY", "passlib-pbkdf2-sha256"},
	"passlib, SHA-1":                {"$pbkdf2$131000$CmEshVAKIWRMCSHk3Fvr/Q$h96AtHXIF2TAJpxTMvugHsjbMyA", "passlib-pbkdf2-sha1"},
	"pbkdf2_elixir 2.3, SHA-512":    {"$pbkdf2-sha512$160000$nNsjDxx/kfkyyRWupg6ZYg$Z4JEk7P8K0WcMvCzGsUHvtynwMaqqyvaqEyNBAppMwIH.ZCIbS4HI4eSkKiD2RwchUI7NhXanpzFNL1oJobMfw", "passlib-pbkdf2-sha512"},
	"better-auth":                   {"fcffd915fe06d1f3647f26267c8b6875:e01983ce9803570c2872da4792d3cb0c69790d2695ff71d778ae7a965e4ff3843baa4bba92ceff7275d58cec7d05a460018fe157b16d505aeff86a0c38c06cb2", "better-auth"},
	"Payload 3.90":                  {"7525f7b620a6fffc56fc50d80187ae39d329de0c7e80ff2af8d7027e72d0fb0d:pbkdf2-sha256-v1:25c83814b1c7bd7bb679224c4d258cd95b2df465df84b852e47b7c37a0a8a801", "payload"},
	"Payload 3.89":                  {"11424a3fa2a6b31c85a37be21cc694a0030285f3757d93a975d2fb2585c25285:2b357b30142c2dccd19b78099a144c9f44347ff17c9820196be100964cd1d8e0b5fff70ad82413348cf95c42bec200954c1fc33fbd134b29c424f5cd1ad0b09ec5b69f7da2b72d85559d989e998ff0d4d9d027eff2d240c1db419288d7f72a570bf3780698a96df85b20bf44f67b4236a457c55e2e60f698b7ae1d7d8fcee1cc397b8d7f2497fe496f4a9d431f23dbe4572aa5d6525ee30f1a47a2f804a3d76e044a34e6e81893046d083e2c60a378862d0c68e4fce61f1ddaa849830db702741707159ff18168f005dfa0db7223f657ac7a9a60a6e4c6a636507b67b4a567d18cd58a459d63d71bf683f03025c822ca555e5b81280618b7af143a715a08ee388da1b0385a296972b8b02da75158a08aadc01fcba58920b99a8e686f5411da1777741ca6384241616e8062a3e39b69d4236114ed0e948ebc7b8e73bb9356cf8b5e5fa52046d166af200349ce0a3d8b8394fa2a67b0774c7c0d61883a6a72c13f7d27f7a2ea4c5bb1a3a2323f647bd7ec9042e1bcf3a31b5cac46f4c0705b3efc163b0d7f307f26d4609733e644087dba133a22ad56d7dc9f8d29bbd3440758e4c2371212e4d2c5931f1b1bcf29fcc2de25610505ff1f67bb56022bb371c54c815816c2f5ce179dc1815e2a4014acb9b817f969479116b7254071fa1b986b7d8c15062e535414bb09a5f62a665962abb5e11d54dff313de8d6517e2d0e76e3853", "payload-25000"},
	"columns":                       {"pbkdf2-sha256:50000:0102030405060708090a0b0c0d0e0f10:9b7f63c4c3268a5c17954b75886e75ccfd6c7d94c65b9bb0bcbfd3ca37c2f6475bc26832039f8b9477644d7d3e32bcd76dbd", "columns-pbkdf2-sha256"},
	"only read: Spring 5.5, PBKDF2": {"{pbkdf2}660009548d48bc23bc5eb1d08a6e21ec22a59e985a72fd1cdc45cbb8fbe2e9be710e02e3ac680ba3", "spring-pbkdf2-5.5"},
	"only read: WordPress 6.1":      {"$P$BtaNUOZT1xV3ftnb6UZZfoMSdhwEES.", "phpass"},
	"only read: phpBB":              {"$H$9Z70cTGu66Q1s/aVd5j4cYg/nvECY30", "phpass"},
	"only read: Drupal":             {"$S$DabcdefghxZaKAs1vaKryfgc.94npfa6mxBxGYPa8uFNc5CXFFmm", "drupal-sha512"},
	"only read: Drupal 6":           {"U$S$Dabcdefgh1oIlRUfzWlgGxRaQHZzEvhtEh4TmFJ89ZQ4miN12S5j", "drupal-sha512"},
	"only read: MediaWiki":          {":pbkdf2:sha512:30000:64:y1i+mDIQ5a8U10/x9B/qZQ==:NUhs7i01ur3NAo4620eB3KxAGaij440bdeESvLYB8y6LunFx716v31mQGSHEGV0T5907hUFTioZCaAFkJgkT3g==", "mediawiki"},
	"only read: MediaWiki, argon2":  {":argon2:$argon2id$v=19$m=65536,t=4,p=1$NjB0N2RCL3MveldCdzdkNg$8DB3wrYfd8ZRoJxNFZeqqh21IALOocWrsL2oPzzhluU", "mediawiki"},
	"only read: ASP.NET":            {"AFNvR3aSgNl8o0gR39LyCIH89saEiqrc/gvu4PtDZxvB1Zbl1jRNT2KwavsqvCHQ/w==", "aspnet-identity-v2"},
}

// published are hashes that the authors' own tests contain: PasswordHasherTest of ASP.NET
// Core, and Django 5.2's test_hashers. The last one is better-auth 1.7's of a password
// that NFKC changes.
var published = map[string]string{
	"AAABAgMEBQYHCAkKCwwNDg+ukCEMDf0yyQ29NYubggHIVY0sdEUfdyeM+E1LtH1uJg==":                                                                                              "my password",
	"AQAAAAAAAAD6AAAAEAhftMyfTJylOlZT+eEotFXd1elee8ih5WsjXaR3PA9M":                                                                                                      "my password",
	"AQAAAAEAA9CQAAAAIESkQuj2Du8Y+kbc5lcN/W/3NiAZFEm11P27nrSN5/tId+bR1SwV8CO1Jd72r4C08OLvplNlCDc3oQZ8efcW+jQ=":                                                          "my password",
	"AQAAAAIAAAAyAAAAEOMwvh3+FZxqkdMBz2ekgGhwQ4B6pZWND6zgESBuWiHw":                                                                                                      "my password",
	"AQAAAAIAAAD6AAAAIJbVi5wbMR+htSfFp8fTw8N8GOS/Sje+S/4YZcgBfU7EQuqv4OkVYmc4VJl9AGZzmRTxSkP7LtVi9IWyUxX8IAAfZ8v+ZfhjCcudtC1YERSqE1OEdXLW9VukPuJWBBjLuw==":              "my password",
	"AQAAAAIAAYagAAAAEAABAgMEBQYHCAkKCwwNDg/Q8A0WMKbtHQJQ2DHCdoEeeFBrgNlldq6vH4qX/CGqGQ==":                                                                              "my password",
	"scrypt$16384$seasalt$8$5$ECMIUp+LMxMSK8xB/IVyba+KYGTI7FTnet025q/1f/vBAVnnP3hdYqJuRi+mJn6ji6ze3Fbb7JEFPKGpuEf5vw==":                                                 "l\u00e8tmein",
	"ee8210d01375ff28efaee2bdc65abe37:6c32592c2348c21ffdd7dc6846482d3c134efec9f17d61f15c8398a783142dc09008bcd41d63fa21e7c8324ae779751d8473990c6a223ed6e1345012b91aac66": "\ufb01anc\u00e9\u0301 \u5bc6\u7801 \uff21",
}

func TestPublishedHashesVerify(t *testing.T) {
	h := scheming(Scheme{Format: Match, Prepare: None})
	for stored, plain := range published {
		if !verify(t, h, stored, plain) || verify(t, h, stored, plain+"x") {
			t.Errorf("%s does not match only its password", stored)
		}
	}
}

// Gitea's own tests (modules/auth/password/hash) use a salt that is shorter than those
// that it makes.
func TestKeyOfGitea(t *testing.T) {
	key, err := hex.DecodeString("84e233114499e8721da80e85568e5b7b5900b3e49a30845fcda9d1e1756da4547d70f8740ac2b4a5d82f88cebcd27f21bfe2")
	d := derivedKey{"sha256", 320_000, []byte{1, 2, 3, 4}, key}
	if err != nil || !d.matches(input{text: "abcdef"}) || d.matches(input{text: "abcdeg"}) {
		t.Errorf("%v, or not only abcdef matches", err)
	}
}

// Hashes of libraries with the parameters in another order are read; new ones are in
// the order that all libraries read.
func TestArgon2ParametersInAnyOrder(t *testing.T) {
	h := scheming(Scheme{Format: Match, Prepare: None})
	present := foreign["argon2 of npm 0.45"]
	text, err := h.Renew(t.Context(), ForReset, present, "another password")
	if err != nil || !h.Usable(present) || !verify(t, h, text, "another password") {
		t.Fatalf("%s: got %s, %v", present, text, err)
	}
	if want := "$argon2id$v=19$m=65536,t=3,p=4$"; text[:len(want)] != want {
		t.Errorf("got %s, want %s", text, want)
	}
}
