-- Ordinary application SQL and migrations: nothing here may be denied.
SELECT 1;
SELECT id, name FROM users WHERE id = 1;
SELECT u.id, u.name, COUNT(o.id) AS cnt FROM users u LEFT JOIN orders o ON o.user_id = u.id GROUP BY u.id, u.name HAVING cnt > 3 ORDER BY cnt DESC LIMIT 10;
SELECT DISTINCT city FROM addresses WHERE country IN ('CN', 'US') AND city IS NOT NULL ORDER BY city;
SELECT * FROM orders WHERE created_at BETWEEN '2024-01-01' AND '2024-12-31 23:59:59';
SELECT COALESCE(nickname, name, '匿名') AS display FROM users LIMIT 20 OFFSET 40;
SELECT SUM(amount) AS total, DATE_FORMAT(created_at, '%Y-%m') AS ym FROM orders GROUP BY ym WITH ROLLUP;
SELECT * FROM products WHERE MATCH(title, body) AGAINST('+mysql -oracle' IN BOOLEAN MODE);
SELECT CASE status WHEN 1 THEN 'new' WHEN 2 THEN 'paid' ELSE 'other' END AS s FROM orders;
SELECT a.id FROM a INNER JOIN b USING (id) CROSS JOIN c STRAIGHT_JOIN d ON d.id = c.id;
SELECT id FROM t1 UNION ALL SELECT id FROM t2 UNION SELECT id FROM t3 ORDER BY 1 LIMIT 5;
(SELECT id FROM t1 ORDER BY id LIMIT 1) UNION (SELECT id FROM t2 ORDER BY id LIMIT 1);
SELECT * FROM (SELECT user_id, MAX(id) AS mid FROM logins GROUP BY user_id) AS latest JOIN logins l ON l.id = latest.mid;
SELECT EXISTS (SELECT 1 FROM users WHERE email = 'a@b.c') AS found;
SELECT JSON_EXTRACT(doc, '$.a'), doc->>'$.b', doc->'$.c' FROM docs WHERE JSON_CONTAINS(tags, '"x"');
SELECT * FROM JSON_TABLE('[{"a":1}]', '$[*]' COLUMNS (a INT PATH '$.a')) AS jt;
SELECT ROW_NUMBER() OVER (PARTITION BY dept ORDER BY salary DESC) AS rn, name FROM emp;
SELECT SUM(x) OVER w FROM t WINDOW w AS (PARTITION BY a ORDER BY b ROWS BETWEEN 1 PRECEDING AND CURRENT ROW);
WITH recent AS (SELECT * FROM orders WHERE created_at > '2024-01-01') SELECT COUNT(*) FROM recent;
WITH RECURSIVE seq (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM seq WHERE n < 10) SELECT n FROM seq;
SELECT TRIM(BOTH ' ' FROM name), SUBSTRING(name FROM 2 FOR 3), EXTRACT(YEAR FROM birthday), POSITION('a' IN name) FROM users;
SELECT CONVERT(name USING utf8mb4), CAST(price AS DECIMAL(10, 2)), CAST('1' AS UNSIGNED) FROM items;
SELECT DATE_ADD(NOW(), INTERVAL 1 DAY), created_at + INTERVAL 2 HOUR FROM orders;
SELECT GROUP_CONCAT(DISTINCT tag ORDER BY tag SEPARATOR ',') FROM tags;
SELECT IF(a > b, a, b), IFNULL(c, 0), NULLIF(d, ''), LEFT(e, 3), RIGHT(e, 2), REPLACE(f, 'x', 'y') FROM t;
SELECT `group`, `order`, `key` FROM `select` WHERE `from` = 'x';
SELECT t.* FROM t FORCE INDEX (idx_a) WHERE a = 1;
SELECT * FROM t USE INDEX (idx_a, idx_b) IGNORE INDEX FOR ORDER BY (idx_c) WHERE a = 1 ORDER BY b;
SELECT * FROM t PARTITION (p0, p1) WHERE a = 1;
SELECT SQL_CALC_FOUND_ROWS id FROM t LIMIT 10;
SELECT * FROM accounts WHERE id = 7 FOR UPDATE;
SELECT * FROM accounts WHERE id = 7 LOCK IN SHARE MODE;
SELECT 'it''s', "say \"hi\"", 'back\\slash', 'semi;colon', '-- no comment', '/* none */', '# none';
SELECT 0x1F, b'101', X'4D', 1e10, .5, -3, N'národní', _utf8mb4'中文';
SELECT @@version, NOW() AS `now`, DATABASE(), USER();
SELECT a, -- trailing note
       b  # another
