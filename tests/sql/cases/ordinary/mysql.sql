-- Ordinary application SQL and migrations that MySQL and MariaDB both take: nothing here may be denied.
-- It runs from top to bottom on the database of schema/mysql.sql.
-- Queries
SELECT 1;
SELECT 1 FROM DUAL WHERE 1 = 1;
SELECT id, name FROM users WHERE id = 1;
SELECT u.id, u.name, COUNT(o.id) AS cnt FROM users u LEFT JOIN orders o ON o.user_id = u.id GROUP BY u.id, u.name HAVING cnt > 3 ORDER BY cnt DESC LIMIT 10;
SELECT DISTINCT category FROM products WHERE category IN ('tea', 'cup') AND title IS NOT NULL ORDER BY category;
SELECT DISTINCTROW status, vip FROM users;
SELECT ALL id FROM users LIMIT 5, 10;
SELECT * FROM orders WHERE created_at BETWEEN '2024-01-01' AND '2024-12-31 23:59:59';
SELECT * FROM orders WHERE created_at NOT BETWEEN '2024-01-01' AND '2024-02-01' AND NOT (paid AND shipped);
SELECT COALESCE(nickname, name, '匿名') AS display FROM users LIMIT 20 OFFSET 40;
SELECT SUM(amount) AS total, DATE_FORMAT(created_at, '%Y-%m') AS ym FROM orders GROUP BY ym WITH ROLLUP;
SELECT category, AVG(price), MIN(price), MAX(price), STDDEV_POP(price), VAR_SAMP(price), BIT_OR(stock) FROM products GROUP BY 1;
SELECT * FROM products WHERE MATCH(title, body) AGAINST('+mysql -oracle' IN BOOLEAN MODE);
SELECT id, MATCH (title, body) AGAINST ('database' IN NATURAL LANGUAGE MODE) AS score FROM products ORDER BY score DESC;
SELECT id FROM products WHERE MATCH (title, body) AGAINST ('db' WITH QUERY EXPANSION);
SELECT CASE status WHEN 1 THEN 'new' WHEN 2 THEN 'paid' ELSE 'other' END AS s FROM users;
SELECT CASE WHEN amount >= 100 THEN 'big' WHEN amount BETWEEN 10 AND 99 THEN 'mid' END bucket, COUNT(*) FROM orders GROUP BY bucket;
SELECT t1.id FROM t1 INNER JOIN t2 USING (id) CROSS JOIN t3 STRAIGHT_JOIN emp ON emp.id = t3.id;
SELECT t1.a FROM t1 NATURAL LEFT JOIN t2 WHERE t1.a > ALL (SELECT b FROM t3) OR t1.a = ANY (SELECT b FROM t3);
SELECT * FROM t1 LEFT JOIN (t2 INNER JOIN t3 ON t3.t2_id = t2.id) ON t2.t1_id = t1.id;
SELECT * FROM (t1, t2) LEFT JOIN t3 ON t3.id = t1.id;
SELECT a.id FROM t1 AS a, t1 AS b, (SELECT 1 AS id) AS c WHERE a.id = b.id AND b.id = c.id;
SELECT * FROM t1 RIGHT OUTER JOIN t2 ON t1.id = t2.t1_id AND t1.a <=> t2.a;
SELECT id FROM t1 UNION ALL SELECT id FROM t2 UNION SELECT id FROM t3 ORDER BY 1 LIMIT 5;
(SELECT id FROM t1 ORDER BY id LIMIT 1) UNION (SELECT id FROM t2 ORDER BY id LIMIT 1);
(SELECT id FROM t1) UNION ALL (SELECT id FROM t2 WHERE a = 1) ORDER BY id DESC LIMIT 3;
SELECT id FROM t1 EXCEPT SELECT id FROM t2;
SELECT id FROM t1 INTERSECT SELECT id FROM t2 UNION DISTINCT SELECT id FROM t3;
((SELECT id FROM t1 WHERE a = 2));
(SELECT id FROM t1) LIMIT 1;
SELECT * FROM (SELECT user_id, MAX(id) AS mid FROM logs GROUP BY user_id) AS latest JOIN logs l ON l.id = latest.mid;
SELECT * FROM (SELECT id FROM t1 UNION ALL SELECT id FROM t2) u WHERE u.id > 3;
SELECT * FROM ((SELECT id FROM t1) UNION (SELECT id FROM t2)) AS u;
SELECT EXISTS (SELECT 1 FROM users WHERE email = 'a@b.c') AS found;
SELECT u.id, (SELECT COUNT(*) FROM orders o WHERE o.user_id = u.id) AS n FROM users u;
SELECT id FROM users WHERE (status, vip) IN (SELECT status, MAX(vip) FROM users GROUP BY status);
SELECT id FROM users WHERE (id, name) IN ((1, 'a'), (2, 'b')) AND NOT (email <=> NULL) AND name REGEXP '^a.*' AND phone RLIKE 'x' XOR vip;
SELECT ROW(1, 2) = ROW(1, 2), (1, 2) <> (2, 1);
SELECT JSON_EXTRACT(doc, '$.a'), JSON_UNQUOTE(JSON_EXTRACT(doc, '$.b')) FROM docs WHERE JSON_CONTAINS(tags, '"x"');
SELECT JSON_OBJECT('id', id, 'tags', JSON_ARRAY(1, 2, 3)), JSON_VALID(doc), JSON_TYPE(doc), JSON_LENGTH(tags), JSON_KEYS(doc) FROM docs;
SELECT JSON_SEARCH(doc, 'one', 'x%'), JSON_MERGE_PATCH(doc, '{"a": 1}'), JSON_QUOTE('x'), JSON_DEPTH(doc) FROM docs;
SELECT * FROM JSON_TABLE('[{"a":1,"b":[1,2]}]', '$[*]' COLUMNS (n FOR ORDINALITY, a INT PATH '$.a' DEFAULT '0' ON EMPTY, NESTED PATH '$.b[*]' COLUMNS (b INT PATH '$'))) AS jt;
SELECT d.id, jt.tag FROM docs d, JSON_TABLE(d.tags, '$[*]' COLUMNS (tag VARCHAR(20) PATH '$')) AS jt;
SELECT ROW_NUMBER() OVER (PARTITION BY dept ORDER BY salary DESC) AS rn, name FROM emp;
SELECT SUM(a) OVER w, AVG(b) OVER (w ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM t1 WINDOW w AS (PARTITION BY c ORDER BY id);
SELECT RANK() OVER (ORDER BY salary), DENSE_RANK() OVER (ORDER BY salary), NTILE(4) OVER (ORDER BY salary), LAG(salary, 1) OVER (ORDER BY id), LEAD(salary) OVER (ORDER BY id), FIRST_VALUE(name) OVER (PARTITION BY dept ORDER BY salary RANGE BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING), PERCENT_RANK() OVER (ORDER BY id), CUME_DIST() OVER (ORDER BY id), NTH_VALUE(name, 2) OVER (ORDER BY id) FROM emp;
WITH recent AS (SELECT * FROM orders WHERE created_at > '2024-01-01') SELECT COUNT(*) FROM recent;
WITH a AS (SELECT 1 AS x), b (y) AS (SELECT x + 1 FROM a) SELECT * FROM a JOIN b ON b.y > a.x;
WITH RECURSIVE seq (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM seq WHERE n < 10) SELECT n FROM seq;
WITH RECURSIVE chain AS (SELECT id, name, manager_id, 0 AS lvl FROM emp WHERE manager_id IS NULL UNION ALL SELECT e.id, e.name, e.manager_id, c.lvl + 1 FROM emp e JOIN chain c ON e.manager_id = c.id) SELECT * FROM chain ORDER BY lvl, id;
WITH RECURSIVE tree AS ((SELECT id, parent_id FROM teams WHERE id = 1) UNION ALL (SELECT t.id, t.parent_id FROM teams t JOIN tree ON t.parent_id = tree.id)) SELECT id FROM tree;
WITH users AS (SELECT 1 AS id) SELECT * FROM users;
SELECT * FROM (WITH x AS (SELECT id FROM t1) SELECT id FROM x) y;
WITH x AS (SELECT id FROM t1) (SELECT id FROM x) UNION (SELECT id FROM t2);
SELECT TRIM(BOTH ' ' FROM name), TRIM(LEADING 'x' FROM name), SUBSTRING(name FROM 2 FOR 3), SUBSTR(name, -2), EXTRACT(YEAR_MONTH FROM birthday), POSITION('a' IN name), LOCATE('b', name, 2) FROM users;
SELECT CONVERT(name USING utf8mb4), CAST(balance AS DECIMAL(10, 2)), CAST('1' AS UNSIGNED), CAST('2024-01-01' AS DATE), CONVERT('1', SIGNED), BINARY name, name COLLATE utf8mb4_bin FROM users;
SELECT DATE_ADD(NOW(), INTERVAL 1 DAY), created_at + INTERVAL 2 HOUR, created_at - INTERVAL '1:30' HOUR_MINUTE, TIMESTAMPDIFF(DAY, created_at, NOW()), LAST_DAY(created_at), UNIX_TIMESTAMP(created_at), FROM_UNIXTIME(0), STR_TO_DATE('2024', '%Y') FROM orders;
SELECT GROUP_CONCAT(DISTINCT name ORDER BY name DESC SEPARATOR ';') FROM tags;
SELECT COUNT(*), COUNT(DISTINCT a, b), COUNT(DISTINCT c) FROM t1;
SELECT IF(a > b, a, b), IFNULL(c, 0), NULLIF(c, ''), LEFT(c, 3), RIGHT(c, 2), REPLACE(c, 'x', 'y'), GREATEST(a, b), LEAST(a, b), ELT(1, 'x', 'y'), FIELD(c, 'a', 'b'), INSERT(c, 1, 2, 'zz'), REPEAT('a', 3), TRUNCATE(a, 2), MOD(a, 2), a DIV 2, a MOD 2, a % 2 FROM t1;
SELECT `group`, `order`, `key` FROM `select` WHERE `from` = 'x';
SELECT `a``b`, `my column` AS `the column` FROM `my table` AS `m t` WHERE `m t`.`id` = 1;
SELECT t1.* FROM t1 FORCE INDEX (PRIMARY) WHERE id = 1;
SELECT * FROM migrate_me USE INDEX (idx_ab) IGNORE INDEX FOR ORDER BY (PRIMARY) WHERE a = 1 ORDER BY b;
SELECT * FROM measurements PARTITION (p2022, p2023) AS m WHERE v = 1;
SELECT SQL_CALC_FOUND_ROWS id FROM t1 LIMIT 10;
SELECT FOUND_ROWS(), ROW_COUNT(), LAST_INSERT_ID();
SELECT SQL_NO_CACHE HIGH_PRIORITY id FROM users;
SELECT STRAIGHT_JOIN u.id FROM users u JOIN orders o ON o.user_id = u.id;
SELECT SQL_SMALL_RESULT status, COUNT(*) FROM users GROUP BY status;
SELECT * FROM users WHERE id = 7 FOR UPDATE;
SELECT * FROM users WHERE id = 7 FOR UPDATE NOWAIT;
SELECT * FROM orders WHERE paid = 0 ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED;
SELECT * FROM users WHERE id = 7 LOCK IN SHARE MODE;
SELECT 'it''s', "say \"hi\"", 'back\\slash', 'semi;colon', '-- no comment', '/* none */', '# none', 'a' 'b' "c";
SELECT 0x1F, 0b101, b'101', X'4D', 1e10, 1.5e-3, .5, -3, ~1, !0, N'national', _utf8mb4'中文', _binary'x', NULL, TRUE, FALSE;
SELECT @@version, @@global.max_connections, @@session.sql_mode, NOW() AS `now`, DATABASE(), USER(), CURRENT_USER, CONNECTION_ID();
SELECT id, -- trailing note
       name  # another
FROM users /* block */ WHERE id = 1;
SELECT * FROM users WHERE name LIKE '%张%' ESCAPE '!' OR name NOT LIKE 'a\_b%';
SELECT DATE '2024-01-01', TIME '10:00:00', TIMESTAMP '2024-01-01 10:00:00', {d '2024-01-01'}, {ts '2024-01-01 10:00:00'};
SELECT INET_ATON('1.2.3.4'), INET6_NTOA(INET6_ATON('::1')), MD5('a'), SHA1('a'), SHA2('a', 256), HEX('a'), UNHEX('61'), UUID(), CRC32('x'), TO_BASE64('a'), RAND(), RAND(3), AES_ENCRYPT('a', 'k');
SELECT ST_AsText(p), ST_X(p), ST_Distance(p, ST_GeomFromText('POINT(1 1)')), ST_Contains(ST_GeomFromText('POLYGON((0 0, 0 1, 1 1, 0 0))'), p) FROM places WHERE MBRContains(ST_GeomFromText('POLYGON((0 0, 0 1, 1 1, 0 0))'), p);
SELECT 姓名, 年龄 FROM 用户 WHERE 城市 = '北京';
SELECT ABS(a), CEIL(a), FLOOR(a), ROUND(a, 2), SIGN(a), SQRT(a), POW(a, 2), EXP(1), LN(2), LOG(2, 8), PI(), SIN(a), RADIANS(a), CONV('a', 16, 2), FORMAT(a, 2), BIT_COUNT(a), a & b, a | b, a ^ b, a << 1, a >> 1 FROM t1;
SELECT CONCAT(a, b), CONCAT_WS(',', a, b), LPAD(c, 5, '0'), UPPER(c), LCASE(c), CHAR_LENGTH(c), REVERSE(c), SUBSTRING_INDEX(c, '.', 1), FIND_IN_SET('a', c), SOUNDEX(c), ASCII(c), ORD(c), CHAR(77, 121 USING utf8mb4), QUOTE(c), STRCMP(c, 'x'), SPACE(2), c SOUNDS LIKE 'x' FROM t1;
SELECT YEAR(d), MONTH(d), DAYOFWEEK(d), WEEK(d, 1), QUARTER(d), DATEDIFF(d, CURDATE()), ADDDATE(d, 3), MAKEDATE(2024, 3), SEC_TO_TIME(5), CURRENT_TIMESTAMP(3), UTC_DATE(), SYSDATE(), CONVERT_TZ(d, '+00:00', '+08:00') FROM t1;
SELECT t1.c AS 'quoted alias', t1.a "double" FROM t1 AS t1;
SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE();
SELECT u.* FROM users AS u WHERE u.created_at >= CURDATE() - INTERVAL 7 DAY ORDER BY FIELD(u.status, 2, 1), u.id DESC;
SELECT id FROM t1 WHERE a IS TRUE OR b IS NOT UNKNOWN OR c IS NULL AND NOT EXISTS (SELECT * FROM t2 WHERE t2.t1_id = t1.id);
SELECT MAX(IF(k = 'a', v, NULL)) AS a, MAX(CASE k WHEN 'b' THEN v END) AS b FROM settings;
SELECT id, a FROM t1 WHERE a = (SELECT MAX(a) FROM t1 AS inner_t WHERE inner_t.c = t1.c) ORDER BY (a IS NULL), a;
SELECT * FROM v_users WHERE id < 5;
SELECT SUM(a = 1), SUM(a IN (1, 2)), -(-a), - - a, a--1 FROM t1 GROUP BY c HAVING SUM(b) > (SELECT AVG(b) FROM t2);
SELECT t.id, t.`c`FROM`t1`AS t WHERE`t`.`a`=1;
-- What ORMs write
SELECT `users`.* FROM `users` WHERE `users`.`id` = 1 LIMIT 1;
SELECT 1 AS one FROM `users` WHERE `users`.`email` = 'x@y.z' AND `users`.`id` != 3 LIMIT 1;
SELECT COUNT(*) AS `__count` FROM `users` INNER JOIN `teams` ON (`users`.`team_id` = `teams`.`id`) WHERE (`teams`.`name` LIKE BINARY '%x%' AND NOT (`users`.`vip` = 1 AND `users`.`vip` IS NOT NULL));
SELECT (1) AS `a` FROM `users` WHERE `users`.`id` IN (1, 2, 3) LIMIT 1;
SELECT `users`.`id`, CASE WHEN `users`.`vip` THEN 'a' ELSE 'b' END AS `kind`, EXTRACT(MONTH FROM `users`.`created_at`) AS `m` FROM `users` ORDER BY `users`.`id` ASC LIMIT 21;
select user0_.id as id1_0_, user0_.name as name2_0_ from users user0_ left outer join orders orders1_ on user0_.id=orders1_.user_id where user0_.name=concat('%', 'x', '%') and (orders1_.status in ('open' , 'paid')) order by user0_.id desc limit 10;
SELECT * FROM `users` WHERE name = 'jinzhu' AND `users`.`deleted_at` IS NULL ORDER BY `users`.`id` LIMIT 1;
SELECT count(*) FROM ( SELECT id FROM users WHERE status = 1 GROUP BY id ) TOTAL;
SELECT * FROM orders o WHERE o.status = 'open'   AND   ( o.user_id = 1   OR   o.user_id = 2 )  LIMIT 0,10;
SELECT T0.`id` AS `c0`, T1.`name` AS `c1` FROM `users` T0 LEFT JOIN `teams` T1 ON T0.`team_id` = T1.`id` WHERE T0.`status` = 1;
INSERT INTO `users` (`name`, `email`, `created_at`, `updated_at`) VALUES ('x', 'x@y.z', '2024-01-01 00:00:00.000000', '2024-01-01 00:00:00');
INSERT INTO `users` (`name`,`email`,`team_id`) VALUES ('a','g1@x',NULL),('b','g2@x',3) ON DUPLICATE KEY UPDATE `name`=VALUES(`name`),`email`=VALUES(`email`);
insert into users (name, email, version) values ('h', 'h@x', 0);
update users set name='h2', version=1 where id=1 and version=0;
UPDATE `users` SET `users`.`name` = 'z', `users`.`updated_at` = '2024-01-01 00:00:00' WHERE `users`.`id` = 1;
UPDATE `users` SET `login_count` = COALESCE(`login_count`, 0) + 1 WHERE `users`.`id` IN (SELECT `user_id` FROM (SELECT `orders`.`user_id` FROM `orders` WHERE `orders`.`paid` = 1) AS `x`);
UPDATE `users` SET `deleted_at`='2024-01-01 10:00:00.123' WHERE `users`.`id` = 111 AND `users`.`deleted_at` IS NULL;
UPDATE `users` SET `status` = CASE WHEN (`users`.`id` = 1) THEN 2 WHEN (`users`.`id` = 2) THEN 3 ELSE NULL END WHERE `users`.`id` IN (1, 2);
DELETE FROM `users` WHERE `users`.`id` IN (7, 8);
DELETE FROM `orders` WHERE `orders`.`id` IN (SELECT id FROM (SELECT id FROM orders WHERE status = 'void') AS d);
-- Changes
INSERT INTO users (name, email) VALUES ('张三', 'zhang@example.com');
INSERT INTO users (name, email) VALUES ('a', 'a2@x.com'), ('b', 'b2@x.com'), ('c', NULL);
INSERT INTO users SET name = 'x', email = CONCAT('x', '@y.z'), status = DEFAULT;
INSERT users (name) VALUE ('only');
INSERT IGNORE INTO tags (name) VALUES ('new');
INSERT INTO counters (k, v) VALUES ('hits', 1) ON DUPLICATE KEY UPDATE v = v + 1;
INSERT INTO counters (k, v) VALUES ('hits', 1) ON DUPLICATE KEY UPDATE v = VALUES(v) + 1, updated_at = NOW();
INSERT INTO counters SET k = 'x', v = 2 ON DUPLICATE KEY UPDATE v = IF(v > 3, v, VALUES(v)), k = k;
INSERT INTO counters (k, v) SELECT name, 1 FROM tags ON DUPLICATE KEY UPDATE counters.v = counters.v + 1;
INSERT INTO archive_logs (id, msg) SELECT id, msg FROM logs WHERE created_at < '2020-01-01';
INSERT INTO archive_logs SELECT l.* FROM logs l JOIN users u ON u.id = l.user_id WHERE u.deleted_at IS NOT NULL;
INSERT INTO archive_logs (SELECT * FROM logs WHERE id < 0);
INSERT INTO logs (user_id, msg) VALUES (DEFAULT, (SELECT MAX(id) FROM users)), (1 + 1, NOW());
INSERT INTO logs () VALUES ();
INSERT INTO logs VALUES (NULL, 1, 'info', UUID(), DEFAULT);
INSERT LOW_PRIORITY INTO logs (msg) VALUES ('hello; world');
INSERT HIGH_PRIORITY IGNORE INTO logs (msg) VALUES ('x');
INSERT INTO t1 (id, a) WITH c AS (SELECT 901 AS id, 1 AS a) SELECT id, a FROM c;
INSERT INTO t1 (id, a) SELECT 902, 2 UNION ALL SELECT 903, 3;
INSERT INTO t1 (id, a) SELECT * FROM (SELECT 904 AS id, 4 AS a) AS s WHERE NOT EXISTS (SELECT 1 FROM t1 AS e WHERE e.id = s.id);
INSERT INTO measurements PARTITION (pmax) (id, d, v) VALUES (1, '2030-01-01', 1.5);
INSERT INTO places (id, p) VALUES (1, ST_GeomFromText('POINT(1 1)')), (2, POINT(3, 4));
INSERT INTO docs (doc, tags) VALUES ('{"a": {"b": [1, 2]}, "c;d": "x''y"}', JSON_ARRAY('x', 'y'));
INSERT INTO t1 (id, c) VALUES (905, 'multi
line
text'), (906, 'emoji 👍🏽 👨‍👩‍👧');
INSERT INTO sessions (id, expires_at, payload) VALUES ('k', NOW() + INTERVAL 1 HOUR, 0xDEADBEEF), ('l', NOW(), X'00FF');
REPLACE INTO settings (k, v) VALUES ('theme', 'dark');
REPLACE INTO settings SELECT k, v FROM settings_new;
REPLACE settings SET k = 'lang', v = 'zh';
UPDATE users SET name = 'x' WHERE id = 1;
UPDATE users SET login_count = login_count + 1, last_login = NOW() WHERE id = 42 LIMIT 1;
UPDATE users SET vip = 1 WHERE status = 1 ORDER BY created_at DESC LIMIT 3;
UPDATE users u JOIN orders o ON o.user_id = u.id SET u.vip = 1 WHERE o.amount > 1000;
UPDATE users u, profiles p SET u.name = p.name WHERE u.id = p.user_id;
UPDATE users AS u LEFT JOIN (SELECT user_id, SUM(amount) AS s FROM orders GROUP BY user_id) AS t ON t.user_id = u.id SET u.balance = COALESCE(t.s, 0) WHERE u.id > 0;
UPDATE users u INNER JOIN profiles p ON p.user_id = u.id INNER JOIN teams t ON t.id = u.team_id SET u.name = p.name, p.score = p.score + 1 WHERE t.name = 'x';
UPDATE orders SET status = CASE WHEN paid = 1 AND shipped = 1 THEN 'done' ELSE 'open' END WHERE id IN (1, 2, 3);
UPDATE docs SET doc = JSON_SET(doc, '$.a', 1, '$.b', JSON_OBJECT('c', 2)), tags = JSON_ARRAY_APPEND(tags, '$', 'z') WHERE id = 3;
UPDATE t1 SET a = (SELECT MAX(b) FROM t2 WHERE t2.t1_id = t1.id) WHERE t1.id = 9;
UPDATE t1 SET a = 1 WHERE id IN (SELECT t1_id FROM t2 WHERE b = 2);
UPDATE t1 SET a = b, b = a WHERE EXISTS (SELECT 1 FROM t2 WHERE t2.id = t1.id AND t2.c = t1.c);
UPDATE IGNORE t1 SET a = 1 WHERE b BETWEEN 1 AND 5;
UPDATE LOW_PRIORITY t1 SET a = DEFAULT(a), d = NULL WHERE b = 3;
UPDATE `my table` SET `my column` = 'v', `a``b` = 3 WHERE `id` = 1;
UPDATE users SET deleted_at = CURRENT_TIMESTAMP WHERE deleted_at IS NULL AND last_login < DATE_SUB(NOW(), INTERVAL 2 YEAR);
UPDATE users SET balance = balance - 10.50 WHERE id = 1 AND balance >= 10.50;
UPDATE users SET bio = '第一行\n第二行', nickname = REPLACE(nickname, ',', ';') WHERE id = 5;
UPDATE products SET attrs = JSON_REMOVE(attrs, '$.old'), price = ROUND(price * 1.1, 2) WHERE category = 'tea' AND stock > 0;
UPDATE t1 SET a = NULL WHERE c = '';
UPDATE t1 SET a = 1 WHERE c = 'x' OR c = 'y';
UPDATE measurements PARTITION (p2023) SET v = 0 WHERE id = 3;
UPDATE teams SET lft = lft + 2, rgt = IF(rgt > 5, rgt + 2, rgt) WHERE lft > 5;
UPDATE users SET name = name + '' WHERE id = 3 AND (name <> '' OR email IS NULL);
UPDATE v_users SET name = 'via view' WHERE id = 2;
UPDATE counters SET v = LAST_INSERT_ID(v + 1) WHERE k = 'seq';
DELETE FROM sessions WHERE expires_at < NOW();
DELETE FROM logs WHERE id < 1000 ORDER BY id LIMIT 500;
DELETE u FROM users u LEFT JOIN orders o ON o.user_id = u.id WHERE o.id IS NULL AND u.id > 1000;
DELETE FROM t1 USING t1 INNER JOIN t2 ON t1.id = t2.id WHERE t2.b = 1;
DELETE t1, t2 FROM t1 INNER JOIN t2 ON t1.id = t2.t1_id WHERE t1.a = 1;
DELETE o.*, i.* FROM orders o JOIN order_items i ON i.order_id = o.id WHERE o.status = 'void';
DELETE FROM tags WHERE id NOT IN (SELECT keep FROM (SELECT MIN(id) AS keep FROM tags GROUP BY name) x);
DELETE QUICK FROM measurements PARTITION (p2022) WHERE v = 1;
DELETE IGNORE FROM tags WHERE name = '';
DELETE LOW_PRIORITY FROM logs WHERE level = 'debug' AND user_id IS NULL;
DELETE FROM t1 WHERE a IS NULL OR c = '' OR NOT EXISTS (SELECT 1 FROM t2 WHERE t2.t1_id = t1.id);
DELETE p1 FROM tags p1, tags p2 WHERE p1.name = p2.name AND p1.id > p2.id;
DELETE FROM v_users WHERE id = 999;
DELETE a FROM t1 AS a WHERE a.id = 5;
-- Looking around
SHOW TABLES;
SHOW FULL TABLES FROM information_schema LIKE 'T%';
SHOW CREATE TABLE users;
SHOW COLUMNS FROM users LIKE 'n%';
SHOW FULL COLUMNS FROM `users` WHERE Field = 'id';
SHOW INDEX FROM users;
SHOW TABLE STATUS LIKE 'u%';
SHOW VARIABLES LIKE 'max%';
SHOW GLOBAL STATUS WHERE Variable_name = 'Uptime';
SHOW WARNINGS;
SHOW ENGINES;
SHOW CREATE VIEW v_users;
SHOW TRIGGERS;
SHOW PROCESSLIST;
EXPLAIN SELECT * FROM users WHERE id = 1;
EXPLAIN FORMAT=JSON UPDATE users SET name = 'a' WHERE id = 1;
EXPLAIN DELETE FROM logs WHERE id = 1;
DESC users;
DESCRIBE users name;
EXPLAIN users;
DO 1 + 1;
ANALYZE TABLE users, orders;
OPTIMIZE TABLE tags;
CHECK TABLE users;
CHECKSUM TABLE users;
SET NAMES utf8mb4;
-- Definitions
CREATE TABLE new_users (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT COMMENT '主键',
  name VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci NOT NULL DEFAULT '' COMMENT '姓名; 含分号',
  status ENUM('on', 'off') NOT NULL DEFAULT 'on',
  flags SET('a', 'b') DEFAULT NULL,
  price DECIMAL(10, 2) UNSIGNED ZEROFILL NOT NULL DEFAULT 0.00,
  ratio DOUBLE, small TINYINT(1), big LONGTEXT, bin VARBINARY(16), ts TIMESTAMP(6) NULL, y YEAR, t TIME(3), b BIT(8), doc JSON,
  full_name VARCHAR(200) GENERATED ALWAYS AS (CONCAT(name, '-', price)) STORED,
  twice DECIMAL(12, 2) AS (price * 2) VIRTUAL,
  created_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  `key` CHAR(8) NOT NULL DEFAULT 'x' CHECK (`key` <> ''),
  PRIMARY KEY (id),
  UNIQUE KEY uk_name (name),
  KEY idx_created (created_at DESC, status),
  INDEX idx_prefix USING BTREE (big(20)),
  FULLTEXT KEY ft_name (name),
  CONSTRAINT chk_price CHECK (price >= 0)
) ENGINE=InnoDB AUTO_INCREMENT=100 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC COMMENT='用户表';
CREATE TABLE IF NOT EXISTS new_orders (id INT PRIMARY KEY, user_id BIGINT UNSIGNED, team_id BIGINT UNSIGNED NULL, CONSTRAINT fk_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE ON UPDATE NO ACTION, FOREIGN KEY (team_id) REFERENCES teams (id) ON DELETE SET NULL) ENGINE = InnoDB;
CREATE TABLE users_copy LIKE users;
CREATE TABLE users_backup AS SELECT * FROM users WHERE id < 100;
CREATE TABLE report (PRIMARY KEY (user_id)) SELECT user_id, COUNT(*) AS c FROM orders GROUP BY user_id;
CREATE TABLE report2 (n INT NULL) ENGINE=InnoDB SELECT id, name FROM tags;
CREATE TABLE report3 AS (SELECT id FROM t1) UNION (SELECT id FROM t2);
CREATE TABLE events_by_day (id INT, d DATE) PARTITION BY RANGE (YEAR(d)) (PARTITION p0 VALUES LESS THAN (2020), PARTITION p1 VALUES LESS THAN MAXVALUE);
CREATE TABLE parts (id INT) PARTITION BY HASH (id) PARTITIONS 4;
CREATE TABLE keyed (id INT NOT NULL PRIMARY KEY) PARTITION BY KEY (id) PARTITIONS 2;
CREATE TABLE listed (id INT) PARTITION BY LIST COLUMNS (id) (PARTITION a VALUES IN (1, 2), PARTITION b VALUES IN (3));
CREATE TABLE ranged (id INT, at DATETIME) PARTITION BY RANGE COLUMNS (at) SUBPARTITION BY HASH (id) SUBPARTITIONS 2 (PARTITION x VALUES LESS THAN ('2024-01-01'), PARTITION z VALUES LESS THAN (MAXVALUE));
CREATE TABLE `begin` (`end` INT, `case` INT, `if` INT);
CREATE TEMPORARY TABLE tmp_ids (id INT PRIMARY KEY);
DROP TEMPORARY TABLE tmp_ids;
CREATE TABLE fulltexted (id INT PRIMARY KEY, txt TEXT) ENGINE=MyISAM;
CREATE INDEX idx_email2 ON users (email);
CREATE UNIQUE INDEX uk_phone ON users (phone(32)) USING BTREE COMMENT 'unique' ALGORITHM=INPLACE LOCK=NONE;
CREATE FULLTEXT INDEX ft ON fulltexted (txt);
CREATE INDEX idx_two ON orders (user_id, created_at DESC);
CREATE OR REPLACE VIEW active_users AS SELECT id, name FROM users WHERE status = 1 WITH CHECK OPTION;
CREATE ALGORITHM=MERGE SQL SECURITY INVOKER VIEW v2 (a, b) AS SELECT id, name FROM users;
CREATE VIEW v3 AS SELECT u.id, COUNT(*) AS n FROM users u JOIN orders o ON o.user_id = u.id GROUP BY u.id;
CREATE VIEW v4 AS (SELECT id FROM t1) UNION ALL (SELECT id FROM t2);
ALTER VIEW v3 AS SELECT id FROM users;
ALTER TABLE migrate_me ADD COLUMN age INT UNSIGNED NOT NULL DEFAULT 0 COMMENT '年龄' AFTER a;
ALTER TABLE migrate_me ADD COLUMN first_one INT NULL FIRST, ADD COLUMN j JSON;
ALTER TABLE migrate_me ADD COLUMN (m1 INT, m2 VARCHAR(10)), ADD INDEX idx_m1 (m1), ALGORITHM=INPLACE, LOCK=NONE;
ALTER TABLE migrate_me ADD COLUMN instant_col INT NULL, ALGORITHM=INSTANT;
ALTER TABLE migrate_me DROP COLUMN age, DROP INDEX idx_m1;
ALTER TABLE migrate_me MODIFY COLUMN c VARCHAR(128) NOT NULL DEFAULT '', CHANGE COLUMN old_col new_col BIGINT;
ALTER TABLE migrate_me RENAME COLUMN a TO a2, RENAME INDEX idx_ab TO idx_a2b;
ALTER TABLE migrate_me ADD UNIQUE KEY uk_b (b), ADD CONSTRAINT fk_mu FOREIGN KEY (user_id) REFERENCES users (id) ON UPDATE CASCADE;
ALTER TABLE migrate_me DROP FOREIGN KEY fk_mu;
ALTER TABLE migrate_me ADD CONSTRAINT ck_b CHECK (b > 0);
ALTER TABLE migrate_me DROP CONSTRAINT ck_b;
ALTER TABLE migrate_me DROP PRIMARY KEY, ADD PRIMARY KEY (id, b);
ALTER TABLE migrate_me ALTER COLUMN c SET DEFAULT 'off', ALTER m2 DROP DEFAULT;
ALTER TABLE migrate_me ADD COLUMN gen INT GENERATED ALWAYS AS (b * 2) STORED, ADD COLUMN gv INT AS (b + 1) VIRTUAL, ADD INDEX (gv);
ALTER TABLE migrate_me CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
ALTER TABLE migrate_me DEFAULT CHARACTER SET utf8mb4;
ALTER TABLE migrate_me ENGINE=InnoDB;
ALTER TABLE migrate_me FORCE;
ALTER TABLE migrate_me ROW_FORMAT=DYNAMIC, COMMENT = '迁移; done';
ALTER TABLE migrate_me ORDER BY b;
ALTER TABLE logs AUTO_INCREMENT = 1000;
ALTER TABLE migrate_two RENAME TO migrated;
ALTER TABLE migrated RENAME AS migrate_two;
ALTER TABLE measurements REORGANIZE PARTITION pmax INTO (PARTITION p2024 VALUES LESS THAN (2025), PARTITION pmax VALUES LESS THAN MAXVALUE);
ALTER TABLE measurements EXCHANGE PARTITION p2022 WITH TABLE measurements_old;
ALTER TABLE measurements TRUNCATE PARTITION p2023;
ALTER TABLE measurements DROP PARTITION p2022;
ALTER TABLE parts COALESCE PARTITION 1;
ALTER TABLE parts ADD PARTITION PARTITIONS 2;
ALTER TABLE events_by_day REMOVE PARTITIONING;
ALTER TABLE listed ADD PARTITION (PARTITION c VALUES IN (4));
ALTER TABLE listed ANALYZE PARTITION a, b;
ALTER TABLE staging DISABLE KEYS;
ALTER TABLE `_orders_gho` ADD COLUMN `gho` INT NULL;
RENAME TABLE `orders` TO `_orders_del`, `_orders_gho` TO `orders`;
RENAME TABLE users_copy TO users_copy2;
TRUNCATE TABLE staging;
TRUNCATE staging;
DROP TABLE IF EXISTS users_backup, report2;
DROP VIEW IF EXISTS v2, v4;
DROP INDEX idx_email2 ON users;
DROP INDEX `uk_phone` ON `users`;
DROP PROCEDURE IF EXISTS no_such;
DROP TRIGGER IF EXISTS no_such;
-- Migration tools
CREATE TABLE `django_migrations` (`id` bigint AUTO_INCREMENT NOT NULL PRIMARY KEY, `app` varchar(255) NOT NULL, `name` varchar(255) NOT NULL, `applied` datetime(6) NOT NULL);
ALTER TABLE `order_items` ADD CONSTRAINT `items_product_fk_1` FOREIGN KEY (`product_id`) REFERENCES `products` (`id`);
INSERT INTO `django_migrations` (`app`, `name`, `applied`) VALUES ('shop', '0001_initial', '2024-01-01 00:00:00.000000');
CREATE TABLE `schema_migrations` (`version` varchar(255) NOT NULL PRIMARY KEY);
INSERT INTO `schema_migrations` (version) VALUES ('20240101000000'), ('20240102000000');
ALTER TABLE `users` ADD `reset_token` varchar(255), ADD `reset_at` datetime(6) DEFAULT NULL;
CREATE UNIQUE INDEX `index_users_on_reset_token` ON `users` (`reset_token`);
CREATE TABLE flyway_schema_history (installed_rank INT NOT NULL, version VARCHAR(50), description VARCHAR(200) NOT NULL, checksum INT, installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, success BOOL NOT NULL, CONSTRAINT flyway_pk PRIMARY KEY (installed_rank)) ENGINE=InnoDB;
CREATE INDEX flyway_s_idx ON flyway_schema_history (success);
CREATE TABLE DATABASECHANGELOGLOCK (ID INT NOT NULL, `LOCKED` TINYINT NOT NULL, LOCKGRANTED datetime NULL, LOCKEDBY VARCHAR(255) NULL, CONSTRAINT PK_DATABASECHANGELOGLOCK PRIMARY KEY (ID));
UPDATE DATABASECHANGELOGLOCK SET `LOCKED` = 1, LOCKEDBY = 'host (127.0.0.1)', LOCKGRANTED = NOW() WHERE ID = 1 AND `LOCKED` = 0;
CREATE TABLE `_prisma_migrations` (id VARCHAR(36) PRIMARY KEY NOT NULL, checksum VARCHAR(64) NOT NULL, finished_at DATETIME(3), migration_name VARCHAR(255) NOT NULL, logs TEXT, rolled_back_at DATETIME(3), started_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3), applied_steps_count INTEGER UNSIGNED NOT NULL DEFAULT 0) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
ALTER TABLE `users` MODIFY `bio` MEDIUMTEXT NULL;
/* migration 2024_01 */ ALTER TABLE t3 ADD COLUMN c1 INT NULL, ADD COLUMN c2 VARCHAR(255) NULL DEFAULT NULL;
/*!40101 SELECT 1 */;
/*!40000 ALTER TABLE `staging` ENABLE KEYS */;
-- Stored code
CREATE TRIGGER trg_a BEFORE UPDATE ON users FOR EACH ROW SET NEW.updated_at = NOW();
CREATE TRIGGER trg_b AFTER INSERT ON logs FOR EACH ROW
BEGIN
  DECLARE n INT DEFAULT 0;
  SELECT COUNT(*) INTO n FROM audit_log WHERE note = NEW.msg;
  IF n > 100 THEN
    INSERT INTO audit_log (note) VALUES (CONCAT('big ', NEW.id));
  ELSEIF NEW.level = 'error' THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no; errors';
  END IF;
  UPDATE users SET login_count = login_count + 1 WHERE id = NEW.user_id;
END;
DROP TRIGGER trg_b;
DELIMITER $$
CREATE PROCEDURE fill(IN n INT, OUT total INT)
COMMENT 'fills; counters'
BEGIN
  DECLARE i INT DEFAULT 0;
  DECLARE done BOOLEAN DEFAULT FALSE;
  DECLARE cur CURSOR FOR SELECT id FROM users WHERE status = 1;
  DECLARE CONTINUE HANDLER FOR NOT FOUND SET done = TRUE;
  DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN ROLLBACK; RESIGNAL; END;
  OPEN cur;
  WHILE i < n DO
    INSERT INTO audit_log (note) VALUES (i);
    SET i = i + 1;
  END WHILE;
  lbl: LOOP
    FETCH cur INTO total;
    IF done THEN LEAVE lbl; END IF;
    CASE i WHEN 1 THEN SELECT 1; ELSE BEGIN END; END CASE;
    ITERATE lbl;
  END LOOP lbl;
  CLOSE cur;
  REPEAT SET i = i - 1; UNTIL i <= 0 END REPEAT;
  SELECT COUNT(*), CASE WHEN i = 0 THEN 'x' END INTO total, @ignored FROM users;
END$$
CREATE FUNCTION label_of(a VARCHAR(50), b VARCHAR(50)) RETURNS VARCHAR(101) DETERMINISTIC
RETURN CONCAT(a, ' ', b)$$
CREATE FUNCTION price_of(p BIGINT) RETURNS DECIMAL(10, 2) READS SQL DATA
BEGIN
  DECLARE r DECIMAL(10, 2);
  SELECT price INTO r FROM products WHERE id = p LIMIT 1;
  RETURN IFNULL(r, 0);
END$$
DELIMITER ;
CALL fill(3, @total);
SELECT label_of('a', 'b'), price_of(1);
CREATE EVENT purge_sessions ON SCHEDULE EVERY 1 DAY STARTS '2030-01-01 00:00:00' ON COMPLETION PRESERVE DISABLE DO DELETE FROM sessions WHERE expires_at < NOW();
ALTER EVENT purge_sessions COMMENT 'daily';
DROP EVENT purge_sessions;
SHOW CREATE PROCEDURE fill;
SHOW FUNCTION STATUS WHERE Db = DATABASE();
DROP FUNCTION price_of;
DROP PROCEDURE fill;
SELECT a.id FROM t1 a WHERE a.c = 'x\'y' AND a.c <> "it's" AND a.c != 'ends with \\';
INSERT INTO t3 (id, c) VALUES (1, '100%'), (2, '%s'), (3, ':name'), (4, '?'), (5, '{x}'), (6, '$1');
