-- Ordinary application SQL and migrations: nothing here may be denied.
SELECT 1;
SELECT id, name FROM users WHERE id = 1;
SELECT u.id, count(*) AS n FROM users u LEFT JOIN orders o ON o.user_id = u.id GROUP BY u.id HAVING count(*) > 3 ORDER BY n DESC NULLS LAST LIMIT 10 OFFSET 5;
SELECT DISTINCT ON (user_id) user_id, created_at FROM logins ORDER BY user_id, created_at DESC;
SELECT coalesce(nickname, name, '匿名') FROM users FETCH FIRST 5 ROWS ONLY;
SELECT date_trunc('month', created_at) AS m, sum(amount) FILTER (WHERE paid) FROM orders GROUP BY 1;
SELECT * FROM users WHERE name ILIKE '%zhang%' AND email ~* '^a.*' AND tags @> ARRAY['x'];
SELECT data->>'a', data->'b'->0, data #>> '{c,d}', data ? 'e' FROM docs WHERE data @> '{"a":1}'::jsonb;
SELECT jsonb_set(data, '{a}', '1'), jsonb_build_object('k', v), to_jsonb(t.*) FROM t;
SELECT row_number() OVER (PARTITION BY dept ORDER BY salary DESC), lag(x, 1) OVER w FROM emp WINDOW w AS (ORDER BY id);
WITH recent AS (SELECT * FROM orders WHERE created_at > now() - interval '7 days') SELECT count(*) FROM recent;
WITH RECURSIVE t(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM t WHERE n < 100) SELECT sum(n) FROM t;
WITH moved AS (DELETE FROM queue WHERE done RETURNING *) INSERT INTO archive SELECT * FROM moved;
SELECT * FROM generate_series(1, 10) AS g(i), LATERAL (SELECT i * 2 AS d) s;
SELECT unnest(ARRAY[1, 2, 3]), array_agg(x ORDER BY x), string_agg(name, ',') FROM t;
SELECT CASE WHEN a > 0 THEN 'pos' WHEN a < 0 THEN 'neg' ELSE 'zero' END FROM t;
SELECT 'it''s', E'line\nbreak', U&'d\0061t\+000061', $$dollar; quoted$$, $tag$nested $$ here$tag$, B'101', X'1F';
SELECT "Group", "order" FROM "Select" WHERE "From" = 'x';
SELECT EXTRACT(year FROM created_at), position('a' IN name), substring(name FROM 2 FOR 3), trim(both ' ' FROM name), overlay('abc' PLACING 'x' FROM 2) FROM users;
SELECT CAST('1' AS integer), '2024-01-01'::date, interval '1 day', timestamp with time zone '2024-01-01 00:00:00+08', now() AT TIME ZONE 'Asia/Shanghai';
SELECT id FROM a UNION SELECT id FROM b INTERSECT SELECT id FROM c EXCEPT ALL SELECT id FROM d;
SELECT * FROM accounts WHERE id = 1 FOR UPDATE SKIP LOCKED;
SELECT * FROM t TABLESAMPLE BERNOULLI (10) WHERE a IS DISTINCT FROM b;
SELECT GROUPING(a), a, b, count(*) FROM t GROUP BY GROUPING SETS ((a), (b), ()), ROLLUP (a, b);
SELECT x FROM t WHERE (a, b) IN ((1, 2), (3, 4)) AND c = ANY (ARRAY[1, 2]) AND d BETWEEN SYMMETRIC 1 AND 5;
SELECT to_tsvector('english', body) @@ plainto_tsquery('x'), ts_rank(v, q), similarity(a, b) FROM docs;
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY amount) FROM orders;
SELECT gen_random_uuid(), uuid_generate_v4(), md5('x'), encode(digest('a', 'sha256'), 'hex'), random(), nextval('users_id_seq'), currval('users_id_seq');
SELECT pg_size_pretty(pg_total_relation_size('users')), pg_get_viewdef('v'), current_setting('server_version');
SELECT * FROM information_schema.columns WHERE table_name = 'users';
SELECT relname FROM pg_catalog.pg_class WHERE relkind = 'r';
SELECT xmlelement(name a, 'b'), xmlagg(x) FROM t;
SELECT json_query(doc, '$.a'), json_value(doc, '$.b') FROM d;
SELECT /* comment /* nested; */ still */ 1; -- trailing
VALUES (1, 'a'), (2, 'b');
TABLE users;
SHOW search_path;
EXPLAIN SELECT * FROM users;
EXPLAIN (COSTS OFF, FORMAT JSON) UPDATE users SET name = 'x' WHERE id = 1;
INSERT INTO users (name, email) VALUES ('张三', 'zhang@example.com');
INSERT INTO users (name, email) VALUES ('a', 'a@x'), ('b', DEFAULT), ('c', NULL);
INSERT INTO users (name) VALUES ('x') RETURNING id;
INSERT INTO users DEFAULT VALUES;
INSERT INTO counters (k, v) VALUES ('hits', 1) ON CONFLICT (k) DO UPDATE SET v = counters.v + EXCLUDED.v WHERE counters.v < 100;
INSERT INTO tags (name) VALUES ('a') ON CONFLICT DO NOTHING;
INSERT INTO archive SELECT * FROM posts WHERE created_at < '2020-01-01';
INSERT INTO t (id, doc) OVERRIDING SYSTEM VALUE VALUES (1, '{"a": "b;c"}');
UPDATE users SET name = 'x' WHERE id = 1;
UPDATE users SET (name, email) = ('a', 'b') WHERE id = 2;
UPDATE users SET login_count = login_count + 1, last_login = now() WHERE id = 42;
UPDATE users u SET vip = true FROM orders o WHERE o.user_id = u.id AND o.amount > 1000;
UPDATE t SET data = data || '{"x": 1}', arr[1] = 5 WHERE id = 3;
UPDATE t SET a = (SELECT max(b) FROM s WHERE s.id = t.id) WHERE t.id IN (SELECT id FROM ids);
UPDATE ONLY parent SET a = 1 WHERE b = 2;
UPDATE orders SET status = CASE WHEN paid AND shipped THEN 'done' ELSE status END WHERE id = ANY ('{1,2,3}'::int[]);
DELETE FROM sessions WHERE expires_at < now();
DELETE FROM users u USING orders o WHERE o.user_id = u.id AND o.id IS NULL;
DELETE FROM logs WHERE ctid IN (SELECT ctid FROM logs WHERE created_at < '2020-01-01' LIMIT 1000);
MERGE INTO stock s USING incoming i ON s.sku = i.sku WHEN MATCHED THEN UPDATE SET qty = s.qty + i.qty WHEN NOT MATCHED THEN INSERT (sku, qty) VALUES (i.sku, i.qty);
CREATE TABLE users (
  id bigserial PRIMARY KEY,
  uid uuid NOT NULL DEFAULT gen_random_uuid(),
  name varchar(64) NOT NULL DEFAULT '',
  email text UNIQUE CHECK (email LIKE '%@%'),
  tags text[] DEFAULT '{}',
  doc jsonb,
  total numeric(12, 2) GENERATED ALWAYS AS (price * qty) STORED,
  price numeric(10, 2), qty int,
  created_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT uq UNIQUE (name, uid)
);
CREATE TABLE IF NOT EXISTS orders (id int GENERATED BY DEFAULT AS IDENTITY, user_id bigint REFERENCES users (id) ON DELETE CASCADE, amount int);
CREATE TABLE measurements (d date NOT NULL, v int) PARTITION BY RANGE (d);
CREATE TABLE measurements_2024 PARTITION OF measurements FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE child (extra int) INHERITS (parent);
CREATE TABLE copy (LIKE users INCLUDING ALL);
CREATE TABLE report AS SELECT user_id, sum(amount) AS total FROM orders GROUP BY user_id;
CREATE UNLOGGED TABLE cache (k text PRIMARY KEY, v bytea);
CREATE TEMP TABLE tmp_ids (id int) ON COMMIT DROP;
CREATE INDEX idx_users_name ON users (name);
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_email ON users (lower(email));
CREATE UNIQUE INDEX uq_active ON users (email) WHERE deleted_at IS NULL;
CREATE INDEX idx_doc ON docs USING gin (doc jsonb_path_ops) WITH (fastupdate = off);
CREATE INDEX idx_inc ON orders (user_id DESC) INCLUDE (amount);
DROP INDEX CONCURRENTLY IF EXISTS idx_old;
REINDEX INDEX CONCURRENTLY idx_users_name;
CREATE VIEW active_users AS SELECT * FROM users WHERE deleted_at IS NULL;
CREATE OR REPLACE VIEW v2 WITH (security_barrier) AS SELECT id FROM users;
CREATE MATERIALIZED VIEW mv AS SELECT user_id, count(*) FROM orders GROUP BY 1 WITH NO DATA;
REFRESH MATERIALIZED VIEW CONCURRENTLY mv;
DROP MATERIALIZED VIEW IF EXISTS mv;
ALTER TABLE users ADD COLUMN age int;
ALTER TABLE users ADD COLUMN IF NOT EXISTS score int NOT NULL DEFAULT 0, DROP COLUMN IF EXISTS old_col;
ALTER TABLE users ALTER COLUMN name TYPE text USING name::text;
ALTER TABLE users ALTER COLUMN age SET NOT NULL, ALTER COLUMN age SET DEFAULT 1, ALTER COLUMN age DROP DEFAULT;
ALTER TABLE orders ADD CONSTRAINT fk_user FOREIGN KEY (user_id) REFERENCES users (id) NOT VALID;
ALTER TABLE orders VALIDATE CONSTRAINT fk_user;
ALTER TABLE orders DROP CONSTRAINT IF EXISTS fk_user;
ALTER TABLE users ADD CONSTRAINT pk PRIMARY KEY USING INDEX idx_pk;
ALTER TABLE users RENAME TO members;
ALTER TABLE users RENAME COLUMN a TO b;
ALTER TABLE users SET (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05);
ALTER TABLE measurements ATTACH PARTITION m2 FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
ALTER TABLE measurements DETACH PARTITION m1;
ALTER TABLE users OWNER TO app;
ALTER TABLE users ENABLE ROW LEVEL SECURITY;
ALTER TABLE users ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY;
ALTER INDEX idx_a RENAME TO idx_b;
ALTER VIEW v2 RENAME TO v3;
ALTER TYPE mood ADD VALUE IF NOT EXISTS 'happy' AFTER 'ok';
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE TYPE pair AS (a int, b text);
CREATE DOMAIN email AS text CHECK (VALUE ~ '@');
DROP TYPE IF EXISTS mood;
CREATE SEQUENCE s1 START 100 INCREMENT BY 5 OWNED BY users.id;
ALTER SEQUENCE s1 RESTART WITH 1;
SELECT setval('users_id_seq', (SELECT max(id) FROM users));
DROP SEQUENCE s1;
CREATE SCHEMA IF NOT EXISTS reporting;
COMMENT ON TABLE users IS '用户; 表';
COMMENT ON COLUMN users.name IS 'name';
CREATE EXTENSION IF NOT EXISTS pgcrypto;
CREATE EXTENSION IF NOT EXISTS "uuid-ossp";
DROP TABLE IF EXISTS tmp1, tmp2;
DROP VIEW v3;
TRUNCATE TABLE staging RESTART IDENTITY;
CREATE OR REPLACE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.updated_at = now();
  RETURN NEW;
