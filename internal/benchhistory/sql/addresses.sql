-- What the trigger would have noted, in the order in which it would.
TRUNCATE reset_addresses;
INSERT INTO reset_addresses (address, oldest, newest) SELECT email, min(created_at) AS first, max(created_at) FROM password_resets GROUP BY email ORDER BY first;