FROM t /* block */ WHERE c = 1;
VALUES ROW(1, 2), ROW(3, 4);
TABLE users ORDER BY id LIMIT 3;
INSERT INTO users (name, email) VALUES ('张三', 'zhang@example.com');
INSERT INTO users (name, email) VALUES ('a', 'a@x.com'), ('b', 'b@x.com'), ('c', NULL);
INSERT INTO users SET name = 'x', email = 'x@y.z';
INSERT IGNORE INTO tags (name) VALUES ('new');
INSERT INTO counters (k, v) VALUES ('hits', 1) ON DUPLICATE KEY UPDATE v = v + 1;
INSERT INTO counters (k, v) VALUES ('hits', 1) ON DUPLICATE KEY UPDATE v = VALUES(v) + 1, updated_at = NOW();
INSERT INTO counters (k, v) VALUES ('hits', 1) AS new ON DUPLICATE KEY UPDATE v = new.v;
INSERT INTO archive (id, body) SELECT id, body FROM posts WHERE created_at < '2020-01-01';
INSERT INTO archive SELECT * FROM posts p JOIN users u ON u.id = p.user_id WHERE u.deleted = 1;
INSERT INTO t VALUES (DEFAULT, 1, NOW(), UUID(), (SELECT MAX(id) FROM x));
INSERT INTO t () VALUES ();
INSERT LOW_PRIORITY INTO logs (msg) VALUES ('hello; world');
INSERT INTO t (a) WITH c AS (SELECT 1 AS a) SELECT a FROM c;
REPLACE INTO settings (k, v) VALUES ('theme', 'dark');
REPLACE INTO settings SELECT k, v FROM settings_new;
UPDATE users SET name = 'x' WHERE id = 1;
UPDATE users SET login_count = login_count + 1, last_login = NOW() WHERE id = 42 LIMIT 1;
UPDATE users u JOIN orders o ON o.user_id = u.id SET u.vip = 1 WHERE o.amount > 1000;
UPDATE users u, profiles p SET u.name = p.name WHERE u.id = p.user_id;
UPDATE orders SET status = CASE WHEN paid = 1 AND shipped = 1 THEN 'done' ELSE 'open' END WHERE id IN (1, 2, 3);
UPDATE t SET doc = JSON_SET(doc, '$.a', 1) WHERE id = 3;
UPDATE t SET a = (SELECT MAX(b) FROM s WHERE s.id = t.id) WHERE t.id = 9;
UPDATE IGNORE t SET a = 1 WHERE b BETWEEN 1 AND 5;
UPDATE `my table` SET `my column` = 'v' WHERE `id` = 1;
UPDATE users SET deleted_at = CURRENT_TIMESTAMP WHERE deleted_at IS NULL AND last_login < DATE_SUB(NOW(), INTERVAL 2 YEAR);
UPDATE accounts SET balance = balance - 10.50 WHERE id = 1 AND balance >= 10.50;
UPDATE a SET x = 1 WHERE id IN (SELECT a_id FROM b WHERE y = 2);
UPDATE users SET bio = '第一行\n第二行', tags = 'a,b' WHERE id = 5;
DELETE FROM sessions WHERE expires_at < NOW();
DELETE FROM logs WHERE id < 1000 ORDER BY id LIMIT 500;
DELETE u FROM users u LEFT JOIN orders o ON o.user_id = u.id WHERE o.id IS NULL;
DELETE FROM a USING a INNER JOIN b ON a.id = b.id WHERE b.flag = 1;
DELETE a, b FROM a INNER JOIN b ON a.id = b.a_id WHERE a.x = 1;
DELETE FROM t WHERE id NOT IN (SELECT MIN(id) FROM (SELECT id, email FROM t) x GROUP BY email);
DELETE QUICK FROM t PARTITION (p1) WHERE a = 1;
WITH old AS (SELECT id FROM t WHERE y < 2000) DELETE FROM t WHERE id IN (SELECT id FROM old);
WITH x AS (SELECT 1 AS id) UPDATE t JOIN x ON x.id = t.id SET t.a = 1 WHERE t.b = 2;
CREATE TABLE users (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT COMMENT '主键',
  name VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci NOT NULL DEFAULT '' COMMENT '姓名; 含分号',
  status ENUM('on', 'off') NOT NULL DEFAULT 'on',
  flags SET('a', 'b') DEFAULT NULL,
  price DECIMAL(10, 2) NOT NULL DEFAULT 0.00,
  doc JSON,
  full_name VARCHAR(200) GENERATED ALWAYS AS (CONCAT(name, status)) STORED,
  created_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (id),
  UNIQUE KEY uk_name (name),
  KEY idx_created (created_at DESC, status),
  FULLTEXT KEY ft_name (name) WITH PARSER ngram,
  CONSTRAINT chk_price CHECK (price >= 0)
) ENGINE=InnoDB AUTO_INCREMENT=100 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC COMMENT='用户表';
CREATE TABLE IF NOT EXISTS orders (id INT PRIMARY KEY, user_id BIGINT UNSIGNED, CONSTRAINT fk_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE ON UPDATE NO ACTION) ENGINE = InnoDB;
CREATE TABLE users_copy LIKE users;
CREATE TABLE users_backup AS SELECT * FROM users WHERE id < 100;
CREATE TABLE report (PRIMARY KEY (id)) SELECT id, COUNT(*) AS c FROM orders GROUP BY id;
CREATE TABLE logs (id INT, d DATE) PARTITION BY RANGE (YEAR(d)) (PARTITION p0 VALUES LESS THAN (2020), PARTITION p1 VALUES LESS THAN MAXVALUE);
CREATE TABLE parts (id INT) PARTITION BY HASH (id) PARTITIONS 4;
CREATE TABLE lists (id INT) PARTITION BY LIST COLUMNS (id) (PARTITION a VALUES IN (1, 2), PARTITION b VALUES IN (3));
CREATE TABLE `begin` (`end` INT, `case` INT);
CREATE TEMPORARY TABLE tmp_ids (id INT PRIMARY KEY);
CREATE INDEX idx_email ON users (email);
CREATE UNIQUE INDEX uk_email ON users (email(32)) USING BTREE COMMENT 'unique' ALGORITHM=INPLACE LOCK=NONE;
CREATE FULLTEXT INDEX ft ON posts (title, body);
CREATE OR REPLACE VIEW active_users AS SELECT id, name FROM users WHERE status = 'on' WITH CHECK OPTION;
CREATE ALGORITHM=MERGE SQL SECURITY INVOKER VIEW v2 (a, b) AS SELECT id, name FROM users;
ALTER TABLE users ADD COLUMN age INT UNSIGNED NOT NULL DEFAULT 0 COMMENT '年龄' AFTER name;
ALTER TABLE users ADD COLUMN (a INT, b VARCHAR(10)), ADD INDEX idx_a (a), ALGORITHM=INSTANT;
ALTER TABLE users DROP COLUMN age, DROP INDEX idx_a, DROP FOREIGN KEY fk_x;
ALTER TABLE users MODIFY COLUMN name VARCHAR(128) NOT NULL, CHANGE COLUMN old_col new_col INT;
ALTER TABLE users RENAME COLUMN a TO b, RENAME INDEX i1 TO i2;
ALTER TABLE users RENAME TO members;
ALTER TABLE users ADD PRIMARY KEY (id), ADD UNIQUE KEY uk (email), ADD CONSTRAINT fk FOREIGN KEY (x) REFERENCES y (z);
ALTER TABLE users ALTER COLUMN status SET DEFAULT 'off', ALTER COLUMN flags DROP DEFAULT;
ALTER TABLE users CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci;
ALTER TABLE users ENGINE=InnoDB;
ALTER TABLE users AUTO_INCREMENT = 1000, COMMENT = 'x';
ALTER TABLE logs ADD PARTITION (PARTITION p2 VALUES LESS THAN (2030));
ALTER TABLE logs DROP PARTITION p0;
ALTER TABLE logs REORGANIZE PARTITION p1 INTO (PARTITION p1a VALUES LESS THAN (2025), PARTITION p1b VALUES LESS THAN MAXVALUE);
ALTER TABLE logs TRUNCATE PARTITION p0;
DROP TABLE IF EXISTS tmp1, tmp2;
DROP VIEW IF EXISTS v2;
DROP INDEX idx_email ON users;
DROP PROCEDURE IF EXISTS p1;
TRUNCATE TABLE staging;
RENAME TABLE users TO users_old, users_new TO users;
DROP TRIGGER IF EXISTS trg_a;
CREATE TRIGGER trg_a BEFORE UPDATE ON users FOR EACH ROW SET NEW.updated_at = NOW();
CREATE TRIGGER trg_b AFTER INSERT ON orders FOR EACH ROW
BEGIN
  IF NEW.amount > 100 THEN
    INSERT INTO audit_log (note) VALUES (CONCAT('big ', NEW.id));
  ELSEIF NEW.amount < 0 THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'negative';
  END IF;
  UPDATE users SET orders = orders + 1 WHERE id = NEW.user_id;
