-- An attack 300 days ago from one /24, two in a hundred of all rows within an
-- hour: what a walk along the time meets last.
INSERT INTO password_resets (id, created_at, expires_at, email, created_by_ip, created_by_agent, withheld)
SELECT gen_random_uuid(), t, t + interval '1 hour', 'victim' || g || '@raided.test', CAST('198.51.100.' || g % 256 AS inet), 'curl/8.5.0', 'no_account'
FROM (SELECT g, now() - interval '300 days' + g * (interval '1 hour' / ($1 / 50)) AS t FROM generate_series(1, $1 / 50) AS g) AS s;
