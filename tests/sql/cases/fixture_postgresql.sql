-- What the server of the PostgreSQL cases holds.
CREATE TABLE users (id int PRIMARY KEY, name text, email text);
CREATE TABLE orders (id int PRIMARY KEY, amount int);
