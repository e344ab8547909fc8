-- Ordinary application SQL and migrations: nothing here may be denied.
SELECT 1;
SELECT id, name FROM users WHERE id = 1;
SELECT u.id, count(*) AS n FROM users u LEFT JOIN orders o ON o.user_id = u.id GROUP BY u.id HAVING n > 3 ORDER BY n DESC LIMIT 10 OFFSET 5;
SELECT DISTINCT city FROM addresses WHERE country IN ('CN', 'US');
SELECT coalesce(nickname, name, '匿名') FROM users;
SELECT strftime('%Y-%m', created_at) AS m, sum(amount) FILTER (WHERE paid) FROM orders GROUP BY 1;
SELECT * FROM users WHERE name LIKE '%z%' ESCAPE '\' AND email GLOB '*@x*' AND id NOT NULL;
SELECT data ->> '$.a', data -> 'b', json_extract(data, '$.c') FROM docs;
SELECT value FROM json_each('[1,2,3]');
SELECT t.id, j.value FROM t, json_each(t.tags) AS j WHERE j.value = 'x';
SELECT row_number() OVER (PARTITION BY dept ORDER BY salary DESC) FROM emp;
SELECT sum(x) OVER w FROM t WINDOW w AS (ORDER BY id ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING);
WITH recent AS (SELECT * FROM orders WHERE created_at > date('now', '-7 days')) SELECT count(*) FROM recent;
WITH RECURSIVE cnt(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM cnt WHERE x < 10) SELECT x FROM cnt;
WITH a AS MATERIALIZED (SELECT 1 AS x), b AS NOT MATERIALIZED (SELECT 2 AS x) SELECT * FROM a JOIN b USING (x);
SELECT CASE WHEN a > 0 THEN 'pos' ELSE 'neg' END FROM t;
SELECT 'it''s', x'1F', "quoted name", [bracket name], `tick name` FROM "my table";
SELECT id FROM a UNION ALL SELECT id FROM b INTERSECT SELECT id FROM c EXCEPT SELECT id FROM d ORDER BY 1;
SELECT * FROM t INDEXED BY idx WHERE a = 1;
SELECT * FROM t NOT INDEXED WHERE a IS NOT b AND c IS NOT DISTINCT FROM d;
SELECT * FROM (SELECT 1 AS a) NATURAL JOIN (t1 CROSS JOIN t2);
SELECT CAST('1' AS INTEGER), typeof(x), ifnull(a, 0), iif(a, b, c), nullif(d, '') FROM t;
SELECT group_concat(name, ', '), total(x), avg(y), max(a, b), min(c) FROM t;
SELECT exists(SELECT 1 FROM users WHERE email = 'a@b.c');
SELECT datetime('now', 'localtime'), julianday('2024-01-01'), unixepoch();
SELECT printf('%05d', 3), substr(name, 1, 2), replace(a, 'x', 'y'), instr(a, 'b'), hex(randomblob(4)), upper(a) || lower(b) FROM t;
SELECT a COLLATE NOCASE FROM t ORDER BY a COLLATE BINARY DESC NULLS LAST;
SELECT * FROM docs WHERE docs MATCH 'sqlite AND fts' ORDER BY bm25(docs);
SELECT highlight(docs, 0, '<b>', '</b>') FROM docs;
VALUES (1, 'a'), (2, 'b');
EXPLAIN QUERY PLAN SELECT * FROM users;
EXPLAIN SELECT 1;
SELECT name FROM sqlite_master WHERE type = 'table';
PRAGMA table_info(users);
PRAGMA foreign_key_list('orders');
PRAGMA integrity_check;
PRAGMA user_version;
PRAGMA index_list("users");
INSERT INTO users (name, email) VALUES ('张三', 'zhang@example.com');
INSERT INTO users (name, email) VALUES ('a', 'a@x'), ('b', NULL);
INSERT INTO users DEFAULT VALUES;
INSERT OR IGNORE INTO tags (name) VALUES ('x');
INSERT OR REPLACE INTO settings (k, v) VALUES ('theme', 'dark');
REPLACE INTO settings VALUES ('a', 'b');
INSERT INTO counters (k, v) VALUES ('hits', 1) ON CONFLICT (k) DO UPDATE SET v = v + excluded.v WHERE v < 100;
INSERT INTO tags (name) VALUES ('a') ON CONFLICT DO NOTHING;
INSERT INTO archive SELECT * FROM posts WHERE created_at < '2020-01-01';
INSERT INTO t (a) SELECT b FROM s WHERE true ON CONFLICT (a) DO NOTHING;
WITH x AS (SELECT 1 AS a) INSERT INTO t SELECT a FROM x;
INSERT INTO users (name) VALUES ('x') RETURNING id;
INSERT INTO notes VALUES (1, 'semi; colon', '-- not a comment', '/* nor this */');
INSERT INTO main.users AS u (name) VALUES ('q');
UPDATE users SET name = 'x' WHERE id = 1;
UPDATE users SET (name, email) = ('a', 'b') WHERE id = 2;
UPDATE users SET login_count = login_count + 1, last_login = datetime('now') WHERE id = 42;
UPDATE OR IGNORE users SET email = 'x' WHERE id = 3;
UPDATE users SET vip = 1 FROM orders WHERE orders.user_id = users.id AND orders.amount > 1000;
UPDATE t SET a = (SELECT max(b) FROM s WHERE s.id = t.id) WHERE id IN (SELECT id FROM ids);
UPDATE t AS x SET a = 1 WHERE x.b = 2;
UPDATE t INDEXED BY idx SET a = 1 WHERE b = 2;
UPDATE "my table" SET [my column] = 'v' WHERE `id` = 1;
UPDATE t SET doc = json_set(doc, '$.a', 1) WHERE id = 1;
WITH s AS (SELECT 1 AS id) UPDATE t SET a = 1 WHERE id IN (SELECT id FROM s);
UPDATE t SET a = 1 WHERE b = 2 RETURNING a;
DELETE FROM sessions WHERE expires_at < datetime('now');
DELETE FROM t WHERE id IN (SELECT id FROM dup WHERE n > 1);
DELETE FROM t AS x WHERE x.a IS NULL;
DELETE FROM main.t WHERE rowid = 7;
WITH old AS (SELECT id FROM t) DELETE FROM t WHERE id IN old;
CREATE TABLE users (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL DEFAULT '' COLLATE NOCASE,
  email TEXT UNIQUE ON CONFLICT IGNORE CHECK (email LIKE '%@%'),
  price DECIMAL(10, 2) DEFAULT 0.0,
  total REAL GENERATED ALWAYS AS (price * 2) VIRTUAL,
  created_at TEXT NOT NULL DEFAULT (datetime('now')),
  team_id INTEGER REFERENCES teams (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
  UNIQUE (name, email),
  FOREIGN KEY (team_id) REFERENCES teams (id) ON UPDATE SET NULL
);
CREATE TABLE IF NOT EXISTS kv (k TEXT PRIMARY KEY, v BLOB) WITHOUT ROWID, STRICT;
CREATE TABLE report AS SELECT user_id, count(*) AS n FROM orders GROUP BY user_id;
CREATE TEMP TABLE tmp_ids (id INTEGER);
CREATE VIRTUAL TABLE docs USING fts5 (title, body, tokenize = 'porter');
CREATE INDEX idx_name ON users (name);
CREATE UNIQUE INDEX IF NOT EXISTS uq_email ON users (lower(email)) WHERE email IS NOT NULL;
CREATE INDEX main.idx_two ON users (name COLLATE NOCASE DESC, id);
CREATE VIEW active_users AS SELECT * FROM users WHERE name <> '';
CREATE VIEW IF NOT EXISTS v2 (a, b) AS SELECT id, name FROM users;
CREATE TRIGGER trg_audit AFTER UPDATE OF name, email ON users FOR EACH ROW WHEN NEW.name <> OLD.name
BEGIN
  INSERT INTO audit (old, new) VALUES (OLD.name, CASE WHEN NEW.name = '' THEN 'none' ELSE NEW.name END);
  UPDATE counters SET n = n + 1 WHERE k = 'renames';
END;
CREATE TRIGGER IF NOT EXISTS trg_view INSTEAD OF INSERT ON v2 BEGIN INSERT INTO users (name) VALUES (NEW.b); SELECT RAISE(ABORT, 'no; way'); END;
ALTER TABLE users ADD COLUMN age INTEGER NOT NULL DEFAULT 0;
ALTER TABLE users RENAME TO members;
ALTER TABLE users RENAME COLUMN name TO full_name;
ALTER TABLE users RENAME a TO b;
ALTER TABLE users DROP COLUMN age;
DROP TABLE IF EXISTS tmp1;
DROP INDEX IF EXISTS idx_name;
DROP VIEW v2;
DROP TRIGGER trg_audit;
ANALYZE;
ANALYZE users;
REINDEX idx_name;
VACUUM;
SELECT a.id, 姓名 FROM 用户 a WHERE 城市 = '北京';
UPDATE users SET note = 'emoji 👨‍👩‍👧; x' WHERE id = 7;
UPDATE users SET bio = 'multi
line' WHERE id = 8;
SELECT 1e5, .5, 0x1F, -3, +4, 5 % 2, 1 << 3, 6 & 3, 6 | 1, ~1, 2 == 2, 3 <> 4, 5 != 6;
SELECT (SELECT max(x) FROM t), (1, 2) = (1, 2), a IN (1, 2), b NOT IN (SELECT c FROM d), e BETWEEN 1 AND 2 FROM t;
SELECT count(*) FROM users WHERE NOT EXISTS (SELECT 1 FROM orders WHERE orders.user_id = users.id);
SELECT last_insert_rowid(), changes(), sqlite_version();
SELECT abs(-1), round(1.5, 1), length('abc'), trim(' a '), ltrim('a'), rtrim('b'), sign(-1), quote('x'), unicode('a'), char(65);
SELECT lead(x) OVER (ORDER BY y), first_value(a) OVER (ORDER BY b), ntile(4) OVER (ORDER BY c) FROM t;
SELECT t1.a FROM t1 LEFT OUTER JOIN t2 ON t1.id = t2.id INNER JOIN t3 USING (id) WHERE t1.b IS NULL;
SELECT * FROM t WHERE a = 1 AND (b = 2 OR c = 3) AND NOT d ORDER BY random() LIMIT 1;
SELECT * FROM a, b WHERE a.id = b.id;
SELECT json_group_array(name), json_group_object(k, v), json_object('a', 1), json_array(1, 2) FROM t;
SELECT json_patch(a, b), json_remove(a, '$.x'), json_type(a), json_valid(a), json_array_length(a) FROM t;
SELECT min(price) FROM items WHERE category = 'books' GROUP BY vendor;
INSERT INTO orders (user_id, amount) SELECT id, 0 FROM users WHERE vip = 1;
INSERT INTO logs (msg, at) VALUES ('started', CURRENT_TIMESTAMP);
UPDATE products SET price = round(price * 1.1, 2) WHERE category = 'tea';
UPDATE products SET stock = stock - 1 WHERE id = 5 AND stock > 0;
UPDATE users SET email = lower(trim(email)) WHERE email <> lower(trim(email));
DELETE FROM logs WHERE at < '2023-01-01';
DELETE FROM cart WHERE user_id = 3 AND product_id = 9;
CREATE TABLE tags (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE post_tags (post_id INT, tag_id INT, PRIMARY KEY (post_id, tag_id)) WITHOUT ROWID;
CREATE INDEX idx_expr ON events (json_extract(payload, '$.kind'));
/* migration 3 */ ALTER TABLE tags ADD COLUMN color TEXT DEFAULT '#fff';
