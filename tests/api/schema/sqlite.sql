-- A line for each column, key, index, trigger and virtual table. What the pragmas do not tell shows as the whole text of its table.
WITH tables AS (
    SELECT name, replace(sql, '"', '') AS sql FROM sqlite_master
    WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%' AND name NOT GLOB '*_search_*' AND name NOT GLOB 'sqlite_*'
        AND name <> 'seaql_migrations'
),
columns AS (
    SELECT t.name AS of_table, t.sql, c.*, substr(t.sql, instr(t.sql, ' ' || c.name || ' varchar')) AS said
    FROM tables t, pragma_table_xinfo(t.name) c
)
SELECT of_table || ' column ' || printf('%02d', cid + 1) || ' ' || name || ' ' || lower(type)
    || CASE WHEN "notnull" THEN ' NOT NULL' ELSE '' END || coalesce(' DEFAULT ' || dflt_value, '')
    || CASE WHEN pk > 0 THEN ' PRIMARY KEY ' || pk ELSE '' END
    || CASE WHEN hidden > 0 THEN substr(said, instr(said, ' GENERATED'),
        instr(said, CASE hidden WHEN 2 THEN ' VIRTUAL' ELSE ' STORED' END) - instr(said, ' GENERATED'))
        || CASE hidden WHEN 2 THEN ' VIRTUAL' ELSE ' STORED' END ELSE '' END AS line
FROM columns
UNION ALL
SELECT t.name || ' foreign key ' || group_concat(f."from", ', ') || ' to ' || f."table" || ' (' || group_concat(f."to", ', ')
    || ') ON DELETE ' || f.on_delete || ' ON UPDATE ' || f.on_update
FROM tables t, pragma_foreign_key_list(t.name) f GROUP BY t.name, f.id
UNION ALL
SELECT t.name || ' key by ' || CASE i.origin WHEN 'pk' THEN 'PRIMARY KEY' ELSE 'UNIQUE' END || ' ('
    || (SELECT group_concat(c.name, ', ') FROM pragma_index_info(i.name) c) || ')'
FROM tables t, pragma_index_list(t.name) i WHERE i.origin <> 'c'
UNION ALL
SELECT tbl_name || ' ' || type || ' ' || sql FROM sqlite_master WHERE type <> 'table' AND sql IS NOT NULL
UNION ALL
SELECT name || ' ' || sql FROM sqlite_master WHERE sql LIKE 'CREATE VIRTUAL%'
UNION ALL
SELECT name || ' as a whole ' || sql FROM tables
WHERE sql LIKE '%CHECK%' OR sql LIKE '%COLLATE%' OR sql LIKE '%AUTOINCREMENT%' OR sql LIKE '%DEFERR%' OR sql LIKE '%ON CONFLICT%'
    OR sql LIKE '%WITHOUT ROWID%' OR sql LIKE '%) STRICT%'
ORDER BY line
