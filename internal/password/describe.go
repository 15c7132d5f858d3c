package password

import "strings"

// Describe names the format of a stored hash as Formats does, a bcrypt hash with
// its prefix; it is empty where no password can verify against it.
func Describe(stored string) string {
	hash, err := read(stored)
	if err != nil {
		return ""
	}
	return describe(hash)
}

// Writes describes the hash that takes present's place.
func (s Scheme) Writes(present string) string {
	if s.Format != Match {
		return describe(s.template(OWASP))
	}
	stored, err := read(present)
	if err != nil {
		return ""
	}
	return describe(s.like(stored))
}

func describe(r record) string {
	name, django := "", false
	switch hash := r.(type) {
	case argon2Hash:
		if name, django = "argon2", hash.before != ""; !django {
			name = hash.kind
		}
	case bcryptHash:
		if django = hash.before != ""; django {
			name = strings.ReplaceAll(strings.TrimSuffix(hash.before, "$"), "_", "-")
		} else {
			name = bcryptFormat + " " + hash.prefix
		}
	case pbkdf2Hash:
		name, django = "pbkdf2-"+hash.digest, hash.django
		if !django && hash.digest == "sha256" {
			name = "werkzeug-pbkdf2"
		} else if !django {
			name = "werkzeug-" + name
		}
	case scryptHash:
		if name, django = "scrypt", hash.django; !django {
			name = "werkzeug-scrypt"
		}
	}
	if django {
		return djangoName(name)
	}
	return name
}
