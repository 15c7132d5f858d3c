package password

// Describe names the format of a stored hash as Formats does, a bcrypt hash with
// its prefix; it is empty where no password can verify against it.
func Describe(stored string) string {
	hash, err := read(stored)
	if err != nil {
		return ""
	}
	return hash.name()
}

// Writes describes the hash that takes present's place.
func (s Scheme) Writes(present string) string {
	if s.Format != Match {
		return s.template(OWASP).name()
	}
	stored, err := read(present)
	if err != nil {
		return ""
	}
	return s.like(stored).name()
}
