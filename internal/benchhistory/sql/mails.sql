-- The link of each, one in a hundred of the unopened refused for good.
INSERT INTO reset_deliveries (id, reset_id, kind, user_id, recipient, created_at, attempts, sent_at, failed_at, last_reply, last_server)
SELECT gen_random_uuid(), id, 'reset_link', user_id, CASE WHEN withheld IS NULL THEN email END, created_at, CASE WHEN withheld IS NULL THEN 1 ELSE 0 END,
    CASE WHEN withheld IS NULL AND NOT refused THEN created_at + interval '900 milliseconds' END,
    CASE WHEN withheld IS NULL AND refused THEN created_at + interval '900 milliseconds' END,
    CASE WHEN withheld IS NOT NULL THEN '' WHEN refused THEN '550 5.1.1 no such user' ELSE '250 2.0.0 Ok: queued' END,
    CASE WHEN withheld IS NULL THEN 'mx.example.com:25' ELSE '' END
FROM (SELECT *, opened_at IS NULL AND hashtext(CAST(id AS text)) % 100 = 0 AS refused FROM password_resets OFFSET 0) AS r;
-- The notice of each use.
INSERT INTO reset_deliveries (id, reset_id, kind, user_id, recipient, created_at, attempts, sent_at, last_reply, last_server)
SELECT gen_random_uuid(), id, 'password_changed', user_id, email, used_at, 1, used_at + interval '900 milliseconds', '250 2.0.0 Ok: queued', 'mx.example.com:25'
FROM password_resets WHERE used_at IS NOT NULL;
