-- A line for each column, constraint, index, trigger, function, and for whatever else there should be.
WITH relations AS (
    SELECT oid, relname, relkind FROM pg_class
    WHERE relnamespace = current_schema()::regnamespace AND relname NOT LIKE 'seaql\_migrations%'
)
SELECT line FROM (
    SELECT r.relname || ' column ' || lpad(row_number() OVER (PARTITION BY r.oid ORDER BY a.attnum)::text, 2, '0') || ' ' || a.attname || ' '
        || format_type(a.atttypid, a.atttypmod) || CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END
        || CASE a.attgenerated WHEN 's' THEN ' STORED AS ' WHEN '' THEN '' ELSE ' VIRTUAL AS ' END
        || CASE WHEN a.attgenerated = '' AND d.oid IS NOT NULL THEN ' DEFAULT ' ELSE '' END
        || coalesce(pg_get_expr(d.adbin, d.adrelid), '') || CASE WHEN a.attidentity <> '' THEN ' IDENTITY' ELSE '' END
        || CASE WHEN a.attcollation <> t.typcollation THEN ' COLLATE ' || a.attcollation::regcollation ELSE '' END AS line
    FROM relations r JOIN pg_attribute a ON a.attrelid = r.oid JOIN pg_type t ON t.oid = a.atttypid
    LEFT JOIN pg_attrdef d ON d.adrelid = r.oid AND d.adnum = a.attnum
    WHERE r.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
    UNION ALL
    -- Newer servers list NOT NULL here as well, which the columns say.
    SELECT r.relname || ' constraint ' || c.conname || ' ' || pg_get_constraintdef(c.oid)
    FROM relations r JOIN pg_constraint c ON c.conrelid = r.oid WHERE c.contype <> 'n'
    UNION ALL
    SELECT r.relname || ' index ' || regexp_replace(pg_get_indexdef(i.indexrelid), 'ON ' || current_schema() || '\.', 'ON ')
    FROM relations r JOIN pg_index i ON i.indrelid = r.oid
    UNION ALL
    SELECT r.relname || ' trigger ' || replace(pg_get_triggerdef(t.oid), ' ' || current_schema() || '.', ' ')
    FROM relations r JOIN pg_trigger t ON t.tgrelid = r.oid WHERE NOT t.tgisinternal
    UNION ALL
    SELECT 'function ' || regexp_replace(pg_get_functiondef(oid), '\s+', ' ', 'g')
    FROM pg_proc WHERE pronamespace = current_schema()::regnamespace
    UNION ALL
    SELECT relname || ' of another kind: ' || relkind::text FROM relations WHERE relkind NOT IN ('r', 'i')
) AS lines ORDER BY line COLLATE "C"
