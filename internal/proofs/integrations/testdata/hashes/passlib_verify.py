# Reads a password and then hashes. Prints for each whether it matches, and whether it
# matches another password.
import sys

from passlib.context import CryptContext

context = CryptContext(["pbkdf2_sha512", "pbkdf2_sha256", "bcrypt", "argon2"])
plain, *hashes = sys.stdin.read().split("\n")
for stored in hashes:
    print(context.verify(plain, stored), context.verify(plain + "x", stored))
