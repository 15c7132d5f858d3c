-- One year of resets, oldest first, of which $1 says how many; a tenth as many
-- accounts. Accounts: the cube of a uniform number, so that the busiest makes
-- one reset in a hundred; one in twelve addresses has none. IP addresses: a
-- quarter from busy offices, 5% from one /24, 5% IPv6, the rest from anywhere.
INSERT INTO password_resets (id, created_at, expires_at, user_id, email, created_by_ip, created_by_agent, requested_by,
    withheld, account_state, opened_at, opened_by_ip, used_at, used_by_ip, used_by_agent, revoked_at, revoked_by)
SELECT gen_random_uuid(), t, t + interval '1 hour', user_id, email, ip, agent, 'user',
    withheld, CASE WHEN withheld IS NULL THEN repeat('s', 43) END,
    CASE WHEN fate IN ('used', 'opened') THEN t + took * 0.9 END, CASE WHEN fate IN ('used', 'opened') THEN ip END,
    CASE WHEN fate = 'used' THEN t + took END,
    CASE WHEN fate <> 'used' THEN NULL WHEN r5 < 0.1 THEN roaming ELSE ip END,
    CASE WHEN fate = 'used' THEN agent END,
    CASE WHEN fate IN ('superseded', 'not_me') THEN t + took END, CASE WHEN fate IN ('superseded', 'not_me') THEN fate END
FROM (
    SELECT *,
        CASE WHEN withheld IS NOT NULL THEN 'none' WHEN t + took >= now() THEN 'none'
             WHEN r3 < 0.45 THEN 'used' WHEN r3 < 0.53 THEN 'opened' WHEN r3 < 0.58 THEN 'superseded' WHEN r3 < 0.583 THEN 'not_me' ELSE 'none' END AS fate
    FROM (
        SELECT t, r3, r5, took,
            CASE WHEN r1 >= 0.08 THEN md5('u' || un) END AS user_id,
            CASE WHEN r1 < 0.08 THEN 'nobody' || CAST(r2 * 5e6 AS int) || '@example.test' ELSE
                (ARRAY['anna','maria','john','peter','lucas','emma','olga','ivan','fatima','omar','wei','li','yuki','ken','sara','noah','liam','mia','zoe','hugo'])[1 + (un * 7919) % 20] || '.' ||
                (ARRAY['smith','garcia','muller','rossi','novak','ivanov','kim','tanaka','chen','wang','silva','santos','khan','ali','jensen','larsen','dubois','moreau','kovacs','nagy','brown','jones','davis','miller','wilson'])[1 + (un * 104729) % 25]
                || un || '@' || (ARRAY['example.test','mail.test','corp.test','uni.test'])[1 + un % 4] END AS email,
            CASE WHEN r1 < 0.08 THEN 'no_account' WHEN r1 < 0.095 THEN 'throttled' WHEN r1 < 0.098 THEN 'inactive' WHEN r1 < 0.1 THEN 'no_password' END AS withheld,
            CAST(CASE WHEN r4 < 0.25 THEN '100.64.' || CAST(pow(r6, 2) * 7 AS int) || '.' || CAST(r7 * 255 AS int)
                 WHEN r4 < 0.30 THEN '203.0.113.' || CAST(r7 * 255 AS int)
                 WHEN r4 < 0.35 THEN '2001:db8:' || to_hex(CAST(r6 * 65535 AS int)) || '::' || to_hex(CAST(r7 * 65535 AS int))
                 ELSE CAST(1 + r6 * 96 AS int) || '.' || CAST(r7 * 255 AS int) || '.' || CAST(r8 * 255 AS int) || '.' || CAST(r9 * 255 AS int) END AS inet) AS ip,
            CAST('151.' || CAST(r7 * 255 AS int) || '.' || CAST(r8 * 255 AS int) || '.' || CAST(r9 * 255 AS int) AS inet) AS roaming,
            (ARRAY['Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0',
                   'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36',
                   'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1'])[1 + CAST(r2 * 2.999 AS int) % 3] AS agent
        FROM (
            SELECT now() - interval '365 days' + (g - random()) * (interval '365 days' / $1) AS t,
                random() AS r1, random() AS r2, random() AS r3, random() AS r4, random() AS r5, random() AS r6, random() AS r7, random() AS r8, random() AS r9,
                pow(random(), 4) * interval '59 minutes' + interval '5 seconds' AS took,
                1 + CAST(pow(random(), 3) * ($1 / 10 - 1) AS bigint) AS un
            FROM generate_series(1, $1) AS g OFFSET 0) AS dice OFFSET 0) AS drawn OFFSET 0) AS lived;
