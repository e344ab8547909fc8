-- Ordinary application SQL and migrations: nothing here may be denied.
SELECT 1;
SELECT id, name FROM dbo.users WHERE id = 1;
SELECT u.id, COUNT(*) AS n FROM users AS u LEFT JOIN orders o ON o.user_id = u.id GROUP BY u.id HAVING COUNT(*) > 3 ORDER BY n DESC;
SELECT DISTINCT city FROM addresses WHERE country IN ('CN', N'美国');
SELECT ISNULL(nickname, name), COALESCE(a, b, N'匿名') FROM users;
SELECT TOP (10) * FROM users ORDER BY id DESC;
SELECT TOP 5 PERCENT WITH TIES id FROM users ORDER BY score;
SELECT * FROM users ORDER BY id OFFSET 10 ROWS FETCH NEXT 5 ROWS ONLY;
SELECT [id], [my column], [a]]b], "quoted" FROM [dbo].[my table];
SELECT * FROM users WITH (NOLOCK) WHERE id = 1;
SELECT * FROM users (NOLOCK) WHERE id = 1;
SELECT * FROM users u WITH (INDEX(ix_users), READPAST) OPTION (RECOMPILE, MAXDOP 1);
SELECT name + N', ' + city, a % 2, b & 1, ~c FROM t WHERE a !> 1 AND b !< 2 AND c != 3;
SELECT CASE WHEN a > 0 THEN 'pos' ELSE 'neg' END AS sign_of FROM t;
SELECT IIF(a > 0, 1, 0), CHOOSE(2, 'a', 'b'), NULLIF(a, 0) FROM t;
SELECT CAST('1' AS DECIMAL(10, 2)), CONVERT(VARCHAR(10), GETDATE(), 120), TRY_CAST(x AS INT) FROM t;
SELECT DATEADD(DAY, 1, created_at), DATEDIFF(MINUTE, a, b), DATEPART(YEAR, c), EOMONTH(d) FROM t;
SELECT FORMAT(GETDATE(), 'yyyy-MM'), SYSUTCDATETIME(), SYSDATETIMEOFFSET() AT TIME ZONE 'UTC';
SELECT LEFT(name, 3), RIGHT(name, 2), SUBSTRING(name, 1, 2), LEN(name), CHARINDEX('x', name), REPLACE(name, 'a', 'b'), STUFF(name, 1, 2, 'z') FROM users;
SELECT STRING_AGG(name, ', ') WITHIN GROUP (ORDER BY name) FROM users;
SELECT value FROM STRING_SPLIT('a,b', ',');
SELECT JSON_VALUE(doc, '$.a'), JSON_QUERY(doc, '$.b') FROM docs WHERE ISJSON(doc) = 1;
SELECT j.id FROM docs CROSS APPLY OPENJSON(doc) WITH (id INT '$.id', name NVARCHAR(50) '$.name') AS j;
SELECT x.n.value('(./@id)[1]', 'int') FROM docs CROSS APPLY doc.nodes('/a/b') AS x(n);
SELECT ROW_NUMBER() OVER (PARTITION BY dept ORDER BY salary DESC) AS rn FROM emp;
SELECT SUM(x) OVER (ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW), LAG(x, 1) OVER (ORDER BY id) FROM t;
WITH recent AS (SELECT * FROM orders WHERE created_at > DATEADD(DAY, -7, GETDATE())) SELECT COUNT(*) FROM recent;
WITH n AS (SELECT 1 AS x UNION ALL SELECT x + 1 FROM n WHERE x < 10) SELECT x FROM n OPTION (MAXRECURSION 100);
SELECT * FROM (VALUES (1, 'a'), (2, 'b')) AS t(id, name);
SELECT * FROM depts d OUTER APPLY (SELECT TOP 1 * FROM emp e WHERE e.dept = d.id ORDER BY e.salary DESC) x;
SELECT * FROM sales PIVOT (SUM(amount) FOR quarter IN ([Q1], [Q2])) AS p;
SELECT * FROM sales UNPIVOT (amount FOR quarter IN (q1, q2)) AS u;
SELECT id FROM a UNION ALL SELECT id FROM b EXCEPT SELECT id FROM c INTERSECT SELECT id FROM d;
SELECT dept, SUM(x) FROM sales GROUP BY ROLLUP (dept, city);
SELECT dept, SUM(x) FROM sales GROUP BY GROUPING SETS ((dept), ());
SELECT name FROM users FOR JSON PATH, ROOT('users');
SELECT name FROM users FOR XML PATH('user'), TYPE;
SELECT * FROM orders FOR SYSTEM_TIME AS OF '2024-01-01' WHERE id = 1;
SELECT * FROM docs WHERE CONTAINS(body, N'"word*"');
SELECT * FROM a INNER HASH JOIN b ON a.id = b.id LEFT MERGE JOIN c ON c.id = b.id;
SELECT * FROM a CROSS JOIN b;
SELECT 'it''s; fine', N'a--b', 'a/*b*/', 0x1F, $1.50, 1e5, .5;
SELECT 1 /* outer /* nested; */ comment */ + 1 -- and; this
;
SELECT @@VERSION, @@ROWCOUNT, SCOPE_IDENTITY(), NEWID(), DB_NAME();
SELECT NEXT VALUE FOR dbo.order_seq;
SELECT name FROM sys.tables WHERE schema_id = SCHEMA_ID('dbo');
SELECT COLUMN_NAME FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_NAME = 'users';
SELECT * FROM db..t WHERE id = 1;
SELECT * FROM users WHERE name LIKE '%[a-z]%' ESCAPE '\';
SELECT * FROM users WHERE EXISTS (SELECT 1 FROM orders WHERE orders.user_id = users.id) AND id > ALL (SELECT 1);
SELECT name COLLATE Latin1_General_CI_AS FROM users;
INSERT INTO users (name, email) VALUES (N'张三', 'zhang@example.com');
INSERT users (name) VALUES ('a'), ('b');
INSERT INTO users DEFAULT VALUES;
INSERT INTO users (name) OUTPUT inserted.id VALUES ('a');
INSERT INTO users (name) OUTPUT inserted.id, inserted.name INTO audit (id, name) VALUES ('a');
INSERT INTO archive SELECT * FROM orders WHERE created_at < '2020-01-01';
INSERT INTO archive (id) SELECT id FROM a UNION ALL SELECT id FROM b;
INSERT TOP (10) INTO archive (id) SELECT id FROM orders;
INSERT INTO orders (id) VALUES (NEXT VALUE FOR dbo.order_seq);
WITH s AS (SELECT * FROM staging) INSERT INTO users (name) SELECT name FROM s;
UPDATE users SET name = N'x', updated_at = GETDATE() WHERE id = 1;
UPDATE users SET score += 1 WHERE id = 1;
UPDATE u SET u.name = s.name FROM users AS u INNER JOIN staging s ON s.id = u.id WHERE s.ok = 1;
UPDATE TOP (100) orders SET state = 2 WHERE state = 1;
UPDATE users SET name = 'x' OUTPUT deleted.name, inserted.name WHERE id = 1;
UPDATE users SET doc.modify('replace value of (/a/text())[1] with "x"') WHERE id = 1;
UPDATE users SET note = CASE WHEN note IS NULL THEN '' ELSE note END WHERE id IN (SELECT user_id FROM orders);
WITH d AS (SELECT id, ROW_NUMBER() OVER (PARTITION BY name ORDER BY id) AS rn FROM users) DELETE FROM d WHERE rn > 1;
DELETE FROM orders WHERE id = 1;
DELETE orders WHERE id IN (1, 2, 3);
DELETE o FROM orders AS o INNER JOIN users u ON u.id = o.user_id WHERE u.gone = 1;
DELETE TOP (1000) FROM logs WHERE at < '2020-01-01';
DELETE FROM users OUTPUT deleted.id WHERE id = 1;
MERGE INTO users AS t USING staging AS s ON t.id = s.id WHEN MATCHED THEN UPDATE SET name = s.name WHEN NOT MATCHED BY TARGET THEN INSERT (id, name) VALUES (s.id, s.name) WHEN NOT MATCHED BY SOURCE THEN DELETE;
MERGE users WITH (HOLDLOCK) AS t USING (VALUES (1, N'a')) AS s (id, name) ON t.id = s.id WHEN MATCHED AND t.name <> s.name THEN UPDATE SET name = s.name OUTPUT $action, inserted.id;
UPDATE a SET x = 1 WHERE id = 1
UPDATE b SET y = 2 WHERE id = 2
DELETE FROM c WHERE id = 3
INSERT INTO d (id) VALUES (4)
SELECT COUNT(*) FROM d
GO
CREATE TABLE dbo.users (id INT IDENTITY(1, 1) NOT NULL CONSTRAINT pk_users PRIMARY KEY CLUSTERED, name NVARCHAR(100) NOT NULL, email VARCHAR(255) NULL UNIQUE, created_at DATETIME2(3) NOT NULL DEFAULT SYSUTCDATETIME());
CREATE TABLE orders (id BIGINT PRIMARY KEY, user_id INT NOT NULL REFERENCES dbo.users (id) ON DELETE CASCADE ON UPDATE NO ACTION, amount DECIMAL(18, 2) CHECK (amount >= 0), total AS (amount * 2) PERSISTED, INDEX ix_user NONCLUSTERED (user_id));
CREATE TABLE prices (id INT PRIMARY KEY, v INT, vf DATETIME2 GENERATED ALWAYS AS ROW START, vt DATETIME2 GENERATED ALWAYS AS ROW END, PERIOD FOR SYSTEM_TIME (vf, vt)) WITH (SYSTEM_VERSIONING = ON);
CREATE TABLE #tmp (id INT);
SELECT id, name INTO users_copy FROM users WHERE 1 = 0;
CREATE INDEX ix_users_name ON dbo.users (name) INCLUDE (email) WHERE email IS NOT NULL;
CREATE UNIQUE NONCLUSTERED INDEX ux_users_email ON users (email DESC) WITH (ONLINE = ON, DROP_EXISTING = ON);
CREATE CLUSTERED COLUMNSTORE INDEX cci ON facts;
CREATE SEQUENCE dbo.order_seq AS BIGINT START WITH 1 INCREMENT BY 1;
CREATE SYNONYM s_users FOR dbo.users;
CREATE TYPE dbo.IdList AS TABLE (id INT PRIMARY KEY);
CREATE TYPE dbo.Phone FROM VARCHAR(20) NOT NULL;
CREATE STATISTICS st_users ON users (name, email) WITH FULLSCAN;
CREATE SCHEMA sales;
GO
CREATE VIEW dbo.v_users AS SELECT id, name FROM dbo.users WITH CHECK OPTION;
GO
CREATE OR ALTER VIEW v2 (a) WITH SCHEMABINDING AS WITH x AS (SELECT 1 AS a) SELECT a FROM x;
GO
CREATE PROCEDURE dbo.p_close @id INT, @note NVARCHAR(100) = NULL AS
BEGIN
  SET NOCOUNT ON;
  DECLARE @state INT;
  SELECT @state = state FROM users WHERE id = @id;
  IF @state = 1
    UPDATE orders SET closed = CASE WHEN closed IS NULL THEN 1 ELSE closed END WHERE user_id = @id;
  ELSE
    PRINT N'nothing to do';
