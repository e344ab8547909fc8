-- What the server of the MySQL and MariaDB cases holds.
CREATE TABLE users (id INT PRIMARY KEY, name VARCHAR(50), email VARCHAR(100));
CREATE TABLE orders (id INT PRIMARY KEY, amount INT);
CREATE TABLE audit_log (note VARCHAR(200));
CREATE VIEW v_users AS SELECT id, name FROM users;
