\set n random(1, 20000)
\set b random(0, 255)
BEGIN;
SELECT id FROM accounts WHERE lower(email) = lower('user' || :n || '@example.org') \gset a_
SELECT gen_random_uuid() AS id \gset r_
INSERT INTO requests VALUES (:r_id::text::uuid, now(), :a_id::text::uuid, 'user' || :n || '@example.org', ('10.1.2.' || :b)::inet, 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0');
INSERT INTO mails (request_id, due_at) VALUES (:r_id::text::uuid, now());
COMMIT;
