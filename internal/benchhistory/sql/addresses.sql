-- What the trigger would have noted.
TRUNCATE reset_addresses;
INSERT INTO reset_addresses (address, oldest, newest) SELECT email, min(created_at), max(created_at) FROM password_resets GROUP BY email;
