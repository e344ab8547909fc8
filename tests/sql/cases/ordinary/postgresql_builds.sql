-- Ordinary SQL for servers built or equipped with more than the wheel's: nothing here may be denied.
SELECT uuid_generate_v4(), encode(digest('a', 'sha256'), 'hex'), crypt('x', gen_salt('bf', 4)), pgp_sym_encrypt('a', 'b');
SELECT xmlelement(name a, xmlattributes(1 AS b), 'c'), xmlforest(id, a), xmlconcat('<a/>', '<b/>'), xmlagg(xmlelement(name x)), xpath('/a', x) FROM t1 GROUP BY id;
SELECT xmlparse(DOCUMENT '<a/>'), xmlserialize(CONTENT x AS text), xmlpi(name php), xmlroot(x, version '1.0'), x IS DOCUMENT, xmlexists('/a' PASSING x) FROM docs;
SELECT t.* FROM docs, XMLTABLE('/rows/row' PASSING x COLUMNS id int PATH '@id', n FOR ORDINALITY) AS t;
INSERT INTO docs (x) VALUES ('<a>b</a>');
CREATE EXTENSION IF NOT EXISTS pgcrypto;
CREATE EXTENSION IF NOT EXISTS "uuid-ossp" WITH SCHEMA public;
CREATE EXTENSION IF NOT EXISTS postgis;
CREATE EXTENSION IF NOT EXISTS vector;
CREATE COLLATION german (provider = icu, locale = 'de');
SELECT id FROM items ORDER BY embedding <-> '[1,2,3]' LIMIT 5;
CREATE INDEX ON items USING hnsw (embedding vector_l2_ops) WITH (m = 16);
SELECT ST_AsText(geom), ST_Distance(geom, ST_SetSRID(ST_MakePoint(1, 2), 4326)) FROM places WHERE ST_DWithin(geom, ST_GeomFromText('POINT(1 1)', 4326), 100);
UPDATE places SET geom = ST_Transform(geom, 3857) WHERE ST_SRID(geom) = 4326;
ALTER TABLE users OWNER TO app;