END;
$$;
CREATE FUNCTION add(a int, b int) RETURNS int LANGUAGE sql IMMUTABLE RETURN a + b;
CREATE FUNCTION both_sql(a int) RETURNS int LANGUAGE sql BEGIN ATOMIC INSERT INTO log VALUES (a); SELECT CASE WHEN a > 0 THEN 1 ELSE 0 END; END;
CREATE PROCEDURE tidy() LANGUAGE plpgsql AS $body$ BEGIN DELETE FROM a WHERE b = 'x;y'; END $body$;
CALL tidy();
CREATE TRIGGER trg BEFORE UPDATE ON users FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION touch();
DROP TRIGGER IF EXISTS trg ON users;
DROP FUNCTION IF EXISTS touch();
CREATE RULE r1 AS ON INSERT TO v DO INSTEAD (INSERT INTO a VALUES (1); INSERT INTO b VALUES (2));
CREATE POLICY p ON users USING (tenant_id = current_setting('app.tenant')::int);
CREATE STATISTICS st (dependencies) ON a, b FROM t;
ANALYZE users;
VACUUM (ANALYZE) users;
UPDATE users SET note = 'emoji 👨‍👩‍👧; semicolon' WHERE id = 7;
UPDATE users SET name = 'O''Brien', bio = 'multi
line' WHERE id = 8;
SELECT a.id, 姓名 FROM 用户 a WHERE 城市 = '北京';
SELECT count(*) FROM users WHERE NOT EXISTS (SELECT FROM orders WHERE orders.user_id = users.id);
SELECT (SELECT max(x) FROM t), (t.c).f, ROW(1, 2), ARRAY(SELECT 1) FROM t;
SELECT 'a' !~ 'b', 1 <-> 2, @ -5, |/ 25, 2 ^ 3, 7 % 2, 1 << 3, a OPERATOR(pg_catalog.+) b FROM t;