END
GO
CREATE FUNCTION dbo.f_tax (@amount DECIMAL(18, 2)) RETURNS DECIMAL(18, 2) AS
BEGIN
  RETURN ROUND(@amount * 0.13, 2);
END
GO
CREATE FUNCTION dbo.f_orders (@user INT) RETURNS TABLE AS RETURN (SELECT * FROM orders WHERE user_id = @user);
GO
CREATE TRIGGER trg_users ON dbo.users AFTER INSERT, UPDATE AS
BEGIN
  IF UPDATE(name) INSERT INTO audit (id) SELECT id FROM inserted;
END
GO
IF NOT EXISTS (SELECT 1 FROM sys.columns WHERE object_id = OBJECT_ID('dbo.users') AND name = 'age')
  ALTER TABLE dbo.users ADD age INT NULL
GO
DECLARE @n INT = 10;
WHILE @n > 0
BEGIN
  DELETE TOP (100) FROM logs WHERE at < '2020-01-01';
  SET @n = @n - 1;
END
GO
ALTER TABLE users ADD note NVARCHAR(200) NULL, flag BIT NOT NULL CONSTRAINT df_flag DEFAULT 0;
ALTER TABLE users ALTER COLUMN name NVARCHAR(200) NOT NULL;
ALTER TABLE users WITH CHECK ADD CONSTRAINT fk_dept FOREIGN KEY (dept_id) REFERENCES depts (id);
ALTER TABLE users NOCHECK CONSTRAINT fk_dept;
ALTER TABLE users DROP CONSTRAINT IF EXISTS df_flag;
ALTER TABLE users DROP COLUMN note, flag;
ALTER TABLE users REBUILD WITH (DATA_COMPRESSION = PAGE);
ALTER TABLE logs SWITCH PARTITION 1 TO logs_old PARTITION 1;
ALTER INDEX ix_users_name ON users REBUILD WITH (ONLINE = ON);
ALTER INDEX ALL ON users REORGANIZE;
ALTER INDEX ix_users_name ON users DISABLE;
ALTER SEQUENCE order_seq RESTART WITH 100;
ALTER SCHEMA sales TRANSFER dbo.orders;
ALTER VIEW v_users AS SELECT id FROM users;
GO
DROP TABLE IF EXISTS old_users, older_users;
DROP INDEX ix_users_name ON users;
DROP INDEX IF EXISTS ix_b ON dbo.users;
DROP VIEW IF EXISTS v_users;
DROP PROCEDURE p_close;
DROP FUNCTION IF EXISTS dbo.f_tax;
DROP TRIGGER trg_users;
DROP SEQUENCE order_seq;
DROP SYNONYM s_users;
DROP TYPE dbo.IdList;
DROP SCHEMA sales;
TRUNCATE TABLE staging;
EXEC sp_rename 'dbo.users.name', 'full_name', 'COLUMN';
EXEC sys.sp_addextendedproperty @name = N'MS_Description', @value = N'用户表', @level0type = N'SCHEMA', @level0name = N'dbo';
EXEC dbo.p_close @id = 1, @note = N'x';
EXECUTE dbo.p_close 1;
DISABLE TRIGGER trg_users ON dbo.users;
ENABLE TRIGGER trg_users ON dbo.users;
SET NOCOUNT ON;
SET ANSI_NULLS ON;
SET QUOTED_IDENTIFIER ON;
SET IDENTITY_INSERT dbo.users ON;
UPDATE STATISTICS dbo.users;
PRINT N'done';