END;
DELIMITER $$
CREATE PROCEDURE fill(IN n INT, OUT total INT)
BEGIN
  DECLARE i INT DEFAULT 0;
  DECLARE done BOOLEAN DEFAULT FALSE;
  DECLARE cur CURSOR FOR SELECT id FROM users WHERE status = 'on';
  DECLARE CONTINUE HANDLER FOR NOT FOUND SET done = TRUE;
  WHILE i < n DO
    INSERT INTO numbers (n) VALUES (i);
    SET i = i + 1;
  END WHILE;
  lbl: LOOP
    IF done THEN LEAVE lbl; END IF;
    CASE i WHEN 1 THEN SELECT 1; ELSE BEGIN END; END CASE;
  END LOOP lbl;
  REPEAT SET i = i - 1; UNTIL i <= 0 END REPEAT;
  SELECT COUNT(*) INTO total FROM numbers;
END$$
CREATE FUNCTION full_name(a VARCHAR(50), b VARCHAR(50)) RETURNS VARCHAR(101) DETERMINISTIC
RETURN CONCAT(a, ' ', b)$$
DELIMITER ;
CREATE EVENT purge_sessions ON SCHEDULE EVERY 1 DAY STARTS '2024-01-01 00:00:00' DO DELETE FROM sessions WHERE expires_at < NOW();
CALL fill(10, @total);
SHOW TABLES;
SHOW CREATE TABLE users;
SHOW COLUMNS FROM users LIKE 'n%';
SHOW INDEX FROM users;
EXPLAIN SELECT * FROM users WHERE id = 1;
EXPLAIN FORMAT=JSON UPDATE users SET name = 'a' WHERE id = 1;
DESC users;
DESCRIBE users name;
ANALYZE TABLE users, orders;
OPTIMIZE TABLE users;
CHECK TABLE users;
SET NAMES utf8mb4;
INSERT INTO t (a, b) VALUES (1, 'multi
line
text'), (2, 'emoji 👍🏽 family 👨‍👩‍👧');
SELECT id FROM users WHERE (a, b) IN ((1, 2), (3, 4)) AND NOT (c <=> NULL) AND d REGEXP '^a.*' AND e RLIKE 'x' XOR f;
SELECT DATE '2024-01-01', TIME '10:00:00', TIMESTAMP '2024-01-01 10:00:00';
SELECT COUNT(DISTINCT a, b), STDDEV(c), BIT_OR(d), ANY_VALUE(e), JSON_ARRAYAGG(f) FROM t;
SELECT INET_ATON('1.2.3.4'), MD5('a'), SHA2('a', 256), HEX(AES_ENCRYPT('a', 'k')), UUID_TO_BIN(UUID());
INSERT INTO points (p) VALUES (ST_GeomFromText('POINT(1 1)', 4326));
SELECT a.b.c FROM a.b;
UPDATE t SET a = 1 WHERE b = 'x' OR c = 'y';
UPDATE t SET a = NULL WHERE a = '';
DELETE FROM t WHERE a IS NULL OR b = '';
SELECT * FROM users WHERE name LIKE '%张%' ESCAPE '!';
SELECT t1.a FROM t1 NATURAL LEFT JOIN t2 WHERE t1.a > ALL (SELECT b FROM t3) OR t1.a = ANY (SELECT c FROM t4);
SELECT * FROM t1, LATERAL (SELECT * FROM t2 WHERE t2.id = t1.id) AS l;
SELECT 姓名, 年龄 FROM 用户 WHERE 城市 = '北京';
/* migration 2024_01 */ ALTER TABLE t ADD COLUMN c1 INT NULL, ADD COLUMN c2 VARCHAR(255) NULL DEFAULT NULL;
/*!40101 SELECT 1 */;
