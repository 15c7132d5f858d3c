\set n random(1, 20000)
\set b random(0, 255)
WITH account AS (SELECT id, email FROM accounts WHERE lower(email) = lower('user' || :n || '@example.org')),
request AS (INSERT INTO requests SELECT gen_random_uuid(), now(), id, email, ('10.1.2.' || :b)::inet, 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0' FROM account RETURNING id)
INSERT INTO mails (request_id, due_at) SELECT id, now() FROM request;
