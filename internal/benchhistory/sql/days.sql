-- Each day's sums in as many lines as there may be writers.
TRUNCATE reset_days;
INSERT INTO reset_days (day, writer, asked, opened, used, no_account, inactive, throttled, no_password)
SELECT CAST(created_at AT TIME ZONE 'UTC' AS date), ascii(CAST(id AS text)) % 8 * 8 + ascii(right(CAST(id AS text), 1)) % 8, count(*), count(opened_at), count(used_at),
    count(*) FILTER (WHERE withheld = 'no_account'), count(*) FILTER (WHERE withheld = 'inactive'),
    count(*) FILTER (WHERE withheld = 'throttled'), count(*) FILTER (WHERE withheld = 'no_password')
FROM password_resets GROUP BY 1, 2;
INSERT INTO reset_days AS d (day, writer, delivered)
SELECT CAST(created_at AT TIME ZONE 'UTC' AS date), 0, count(*) FROM reset_deliveries WHERE kind = 'reset_link' AND sent_at IS NOT NULL GROUP BY 1
ON CONFLICT (day, writer) DO UPDATE SET delivered = excluded.delivered;
